/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes and variables. A variable's value stays one word. */
#include <stdio.h>
#include <string.h>

#include "sh.h"

struct output {
	char *text; /* NULL in the first pass, which only measures */
	size_t length;
	bool quoted;
};

static void put(struct output *out, char c)
{
	if (out->text)
		out->text[out->length] = c;
	out->length++;
}

static void put_text(struct output *out, const char *text)
{
	while (*text)
		put(out, *text++);
}

static void put_var(struct output *out, const char *name, size_t length)
{
	char copy[128];
	const char *value;

	if (length >= sizeof(copy))
		return;
	memcpy(copy, name, length);
	copy[length] = '\0';
	value = var_get(copy);
	if (value)
		put_text(out, value);
}

/* What follows a $; returns how much of the word that took. */
static size_t put_dollar(struct output *out, const char *at)
{
	size_t length = name_length(at);
	char number[16];

	if (*at == '?') {
		format(number, sizeof(number), "%d", last_status);
		put_text(out, number);
		return 1;
	}
	if (*at == '{') {
		length = name_length(at + 1);
		if (length && at[length + 1] == '}') {
			put_var(out, at + 1, length);
			return length + 2;
		}
		length = 0;
	}
	if (length)
		put_var(out, at, length);
	else
		put(out, '$');
	return length;
}

static void put_word(struct output *out, const char *at, const char *end)
{
	char quote = '\0';

	while (at < end) {
		char c = *at++;

		if (quote == '\'' && c != '\'') {
			put(out, c);
		} else if (c == quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			out->quoted = true;
		} else if (c == '\\' && at < end && (!quote || strchr("\\\"$`", *at))) {
			put(out, *at++);
			out->quoted = true;
		} else if (c == '$') {
			at += put_dollar(out, at);
		} else {
			put(out, c);
		}
	}
}

bool expand(const struct token *word, char **text)
{
	struct output out = { 0 };

	put_word(&out, word->text, word->text + word->length);
	if (out.length == 0 && !out.quoted)
		return false;
	out.text = line_alloc(out.length + 1);
	*text = out.text;
	if (!out.text)
		return false;
	out.length = 0;
	put_word(&out, word->text, word->text + word->length);
	out.text[out.length] = '\0';
	return true;
}
