/* SPDX-License-Identifier: Apache-2.0 */
/* Output by formats, and input by lines. Nothing is kept back in buffers. */
#ifndef STDIO_H
#define STDIO_H

#include <pebble/types.h>
#include <stdarg.h>

#define STDIN 0
#define STDOUT 1
#define STDERR 2

#define PRINTF(text, args) __attribute__((__format__(__printf__, text, args)))

int vformat(char *buf, size_t size, const char *format, va_list args);
PRINTF(3, 4) int format(char *buf, size_t size, const char *format, ...);
PRINTF(1, 2) void print(const char *format, ...);
PRINTF(2, 3) void print_to(int fd, const char *format, ...);
PRINTF(1, 2) void warn(const char *format, ...);

long write_all(int fd, const void *buf, size_t size);
long read_line(int fd, char *buf, size_t size);
char *read_all(int fd, size_t *size);

#endif
