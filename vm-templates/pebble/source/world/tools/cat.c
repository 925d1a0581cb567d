/* SPDX-License-Identifier: Apache-2.0 */
/* cat [FILE…]: "-" is the standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

static long copy(int fd)
{
	static char buf[16384];
	long n;

	while ((n = sys_read(fd, buf, sizeof(buf))) > 0) {
		n = write_all(STDOUT, buf, (size_t)n);
		if (n < 0)
			break;
	}
	return n;
}

static int cat(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN : sys_open(path, O_RDONLY, 0);
	long err = fd;

	if (fd >= 0)
		err = copy(fd);
	if (fd >= 0 && !standard)
		sys_close(fd);
	if (err < 0)
		warn("%s: %s", path, error_text((int)err));
	return err < 0;
}

int main(int argc, char **argv)
{
	int failed = 0;
	int i;

	if (argc == 1)
		return cat("-");
	for (i = 1; i < argc; i++)
		failed |= cat(argv[i]);
	return failed;
}
