/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SH_H
#define SH_H

#include <pebble/types.h>

enum {
	LINE_SIZE = 16384 + 1,
	TOKENS_MAX = 4096,
	WORDS_MAX = 1024,
	REDIRECTS_MAX = 16,
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_SEMICOLON,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_PIPE,
	TOKEN_TO,
	TOKEN_APPEND,
	TOKEN_FROM,
};

/* A word keeps its quotes: they are taken away when it is expanded. */
struct token {
	enum token_kind kind;
	/* The descriptor that a redirection is for. */
	int fd;
	const char *text;
	size_t length;
};

struct redirect {
	enum token_kind kind;
	int fd;
	/* A file's name, or "&" and a digit. */
	const char *target;
};

/* What is between two pipes: its words are expanded. */
struct command {
	char *argv[WORDS_MAX + 1];
	int argc;
	struct redirect redirects[REDIRECTS_MAX];
	int redirect_count;
};

/* lex.c: false, with a message, if the line cannot be understood. */
bool lex(const char *line, struct token *tokens, size_t room);

/* expand.c: false if the word is empty and had no quotes. */
bool expand(const struct token *word, char **text);

/* vars.c */
extern int last_status;
const char *var_get(const char *name);
void var_set(const char *name, size_t length, const char *value);
void var_export(const char *name);
size_t name_length(const char *text);

/* builtin.c: commands that change the shell itself; false if it is none. */
bool run_builtin(const struct command *command, int *status);

/* redirect.c */
bool redirect_all(const struct command *command);

/* run.c */
int run_line(const char *line);

/* All memory of one line is released together, at the end of the line. */
void *line_alloc(size_t size);
void line_free(void);

#endif
