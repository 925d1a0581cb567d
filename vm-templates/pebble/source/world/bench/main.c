/* SPDX-License-Identifier: Apache-2.0 */
/* bench NAME: does a fixed amount of work and tells how fast it went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "bench.h"

enum { NANOSECONDS = 1000000000 };

static const struct bench *const benches[] = {
	&bench_ioctl,
	&bench_syscall,
	&bench_memcpy,
};

static u64 now(void)
{
	struct sys_time time = { 0 };

	sys_clock(CLOCK_MONOTONIC, &time);
	return (u64)time.seconds * NANOSECONDS + (u64)time.nanoseconds;
}

/* The rate in thousandths: the product of all three would need 128 bits. */
static u64 milli_rate(const struct bench *bench, u64 nanoseconds)
{
	u64 amount = bench->rounds * bench->milli_per_round;
	u64 microseconds = nanoseconds / 1000;

	return amount * 1000000 / (microseconds ? microseconds : 1);
}

static int run(const struct bench *bench)
{
	u64 begin;
	u64 rate;
	int err = bench->start();

	if (err == 0)
		err = bench->work(bench->warm_up);
	begin = now();
	if (err == 0)
		err = bench->work(bench->rounds);
	if (err < 0) {
		warn("%s: %s", bench->name, error_text(err));
		return 1;
	}
	rate = milli_rate(bench, now() - begin);
	print("LAB_METRIC %s %lu.%03lu %s\n", bench->name, rate / 1000, rate % 1000,
	      bench->unit);
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (argc == 2 && strcmp(argv[1], benches[i]->name) == 0)
			return run(benches[i]);
	}
	print_to(STDERR, "usage: bench NAME, where NAME is one of:");
	for (i = 0; i < ARRAY_SIZE(benches); i++)
		print_to(STDERR, " %s", benches[i]->name);
	print_to(STDERR, "\n");
	return 2;
}
