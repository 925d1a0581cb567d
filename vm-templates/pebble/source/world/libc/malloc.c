/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory in sizes that are powers of two, each with a list of free blocks.
 * Programs here are small and short-lived: nothing is given back to the kernel.
 */
#include <stdlib.h>
#include <string.h>
#include <sys.h>

enum {
	SMALLEST = 5, /* 32 bytes */
	LARGEST = 40,
	CHUNK = 64 * 1024,
};

struct block {
	u64 order;
	struct block *next;
};

enum { HEADER = 16 };

static struct block *free_blocks[LARGEST + 1];
static char *chunk;
static size_t chunk_left;

static char *carve(size_t size)
{
	char *memory;

	if (size >= CHUNK)
		return sys_map(size);
	if (size > chunk_left) {
		chunk = sys_map(CHUNK);
		chunk_left = chunk ? CHUNK : 0;
		if (!chunk)
			return NULL;
	}
	memory = chunk;
	chunk += size;
	chunk_left -= size;
	return memory;
}

void *malloc(size_t size)
{
	u64 order = SMALLEST;
	struct block *block;

	if (size > ((size_t)1 << LARGEST) - HEADER)
		return NULL;
	while (((size_t)1 << order) < size + HEADER)
		order++;
	block = free_blocks[order];
	if (block) {
		free_blocks[order] = block->next;
	} else {
		block = (struct block *)carve((size_t)1 << order);
		if (!block)
			return NULL;
		block->order = order;
	}
	return (char *)block + HEADER;
}

void *zalloc(size_t size)
{
	void *memory = malloc(size);

	return memory ? memset(memory, 0, size) : NULL;
}

void *realloc(void *old, size_t size)
{
	struct block *block;
	size_t room;
	void *memory;

	if (!old)
		return malloc(size);
	block = (struct block *)((char *)old - HEADER);
	room = ((size_t)1 << block->order) - HEADER;
	if (size <= room)
		return old;
	memory = malloc(size);
	if (memory) {
		memcpy(memory, old, room);
		free(old);
	}
	return memory;
}

void free(void *memory)
{
	struct block *block;

	if (!memory)
		return;
	block = (struct block *)((char *)memory - HEADER);
	block->next = free_blocks[block->order];
	free_blocks[block->order] = block;
}
