/* SPDX-License-Identifier: Apache-2.0 */
/* rmdir PATH...: removes empty directories */
#include <stdio.h>
#include <stdlib.h>
#include <sys.h>

int main(int argc, char **argv)
{
	int failed = 0;
	int err;
	int i;

	for (i = 1; i < argc; i++) {
		err = sys_rmdir(argv[i]);
		if (err < 0) {
			warn("%s: %s", argv[i], error_text(err));
			failed = 1;
		}
	}
	return failed;
}
