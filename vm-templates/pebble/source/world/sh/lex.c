/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sh.h"

static const struct {
	const char *text;
	enum token_kind kind;
	int fd;
} operators[] = {
	/* Longer ones come before those that they begin with. */
	{ "2>>", TOKEN_APPEND, 2 },
	{ "1>>", TOKEN_APPEND, 1 },
	{ "2>", TOKEN_TO, 2 },
	{ "1>", TOKEN_TO, 1 },
	{ "0<", TOKEN_FROM, 0 },
	{ ">>", TOKEN_APPEND, 1 },
	{ ">", TOKEN_TO, 1 },
	{ "<", TOKEN_FROM, 0 },
	{ "&&", TOKEN_AND, 0 },
	{ "||", TOKEN_OR, 0 },
	{ "|", TOKEN_PIPE, 0 },
	{ ";", TOKEN_SEMICOLON, 0 },
};

static size_t lex_operator(const char *at, struct token *token)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operators); i++) {
		if (starts_with(at, operators[i].text)) {
			token->kind = operators[i].kind;
			token->fd = operators[i].fd;
			return strlen(operators[i].text);
		}
	}
	return 0;
}

/* The length of a quoted part, its quotes included; 0 if it does not end. */
static size_t quoted_length(const char *at)
{
	char quote = *at;
	size_t i;

	for (i = 1; at[i]; i++) {
		if (at[i] == quote)
			return i + 1;
		if (quote == '"' && at[i] == '\\' && at[i + 1])
			i++;
	}
	return 0;
}

static size_t word_length(const char *at)
{
	size_t length = 0;
	size_t part;

	while (at[length] && !is_space(at[length]) && !strchr(";|<>", at[length])) {
		if (starts_with(at + length, "&&"))
			break;
		if (at[length] == '\\' && at[length + 1]) {
			part = 2;
		} else if (at[length] == '\'' || at[length] == '"') {
			part = quoted_length(at + length);
			if (!part)
				return 0;
		} else {
			part = 1;
		}
		length += part;
	}
	return length;
}

/* After > comes a word, which may be &1: that is the only place for a lone &. */
static size_t lex_word(const char *at, struct token *token, bool after_redirect)
{
	size_t length = word_length(at);

	if (length == 0) {
		warn("syntax error: a quote does not end");
		return 0;
	}
	if (at[0] == '&' && !(after_redirect && is_digit(at[1]) && length == 2)) {
		warn("syntax error at: %.20s", at);
		return 0;
	}
	token->kind = TOKEN_WORD;
	token->text = at;
	token->length = length;
	return length;
}

static bool is_redirect(enum token_kind kind)
{
	return kind == TOKEN_TO || kind == TOKEN_APPEND || kind == TOKEN_FROM;
}

bool lex(const char *line, struct token *tokens, size_t room)
{
	size_t count = 0;
	size_t length;

	for (;;) {
		while (is_space(*line))
			line++;
		if (count == room) {
			warn("too many words");
			return false;
		}
		if (!*line || *line == '#')
			break;
		length = lex_operator(line, &tokens[count]);
		if (!length)
			length = lex_word(line, &tokens[count],
					  count && is_redirect(tokens[count - 1].kind));
		if (!length)
			return false;
		line += length;
		count++;
	}
	tokens[count].kind = TOKEN_END;
	return true;
}
