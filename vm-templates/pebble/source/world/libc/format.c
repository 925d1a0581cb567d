/* SPDX-License-Identifier: Apache-2.0 */
/* printf-like formats: %d %u %x with l and ll, %s, %c, %%, flags - and 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	char *buf;
	size_t size;
	size_t length;
};

struct spec {
	bool left;
	bool zero;
	int width;
	int precision;
	int longs;
};

static void put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->size)
		sink->buf[sink->length] = c;
	sink->length++;
}

static void put_padded(struct sink *sink, const struct spec *spec, const char *text,
		       size_t length)
{
	size_t width = (size_t)spec->width;
	size_t pad = width > length ? width - length : 0;
	size_t i;

	if (!spec->left) {
		/* The sign of a number comes before zeros. */
		if (spec->zero && length && *text == '-') {
			put(sink, '-');
			text++;
			length--;
		}
		for (i = 0; i < pad; i++)
			put(sink, spec->zero ? '0' : ' ');
	}
	for (i = 0; i < length; i++)
		put(sink, text[i]);
	if (spec->left) {
		for (i = 0; i < pad; i++)
			put(sink, ' ');
	}
}

static void put_number(struct sink *sink, const struct spec *spec, u64 value, bool negative,
		       u32 base)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		digits[--at] = '-';
	put_padded(sink, spec, digits + at, sizeof(digits) - at);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	size_t length = 0;

	if (!text)
		text = "(null)";
	while (text[length] && (spec->precision < 0 || length < (size_t)spec->precision))
		length++;
	put_padded(sink, spec, text, length);
}

static int read_count(const char **format, va_list *args)
{
	int count = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(*args, int);
	}
	while (is_digit(**format))
		count = count * 10 + *(*format)++ - '0';
	return count;
}

static struct spec read_spec(const char **format, va_list *args)
{
	struct spec spec = { .precision = -1 };

	for (;; (*format)++) {
		if (**format == '-')
			spec.left = true;
		else if (**format == '0')
			spec.zero = true;
		else
			break;
	}
	spec.width = read_count(format, args);
	if (**format == '.') {
		(*format)++;
		spec.precision = read_count(format, args);
	}
	for (; **format == 'l' || **format == 'z'; (*format)++)
		spec.longs++;
	return spec;
}

static void put_conversion(struct sink *sink, const struct spec *spec, char conversion,
			   va_list *args)
{
	char c;
	s64 value;

	switch (conversion) {
	case 'd':
		value = spec->longs ? va_arg(*args, s64) : va_arg(*args, int);
		put_number(sink, spec, value < 0 ? -(u64)value : (u64)value, value < 0, 10);
		break;
	case 'u':
	case 'x':
		put_number(sink, spec, spec->longs ? va_arg(*args, u64) : va_arg(*args, u32),
			   false, conversion == 'x' ? 16 : 10);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_padded(sink, spec, &c, 1);
		break;
	case 's':
		put_string(sink, spec, va_arg(*args, const char *));
		break;
	default:
		put(sink, conversion);
	}
}

int vformat(char *buf, size_t size, const char *format, va_list args)
{
	struct sink sink = { .buf = buf, .size = size };
	struct spec spec;
	va_list rest;

	va_copy(rest, args);
	while (*format) {
		if (*format != '%') {
			put(&sink, *format++);
			continue;
		}
		format++;
		spec = read_spec(&format, &rest);
		if (!*format)
			break;
		put_conversion(&sink, &spec, *format++, &rest);
	}
	va_end(rest);
	if (size)
		buf[sink.length < size ? sink.length : size - 1] = '\0';
	return (int)sink.length;
}

int format(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vformat(buf, size, format, args);
	va_end(args);
	return length;
}
