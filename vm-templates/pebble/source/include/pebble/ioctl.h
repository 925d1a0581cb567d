/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that /dev/pebble answers. */
#ifndef PEBBLE_IOCTL_H
#define PEBBLE_IOCTL_H

#include <pebble/limits.h>
#include <pebble/types.h>

#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
/* The layout of x86's request numbers; the world has no kernel headers. */
#define _IOC(dir, type, nr, size) \
	(((u32)(dir) << 30) | ((u32)(size) << 16) | ((u32)(type) << 8) | (u32)(nr))
#define _IO(type, nr) _IOC(0, type, nr, 0)
#define _IOW(type, nr, arg) _IOC(1, type, nr, sizeof(arg))
#define _IOR(type, nr, arg) _IOC(2, type, nr, sizeof(arg))
#define _IOWR(type, nr, arg) _IOC(3, type, nr, sizeof(arg))
#endif

/* The answer of PEBBLE_IOC_PICK: the slot to be used next, and its score. */
struct pebble_pick {
	u32 slot;
	u32 zone;
	u64 score;
};

/* The argument of PEBBLE_IOC_SET: what a slot is used for from now on. */
struct pebble_set {
	u32 slot;
	u32 zone;
	u32 weight;
	u32 reserved;
};

/* The answer of PEBBLE_IOC_STAT. */
struct pebble_stat {
	u64 now;
	u64 picks;
	u64 touches;
	u32 slots;
	u32 zones;
};

/* The argument and answer of PEBBLE_IOC_ZONE. */
struct pebble_zone_info {
	u32 zone;
	u32 slots;
	char name[PEBBLE_NAME_MAX];
};

#define PEBBLE_IOC_TYPE 'P'
#define PEBBLE_IOC_RESET _IO(PEBBLE_IOC_TYPE, 0)
#define PEBBLE_IOC_PICK _IOR(PEBBLE_IOC_TYPE, 1, struct pebble_pick)
#define PEBBLE_IOC_SET _IOW(PEBBLE_IOC_TYPE, 2, struct pebble_set)
#define PEBBLE_IOC_TOUCH _IOW(PEBBLE_IOC_TYPE, 3, u32)
#define PEBBLE_IOC_STAT _IOR(PEBBLE_IOC_TYPE, 4, struct pebble_stat)
#define PEBBLE_IOC_ZONE _IOWR(PEBBLE_IOC_TYPE, 5, struct pebble_zone_info)

#endif
