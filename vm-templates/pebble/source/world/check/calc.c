/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static const struct check_case cases[] = {
	{ NULL, "1 + 2 * 3", NULL, "7\n" },
	{ NULL, "(1 + 2) * 3", NULL, "9\n" },
	{ NULL, "100 - 10 - 1", NULL, "89\n" },
	{ NULL, "-7 / 2", NULL, "-3\n" },
	{ NULL, "0x40 % 10", NULL, "4\n" },
	{ NULL, "1000000 * 1000000", "17 % 5", "1000000000000\n2\n" },
};

const struct check check_calc = { "calc", cases, ARRAY_SIZE(cases) };
