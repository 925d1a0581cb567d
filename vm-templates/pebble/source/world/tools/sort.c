/* SPDX-License-Identifier: Apache-2.0 */
/* sort [-n] [-r]: the lines of the input in order; -n by their numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	const char *text;
	s64 number;
};

static int by_text(const void *a, const void *b)
{
	const struct line *left = a;
	const struct line *right = b;

	return strcmp(left->text, right->text);
}

static int by_number(const void *a, const void *b)
{
	const struct line *left = a;
	const struct line *right = b;

	if (left->number < right->number)
		return -1;
	if (left->number > right->number)
		return 1;
	return by_text(a, b);
}

static size_t count_lines(const char *text, size_t size)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < size; i++)
		count += text[i] == '\n';
	return count + (size && text[size - 1] != '\n');
}

static void split(char *text, struct line *lines, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		lines[i].text = text;
		lines[i].number = parse_number(text, NULL, 10);
		while (*text && *text != '\n')
			text++;
		*text++ = '\0';
	}
}

static int sort_input(bool numbers, bool reverse)
{
	size_t size;
	char *text = read_all(STDIN, &size);
	struct line *lines;
	size_t count;
	size_t i;

	if (!text)
		return 1;
	count = count_lines(text, size);
	lines = malloc(count * sizeof(*lines));
	if (!lines)
		return 1;
	split(text, lines, count);
	sort_items(lines, count, sizeof(*lines), numbers ? by_number : by_text);
	for (i = 0; i < count; i++)
		print("%s\n", lines[reverse ? count - 1 - i : i].text);
	return 0;
}

int main(int argc, char **argv)
{
	bool numbers = false;
	bool reverse = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-n") == 0) {
			numbers = true;
		} else if (strcmp(argv[i], "-r") == 0) {
			reverse = true;
		} else {
			print_to(STDERR, "usage: sort [-n] [-r]\n");
			return 2;
		}
	}
	return sort_input(numbers, reverse);
}
