/* SPDX-License-Identifier: Apache-2.0 */
/* head [COUNT]: the first lines of the input, ten if not told otherwise */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static char line[4096];
	s64 count = 10;

	if (argc > 1 && (!whole_number(argv[1], &count) || count < 0)) {
		print_to(STDERR, "usage: head [COUNT]\n");
		return 2;
	}
	while (count-- > 0 && read_line(STDIN, line, sizeof(line)) >= 0)
		print_to(STDOUT, "%.1000s\n", line);
	return 0;
}
