/* SPDX-License-Identifier: Apache-2.0 */
/* sh [-c COMMAND | FILE]: reads commands, line by line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "sh.h"

static int run_input(int fd)
{
	static char line[LINE_SIZE];
	long n;

	while ((n = read_line(fd, line, sizeof(line))) != -ENOENT) {
		if (n == -E2BIG) {
			warn("line of more than %d bytes", LINE_SIZE - 1);
			last_status = 2;
			continue;
		}
		if (n < 0) {
			warn("%s", error_text((int)n));
			return 1;
		}
		last_status = run_line(line);
	}
	return last_status;
}

/* The argument of -c may have several lines. */
static int run_text(char *text)
{
	char *newline;

	while ((newline = strchr(text, '\n')) != NULL) {
		*newline = '\0';
		last_status = run_line(text);
		text = newline + 1;
	}
	last_status = run_line(text);
	return last_status;
}

int main(int argc, char **argv)
{
	int fd;

	program_name = "sh";
	if (argc > 2 && strcmp(argv[1], "-c") == 0)
		return run_text(argv[2]);
	if (argc == 1)
		return run_input(STDIN);
	fd = sys_open(argv[1], O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0) {
		warn("%s: %s", argv[1], error_text(fd));
		return 127;
	}
	return run_input(fd);
}
