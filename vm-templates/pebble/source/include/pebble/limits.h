/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes that the world and the kernel module agree on. */
#ifndef PEBBLE_LIMITS_H
#define PEBBLE_LIMITS_H

/* Slots of the table: a power of two, since positions wrap by a mask. */
#define PEBBLE_SLOTS 4096
#define PEBBLE_SLOT_MASK (PEBBLE_SLOTS - 1)

/* Weight of a slot, which is how fast it ages. */
#define PEBBLE_WEIGHT_MIN 1
#define PEBBLE_WEIGHT_MAX 255

/* Length of a zone's name, its final zero included. */
#define PEBBLE_NAME_MAX 16

#endif
