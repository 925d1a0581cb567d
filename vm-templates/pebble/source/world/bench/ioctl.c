/* SPDX-License-Identifier: Apache-2.0 */
/* Picks of /dev/pebble: the time goes into the search of the slot table. */
#include <pebble/ioctl.h>
#include <sys.h>

#include "bench.h"

static int device;

/* The table starts from its first state, so that every run does the same. */
static int start(void)
{
	device = sys_open("/dev/pebble", O_RDWR | O_CLOEXEC, 0);
	if (device < 0)
		return device;
	return sys_ioctl(device, PEBBLE_IOC_RESET, NULL);
}

static int work(u64 rounds)
{
	struct pebble_pick pick;
	int err = 0;

	while (rounds-- && err == 0)
		err = sys_ioctl(device, PEBBLE_IOC_PICK, &pick);
	return err;
}

const struct bench bench_ioctl = {
	.name = "ioctl",
	.unit = "ops/s",
	.warm_up = 2000,
	.rounds = 20000,
	.milli_per_round = 1000,
	.start = start,
	.work = work,
};
