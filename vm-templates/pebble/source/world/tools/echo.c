/* SPDX-License-Identifier: Apache-2.0 */
/* echo [-n] [WORD…] */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	bool newline = true;
	int i = 1;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = false;
		i++;
	}
	for (; i < argc; i++) {
		write_all(STDOUT, argv[i], strlen(argv[i]));
		if (i + 1 < argc)
			write_all(STDOUT, " ", 1);
	}
	return newline && write_all(STDOUT, "\n", 1) < 0;
}
