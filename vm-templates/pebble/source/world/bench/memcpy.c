/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a block that fits into the caches, by the C library's memcpy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { BLOCK = 250 * 1000 };

static char *from;
static char *to;

static int start(void)
{
	from = malloc(BLOCK);
	to = malloc(BLOCK);
	if (!from || !to)
		return -ENOMEM;
	memset(from, 0x5a, BLOCK);
	return 0;
}

static int work(u64 rounds)
{
	while (rounds--)
		memcpy(to, from, BLOCK);
	return memcmp(to, from, BLOCK) == 0 ? 0 : -EIO;
}

const struct bench bench_memcpy = {
	.name = "memcpy",
	.unit = "MB/s",
	.warm_up = 40,
	.rounds = 500,
	.milli_per_round = 250,
	.start = start,
	.work = work,
};
