/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (is_alpha(c))
		return (c | 0x20) - 'a' + 10;
	return 36;
}

s64 parse_number(const char *text, const char **end, int base)
{
	const char *at = text;
	const char *digits;
	bool negative;
	u64 value = 0;

	while (is_space(*at))
		at++;
	negative = *at == '-';
	if (*at == '-' || *at == '+')
		at++;
	if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x' &&
	    digit_value(at[2]) < 16) {
		base = 16;
		at += 2;
	}
	if (base == 0)
		base = 10;
	digits = at;
	while (digit_value(*at) < base)
		value = value * (u64)base + (u64)digit_value(*at++);
	if (end)
		*end = at == digits ? text : at;
	return (s64)(negative ? -value : value);
}

bool whole_number(const char *text, s64 *value)
{
	const char *end;

	*value = parse_number(text, &end, 0);
	return end != text && *end == '\0';
}
