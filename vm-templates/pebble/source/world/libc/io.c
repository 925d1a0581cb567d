/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

enum { FORMAT_MAX = 1024 };

static void print_args(int fd, const char *format, va_list args)
{
	char buf[FORMAT_MAX];
	size_t length = (size_t)vformat(buf, sizeof(buf), format, args);

	write_all(fd, buf, length < sizeof(buf) ? length : sizeof(buf) - 1);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_args(STDOUT, format, args);
	va_end(args);
}

void print_to(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_args(fd, format, args);
	va_end(args);
}

/* A message to the user, in one write so that it stays in one piece. */
void warn(const char *message, ...)
{
	char buf[FORMAT_MAX];
	va_list args;

	va_start(args, message);
	vformat(buf, sizeof(buf), message, args);
	va_end(args);
	print_to(STDERR, "%s: %s\n", program_name, buf);
}

long write_all(int fd, const void *buf, size_t size)
{
	const char *from = buf;
	size_t done = 0;
	long n;

	while (done < size) {
		n = sys_write(fd, from + done, size - done);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		done += (size_t)n;
	}
	return (long)done;
}

/*
 * Reads a line, without its newline, byte by byte: what follows the line is
 * left for the programs that share this input. Returns the length, -ENOENT at
 * the end of the input, or -E2BIG after a line that did not fit.
 */
long read_line(int fd, char *buf, size_t size)
{
	size_t length = 0;
	bool any = false;
	char c;
	long n;

	for (;;) {
		n = sys_read(fd, &c, 1);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		if (n == 0 && !any)
			return -ENOENT;
		if (n == 0 || c == '\n')
			break;
		any = true;
		if (length + 1 < size)
			buf[length] = c;
		length++;
	}
	if (length >= size)
		return -E2BIG;
	buf[length] = '\0';
	return (long)length;
}

/* All of the input, with a zero after it; NULL if it cannot be read. */
char *read_all(int fd, size_t *size)
{
	size_t room = 4096;
	size_t length = 0;
	char *buf = malloc(room);
	char *bigger;
	long n;

	while (buf) {
		n = sys_read(fd, buf + length, room - length - 1);
		if (n == -EINTR)
			continue;
		if (n < 0)
			break;
		if (n == 0) {
			buf[length] = '\0';
			*size = length;
			return buf;
		}
		length += (size_t)n;
		if (length + 1 < room)
			continue;
		room *= 2;
		bigger = realloc(buf, room);
		if (!bigger)
			break;
		buf = bigger;
	}
	free(buf);
	return NULL;
}
