/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
#ifndef PEBBLE_KERNEL_ZONES_H
#define PEBBLE_KERNEL_ZONES_H

#include <pebble/types.h>
#include <pebble/zones.h>

int pebble_zones_init(void);
int pebble_zone_name(u32 zone, char *name, size_t size);
u32 pebble_zone_find(const char *name);

#endif
