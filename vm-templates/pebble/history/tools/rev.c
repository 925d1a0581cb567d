/* SPDX-License-Identifier: Apache-2.0 */
/* rev: the lines of the input, each backwards */
#include <stdio.h>
#include <string.h>

int main(void)
{
	static char line[4096];
	long length;
	long i;

	while ((length = read_line(STDIN, line, sizeof(line) - 1)) >= 0) {
		for (i = 0; i < length / 2; i++) {
			char c = line[i];

			line[i] = line[length - 1 - i];
			line[length - 1 - i] = c;
		}
		line[length] = '\n';
		write_all(STDOUT, line, (size_t)length + 1);
	}
	return 0;
}
