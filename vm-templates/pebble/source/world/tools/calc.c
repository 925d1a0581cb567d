/* SPDX-License-Identifier: Apache-2.0 */
/* calc EXPRESSION…: + - * / % and brackets, on 64-bit whole numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *at;
static const char *problem;

static s64 sum(void);

static char peek(void)
{
	while (is_space(*at))
		at++;
	return *at;
}

static s64 factor(void)
{
	const char *end;
	s64 value;

	if (peek() == '-') {
		at++;
		return (s64)-(u64)factor();
	}
	if (peek() == '(') {
		at++;
		value = sum();
		if (peek() != ')')
			problem = "a bracket is missing";
		else
			at++;
		return value;
	}
	value = is_digit(*at) ? parse_number(at, &end, 0) : 0;
	if (!is_digit(*at))
		problem = "a number is missing";
	else
		at = end;
	return value;
}

static s64 divide(char operator, s64 left, s64 right)
{
	if (right == 0) {
		problem = "division by zero";
		return 0;
	}
	/* The one quotient that does not fit would end the program. */
	if (right == -1)
		return operator == '/' ? (s64)-(u64)left : 0;
	return operator == '/' ? left / right : left % right;
}

static s64 product(void)
{
	s64 value = factor();
	char operator;

	while (!problem && (peek() == '*' || peek() == '/' || peek() == '%')) {
		operator = *at++;
		if (operator == '*')
			value = (s64)((u64)value * (u64)factor());
		else
			value = divide(operator, value, factor());
	}
	return value;
}

static s64 sum(void)
{
	s64 value = product();

	while (!problem && (peek() == '+' || peek() == '-')) {
		if (*at++ == '+')
			value = (s64)((u64)value + (u64)product());
		else
			value = (s64)((u64)value - (u64)product());
	}
	return value;
}

int main(int argc, char **argv)
{
	s64 value;
	int i;

	if (argc == 1) {
		print_to(STDERR, "usage: calc EXPRESSION...\n");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		at = argv[i];
		problem = NULL;
		value = sum();
		if (!problem && peek() != '\0')
			problem = "an operator is missing";
		if (problem) {
			warn("%s: %s", argv[i], problem);
			return 1;
		}
		print("%ld\n", value);
	}
	return 0;
}
