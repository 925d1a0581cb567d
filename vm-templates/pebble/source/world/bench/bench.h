/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include <pebble/types.h>

struct bench {
	const char *name;
	const char *unit;
	/* How often the work is done: the warm-up pass, and the timed one. */
	u64 warm_up;
	u64 rounds;
	/* One round counts as this many thousandths of the unit. */
	u64 milli_per_round;
	int (*start)(void);
	int (*work)(u64 rounds);
};

extern const struct bench bench_ioctl;
extern const struct bench bench_syscall;
extern const struct bench bench_memcpy;

#endif
