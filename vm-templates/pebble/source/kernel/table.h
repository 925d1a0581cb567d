/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
#ifndef PEBBLE_TABLE_H
#define PEBBLE_TABLE_H

#include <linux/mutex.h>
#include <pebble/ioctl.h>
#include <pebble/limits.h>

/* A slot's stamp is written without the lock by pebble_table_touch(). */
struct pebble_slot {
	u64 stamp;
	u32 weight;
	u32 zone;
};

struct pebble_table {
	struct mutex lock;
	struct pebble_slot *slots;
	u64 now;
	u64 picks;
	u64 touches;
	u32 hand;
};

int pebble_table_init(struct pebble_table *table);
void pebble_table_free(struct pebble_table *table);
void pebble_table_reset(struct pebble_table *table);
void pebble_table_pick(struct pebble_table *table, struct pebble_pick *pick);
int pebble_table_set(struct pebble_table *table, const struct pebble_set *set);
int pebble_table_touch(struct pebble_table *table, u32 slot);
void pebble_table_stat(struct pebble_table *table, struct pebble_stat *stat);
u32 pebble_table_count(struct pebble_table *table, u32 zone);

#endif
