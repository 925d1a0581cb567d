/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, pipelines and commands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "sh.h"

enum { SYNTAX_ERROR = 2, CANNOT_RUN = 126, NOT_FOUND = 127 };

struct allocation {
	struct allocation *next;
	max_align_t memory[];
};

static struct allocation *allocations;

void *line_alloc(size_t size)
{
	struct allocation *allocation = malloc(sizeof(*allocation) + size);

	if (!allocation) {
		warn("out of memory");
		return NULL;
	}
	allocation->next = allocations;
	allocations = allocation;
	return allocation->memory;
}

void line_free(void)
{
	struct allocation *next;

	for (; allocations; allocations = next) {
		next = allocations->next;
		free(allocations);
	}
}

/* NAME=value in front of a command; the name has no quotes. */
static bool is_assignment(const struct token *token)
{
	size_t length = name_length(token->text);

	return length && length < token->length && token->text[length] == '=';
}

static void assign(const struct token *token)
{
	size_t length = name_length(token->text);
	struct token value = {
		.kind = TOKEN_WORD,
		.text = token->text + length + 1,
		.length = token->length - length - 1,
	};
	char *text = "";

	expand(&value, &text);
	var_set(token->text, length, text);
}

static bool add_redirect(struct command *command, const struct token *token)
{
	struct redirect *redirect = &command->redirects[command->redirect_count];
	char *target;

	if (token[1].kind != TOKEN_WORD || command->redirect_count == REDIRECTS_MAX ||
	    !expand(&token[1], &target)) {
		warn("syntax error: no file to redirect to");
		return false;
	}
	redirect->kind = token->kind;
	redirect->fd = token->fd;
	redirect->target = target;
	command->redirect_count++;
	return true;
}

/* Reads one command; NULL if that fails, else the token after it. */
static const struct token *parse_command(const struct token *token, struct command *command)
{
	command->argc = 0;
	command->redirect_count = 0;
	for (;; token++) {
		switch (token->kind) {
		case TOKEN_WORD:
			if (command->argc == 0 && is_assignment(token)) {
				assign(token);
			} else if (command->argc == WORDS_MAX) {
				warn("too many words");
				return NULL;
			} else if (expand(token, &command->argv[command->argc])) {
				command->argc++;
			}
			break;
		case TOKEN_TO:
		case TOKEN_APPEND:
		case TOKEN_FROM:
			if (!add_redirect(command, token))
				return NULL;
			token++;
			break;
		default:
			command->argv[command->argc] = NULL;
			return token;
		}
	}
}

/* In the child: never returns. */
static _Noreturn void become(const struct command *command)
{
	int status = 0;
	int err;

	if (!redirect_all(command))
		sys_exit(1);
	if (command->argc == 0 || run_builtin(command, &status))
		sys_exit(status);
	err = exec_path(command->argv);
	warn("%s: %s", command->argv[0], error_text(err));
	sys_exit(err == -ENOENT ? NOT_FOUND : CANNOT_RUN);
}

static int wait_for(int pid)
{
	int status = 0;

	return pid < 0 || sys_wait(pid, &status) < 0 ? CANNOT_RUN : exit_code(status);
}

/* A command on its own: only a program, or a redirection, needs a child. */
static int run_single(const struct command *command)
{
	int status = 0;
	int pid;

	if (command->redirect_count == 0 &&
	    (command->argc == 0 || run_builtin(command, &status)))
		return status;
	pid = sys_fork();
	if (pid == 0)
		become(command);
	return wait_for(pid);
}

/* Starts one part of a pipeline; *input is replaced by the next one's. */
static int start_part(const struct command *command, int *input, bool last)
{
	int fds[2] = { -1, -1 };
	int pid;

	if (!last && sys_pipe(fds) < 0)
		return -1;
	pid = sys_fork();
	if (pid == 0) {
		if (*input != STDIN) {
			sys_dup2(*input, STDIN);
			sys_close(*input);
		}
		if (!last) {
			sys_dup2(fds[1], STDOUT);
			sys_close(fds[0]);
			sys_close(fds[1]);
		}
		become(command);
	}
	if (*input != STDIN)
		sys_close(*input);
	if (!last)
		sys_close(fds[1]);
	*input = fds[0];
	return pid;
}

/* The status is that of the last part; the others are waited for as well. */
static int run_pipeline(const struct token **token)
{
	static struct command command;
	static int pids[TOKENS_MAX];
	int input = STDIN;
	int count = 0;
	int status = 0;
	int i;

	*token = parse_command(*token, &command);
	if (*token && (*token)->kind != TOKEN_PIPE)
		return run_single(&command);
	while (*token) {
		bool last = (*token)->kind != TOKEN_PIPE;

		pids[count++] = start_part(&command, &input, last);
		if (last)
			break;
		*token = parse_command(*token + 1, &command);
	}
	if (!*token && input != STDIN)
		sys_close(input);
	for (i = 0; i < count; i++)
		status = wait_for(pids[i]);
	return status;
}

/* A command must stand before && || and |, and after them. */
static bool check_syntax(const struct token *token)
{
	enum token_kind before = TOKEN_SEMICOLON;

	for (;; before = token++->kind) {
		bool joins = token->kind >= TOKEN_AND && token->kind <= TOKEN_PIPE;
		bool ends = token->kind == TOKEN_END || token->kind == TOKEN_SEMICOLON;

		if ((joins && before != TOKEN_WORD) ||
		    (ends && before >= TOKEN_AND && before <= TOKEN_PIPE)) {
			warn("syntax error: a command is missing");
			return false;
		}
		if (token->kind == TOKEN_END)
			return true;
	}
}

int run_line(const char *line)
{
	static struct token tokens[TOKENS_MAX];
	const struct token *token = tokens;
	enum token_kind joint = TOKEN_SEMICOLON;

	if (!lex(line, tokens, TOKENS_MAX) || !check_syntax(tokens))
		return SYNTAX_ERROR;
	for (;;) {
		bool skip = (joint == TOKEN_AND && last_status != 0) ||
			    (joint == TOKEN_OR && last_status == 0);

		if (skip) {
			while (token->kind == TOKEN_WORD || token->kind >= TOKEN_PIPE)
				token++;
		} else if (token->kind != TOKEN_END && token->kind != TOKEN_SEMICOLON) {
			last_status = run_pipeline(&token);
		}
		if (!token) {
			last_status = SYNTAX_ERROR;
			break;
		}
		joint = token->kind;
		if (joint == TOKEN_END)
			break;
		token++;
	}
	line_free();
	return last_status;
}
