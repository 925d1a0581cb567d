/* SPDX-License-Identifier: Apache-2.0 */
/* The cheapest system call there is: the cost of entering the kernel. */
#include <sys.h>

#include "bench.h"

static int start(void)
{
	return 0;
}

static int work(u64 rounds)
{
	while (rounds--)
		sys_getppid();
	return 0;
}

const struct bench bench_syscall = {
	.name = "syscall",
	.unit = "ops/s",
	.warm_up = 50000,
	.rounds = 1000000,
	.milli_per_round = 1000,
	.start = start,
	.work = work,
};
