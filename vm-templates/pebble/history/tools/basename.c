/* SPDX-License-Identifier: Apache-2.0 */
/* basename PATH: what comes after the last slash */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *slash;

	if (argc != 2) {
		print_to(STDERR, "usage: basename PATH\n");
		return 2;
	}
	slash = strrchr(argv[1], '/');
	print("%s\n", slash ? slash + 1 : argv[1]);
	return 0;
}
