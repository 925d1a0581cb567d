/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static const struct check_case cases[] = {
	{ "pear\napple\nfig\n", NULL, NULL, "apple\nfig\npear\n" },
	{ "10\n9\n-1\n", NULL, NULL, "-1\n10\n9\n" },
	{ "10\n9\n-1\n", "-n", NULL, "-1\n9\n10\n" },
	{ "4294967297\n2\n2147483651\n", "-n", NULL, "2\n2147483651\n4294967297\n" },
	{ "1\n3\n2", "-n", "-r", "3\n2\n1\n" },
};

const struct check check_sort = { "sort", cases, ARRAY_SIZE(cases) };
