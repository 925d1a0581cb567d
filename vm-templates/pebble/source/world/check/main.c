/* SPDX-License-Identifier: Apache-2.0 */
/* check TOOL… | all: do the tools of this system answer as they must? */
#include <stdio.h>
#include <string.h>

#include "check.h"

static const struct check *const checks[] = {
	&check_calc,
	&check_echo,
	&check_sort,
	&check_sum,
};

static size_t run_check(const struct check *check)
{
	size_t wrong = 0;
	size_t i;

	for (i = 0; i < check->count; i++) {
		if (!run_case(check->tool, &check->cases[i]))
			wrong++;
	}
	print("check %s: %lu of %lu right\n", check->tool, check->count - wrong,
	      check->count);
	return wrong;
}

int main(int argc, char **argv)
{
	size_t wrong = 0;
	size_t known = 0;
	size_t i;
	int arg;

	for (arg = 1; arg < argc; arg++) {
		for (i = 0; i < ARRAY_SIZE(checks); i++) {
			if (strcmp(argv[arg], "all") != 0 &&
			    strcmp(argv[arg], checks[i]->tool) != 0)
				continue;
			known++;
			wrong += run_check(checks[i]);
		}
	}
	if (!known) {
		print_to(STDERR, "usage: check all | TOOL...\n");
		return 2;
	}
	return wrong != 0;
}
