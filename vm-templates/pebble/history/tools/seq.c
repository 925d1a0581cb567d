/* SPDX-License-Identifier: Apache-2.0 */
/* seq FIRST LAST: the numbers from one to the other */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	s64 first;
	s64 last;

	if (argc != 3 || !whole_number(argv[1], &first) || !whole_number(argv[2], &last)) {
		print_to(STDERR, "usage: seq FIRST LAST\n");
		return 2;
	}
	for (; first <= last; first++)
		print("%ld\n", first);
	return 0;
}
