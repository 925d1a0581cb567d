/* SPDX-License-Identifier: Apache-2.0 */
/* Zones: every slot of the table belongs to one. */
#ifndef PEBBLE_ZONES_H
#define PEBBLE_ZONES_H

enum pebble_zone {
	PEBBLE_ZONE_FREE,
	PEBBLE_ZONE_PAGE,
	PEBBLE_ZONE_NAME,
	PEBBLE_ZONE_PIPE,
	PEBBLE_ZONES
};

#endif
