/* SPDX-License-Identifier: Apache-2.0 */
/* Integer types that the world and the kernel module agree on. */
#ifndef PEBBLE_TYPES_H
#define PEBBLE_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define PEBBLE_VERSION_MAJOR 1
#define PEBBLE_VERSION_MINOR 4

#endif
