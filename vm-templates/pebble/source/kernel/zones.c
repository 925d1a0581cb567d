// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* Names of the zones. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <pebble/limits.h>

#include "zones.h"

static const char *const zone_names[PEBBLE_ZONES] = {
	[PEBBLE_ZONE_FREE] = "free",
	[PEBBLE_ZONE_PAGE] = "page",
	[PEBBLE_ZONE_NAME] = "name",
	[PEBBLE_ZONE_PIPE] = "pipe",
};

/* Hashes of the names, so that a search compares strings only once. */
static u32 zone_hash[PEBBLE_ZONES];

static u32 hash_name(const char *name, size_t length)
{
	u32 hash = 2166136261u;
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (u8)name[i]) * 16777619u;
	return hash;
}

/* Returns -E2BIG if a name does not fit into what users are given. */
int pebble_zones_init(void)
{
	u32 zone;

	for (zone = 0; zone < PEBBLE_ZONES; zone++) {
		size_t length = strlen(zone_names[zone]);

		if (length >= PEBBLE_NAME_MAX)
			return -E2BIG;
		zone_hash[zone] = hash_name(zone_names[zone], length);
	}
	return 0;
}

int pebble_zone_name(u32 zone, char *name, size_t size)
{
	if (zone >= PEBBLE_ZONES)
		return -EINVAL;
	strscpy_pad(name, zone_names[zone], size);
	return 0;
}

/* Returns PEBBLE_ZONES if no zone has that name. */
u32 pebble_zone_find(const char *name)
{
	u32 hash = hash_name(name, strlen(name));
	u32 zone;

	for (zone = 0; zone < PEBBLE_ZONES; zone++) {
		if (zone_hash[zone] == hash && !strcmp(zone_names[zone], name))
			break;
	}
	return zone;
}
