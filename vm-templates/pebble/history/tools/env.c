/* SPDX-License-Identifier: Apache-2.0 */
/* env: the environment, one variable a line */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char **entry;

	for (entry = environ; *entry; entry++)
		print("%s\n", *entry);
	return 0;
}
