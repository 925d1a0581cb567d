// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* The slot table: which slot has waited longest, by its own measure? */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <pebble/zones.h>

#include "table.h"

/* How much a slot wants to be picked: its age, and heavy slots age faster. */
static inline u64 pebble_score(const struct pebble_slot *slot, u64 now)
{
	u64 age = now - READ_ONCE(slot->stamp);

	return age * slot->weight + (age >> slot->zone);
}

/*
 * Find the slot with the highest score among count slots from first on.
 * The loop is where the module spends its time: it stays inside one aligned
 * block of code, so its speed does not depend on where the linker puts it.
 */
static noinline __aligned(256) u32
pebble_scan(const struct pebble_table *table, u32 first, u32 count)
{
	const struct pebble_slot *slots = table->slots;
	u64 now = table->now;
	u32 victim = first & PEBBLE_SLOT_MASK;
	u64 best = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		u32 at = (first + i) & PEBBLE_SLOT_MASK;
		u64 score = pebble_score(&slots[at], now);

		if (score > best) {
			best = score;
			victim = at;
		}
	}
	return victim;
}

void pebble_table_pick(struct pebble_table *table, struct pebble_pick *pick)
{
	struct pebble_slot *slot;
	u32 victim;

	mutex_lock(&table->lock);
	table->now++;
	victim = pebble_scan(table, table->hand, PEBBLE_SLOTS);
	slot = &table->slots[victim];
	pick->slot = victim;
	pick->zone = slot->zone;
	pick->score = pebble_score(slot, table->now);
	WRITE_ONCE(slot->stamp, table->now);
	table->hand = victim + 1;
	table->picks++;
	mutex_unlock(&table->lock);
}

int pebble_table_set(struct pebble_table *table, const struct pebble_set *set)
{
	struct pebble_slot *slot;

	if (set->slot >= PEBBLE_SLOTS || set->zone >= PEBBLE_ZONES)
		return -EINVAL;
	if (set->weight < PEBBLE_WEIGHT_MIN || set->weight > PEBBLE_WEIGHT_MAX)
		return -ERANGE;

	mutex_lock(&table->lock);
	slot = &table->slots[set->slot];
	slot->zone = set->zone;
	slot->weight = set->weight;
	WRITE_ONCE(slot->stamp, table->now);
	mutex_unlock(&table->lock);
	return 0;
}

/* Users of a slot call this often; they do not wait for a running scan. */
int pebble_table_touch(struct pebble_table *table, u32 slot)
{
	if (slot >= PEBBLE_SLOTS)
		return -EINVAL;
	WRITE_ONCE(table->slots[slot].stamp, READ_ONCE(table->now));
	WRITE_ONCE(table->touches, READ_ONCE(table->touches) + 1);
	return 0;
}

void pebble_table_stat(struct pebble_table *table, struct pebble_stat *stat)
{
	mutex_lock(&table->lock);
	stat->now = table->now;
	stat->picks = table->picks;
	stat->touches = READ_ONCE(table->touches);
	stat->slots = PEBBLE_SLOTS;
	stat->zones = PEBBLE_ZONES;
	mutex_unlock(&table->lock);
}

u32 pebble_table_count(struct pebble_table *table, u32 zone)
{
	u32 count = 0;
	u32 i;

	mutex_lock(&table->lock);
	for (i = 0; i < PEBBLE_SLOTS; i++)
		count += table->slots[i].zone == zone;
	mutex_unlock(&table->lock);
	return count;
}

/* Weights differ from slot to slot, or the picks would go round in order. */
void pebble_table_reset(struct pebble_table *table)
{
	u32 i;

	mutex_lock(&table->lock);
	table->now = PEBBLE_SLOTS;
	table->picks = 0;
	table->touches = 0;
	table->hand = 0;
	for (i = 0; i < PEBBLE_SLOTS; i++) {
		struct pebble_slot *slot = &table->slots[i];

		slot->zone = PEBBLE_ZONE_FREE;
		slot->weight = PEBBLE_WEIGHT_MIN + (i * 2654435761u >> 28);
		WRITE_ONCE(slot->stamp, (i * 40503u) & PEBBLE_SLOT_MASK);
	}
	mutex_unlock(&table->lock);
}

int pebble_table_init(struct pebble_table *table)
{
	mutex_init(&table->lock);
	table->slots = kvcalloc(PEBBLE_SLOTS, sizeof(*table->slots), GFP_KERNEL);
	if (!table->slots)
		return -ENOMEM;
	pebble_table_reset(table);
	return 0;
}

void pebble_table_free(struct pebble_table *table)
{
	kvfree(table->slots);
	table->slots = NULL;
}
