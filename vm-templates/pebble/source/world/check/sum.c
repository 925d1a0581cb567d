/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static const struct check_case cases[] = {
	{ "", NULL, NULL, "00000001 0 -\n" },
	{ "abcde", NULL, NULL, "05c801f0 5 -\n" },
	{ "pebble\n", NULL, NULL, "0aff0275 7 -\n" },
};

const struct check check_sum = { "sum", cases, ARRAY_SIZE(cases) };
