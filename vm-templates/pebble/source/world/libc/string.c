/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

/* A word at any address, of any type: x86 has no need of alignment. */
typedef u64 __attribute__((may_alias, aligned(1))) word_at;

/* Whole words first, then the bytes that are left. */
void *memcpy(void *to, const void *from, size_t size)
{
	u8 *out = to;
	const u8 *in = from;

	for (; size >= sizeof(word_at); size -= sizeof(word_at)) {
		*(word_at *)out = *(const word_at *)in;
		out += sizeof(word_at);
		in += sizeof(word_at);
	}
	while (size--)
		*out++ = *in++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	u8 *out = to;
	const u8 *in = from;

	if (out <= in || out >= in + size)
		return memcpy(to, from, size);
	while (size--)
		out[size] = in[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	u8 *out = to;

	while (size--)
		*out++ = (u8)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const u8 *left = a;
	const u8 *right = b;

	for (; size; size--, left++, right++) {
		if (*left != *right)
			return *left - *right;
	}
	return 0;
}

size_t strlen(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	return (size_t)(end - text);
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size; size--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

char *strchr(const char *text, int wanted)
{
	for (; *text != (char)wanted; text++) {
		if (!*text)
			return NULL;
	}
	return (char *)text;
}

char *strrchr(const char *text, int wanted)
{
	const char *found = NULL;

	for (; *text; text++) {
		if (*text == (char)wanted)
			found = text;
	}
	return (char *)found;
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

/* Copies what fits, always with a final zero; returns the wanted length. */
size_t copy_string(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);
	size_t fits;

	if (size) {
		fits = length < size ? length : size - 1;
		memcpy(to, from, fits);
		to[fits] = '\0';
	}
	return length;
}

bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
