/* SPDX-License-Identifier: Apache-2.0 */
/* wc: lines, words and bytes of the input */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	size_t size;
	size_t lines = 0;
	size_t words = 0;
	bool inside = false;
	const char *text = read_all(STDIN, &size);
	size_t i;

	if (!text)
		return 1;
	for (i = 0; i < size; i++) {
		lines += text[i] == '\n';
		words += !inside && !is_space(text[i]);
		inside = !is_space(text[i]);
	}
	print("%lu %lu %lu\n", lines, words, size);
	return 0;
}
