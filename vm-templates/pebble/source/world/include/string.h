/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STRING_H
#define STRING_H

#include <pebble/types.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *text, int wanted);
char *strrchr(const char *text, int wanted);
char *strdup(const char *text);
size_t copy_string(char *to, const char *from, size_t size);
bool starts_with(const char *text, const char *prefix);

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
