/* SPDX-License-Identifier: Apache-2.0 */
/* touch PATH...: makes files that are not there yet */
#include <stdio.h>
#include <stdlib.h>
#include <sys.h>

int main(int argc, char **argv)
{
	int failed = 0;
	int fd;
	int i;

	for (i = 1; i < argc; i++) {
		fd = sys_open(argv[i], O_WRONLY | O_CREAT, 0666);
		if (fd < 0) {
			warn("%s: %s", argv[i], error_text(fd));
			failed = 1;
			continue;
		}
		sys_close(fd);
	}
	return failed;
}
