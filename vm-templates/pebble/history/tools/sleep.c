/* SPDX-License-Identifier: Apache-2.0 */
/* sleep SECONDS: waits */
#include <stdio.h>
#include <stdlib.h>
#include <sys.h>

int main(int argc, char **argv)
{
	s64 seconds;

	if (argc != 2 || !whole_number(argv[1], &seconds) || seconds < 0) {
		print_to(STDERR, "usage: sleep SECONDS\n");
		return 2;
	}
	return sys_sleep((u64)seconds * 1000000000) < 0;
}
