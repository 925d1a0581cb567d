/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_H
#define CHECK_H

#include <pebble/types.h>

/* A tool's answer to some input is known beforehand. */
struct check_case {
	const char *input;
	const char *argument;
	const char *second;
	const char *answer;
};

struct check {
	const char *tool;
	const struct check_case *cases;
	size_t count;
};

extern const struct check check_sum;
extern const struct check check_sort;
extern const struct check check_calc;
extern const struct check check_echo;

/* True if the tool gave the right answer. */
bool run_case(const char *tool, const struct check_case *test);

#endif
