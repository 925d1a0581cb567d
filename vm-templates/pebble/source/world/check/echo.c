/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static const struct check_case cases[] = {
	{ NULL, "pebble", NULL, "pebble\n" },
	{ NULL, "two", "words", "two words\n" },
	{ NULL, "-n", "bare", "bare" },
};

const struct check check_echo = { "echo", cases, ARRAY_SIZE(cases) };
