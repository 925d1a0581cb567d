/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "sh.h"

static int do_cd(const struct command *command)
{
	const char *path = command->argc > 1 ? command->argv[1] : var_get("HOME");
	int err = sys_chdir(path ? path : "/");

	if (err < 0)
		warn("cd: %s: %s", path, error_text(err));
	return err < 0;
}

static int do_exit(const struct command *command)
{
	s64 status = last_status;

	if (command->argc > 1 && !whole_number(command->argv[1], &status))
		status = 2;
	exit((int)(status & 0xff));
}

static int do_export(const struct command *command)
{
	int i;

	for (i = 1; i < command->argc; i++) {
		char *word = command->argv[i];
		size_t length = name_length(word);
		bool value = word[length] == '=';

		if (!length || (word[length] && !value)) {
			warn("export: %s: not a name", word);
			return 1;
		}
		if (value)
			var_set(word, length, word + length + 1);
		word[length] = '\0';
		var_export(word);
	}
	return 0;
}

static int do_echo(const struct command *command)
{
	bool newline = command->argc < 2 || strcmp(command->argv[1], "-n") != 0;
	static char buf[2 * LINE_SIZE];
	size_t length = 0;
	int i;

	for (i = newline ? 1 : 2; i < command->argc; i++) {
		length += copy_string(buf + length, command->argv[i], sizeof(buf) - length);
		if (length + 2 > sizeof(buf))
			return 1;
		if (i + 1 < command->argc)
			buf[length++] = ' ';
	}
	if (newline)
		buf[length++] = '\n';
	return write_all(STDOUT, buf, length) < 0;
}

static int do_true(const struct command *command)
{
	(void)command;
	return 0;
}

static int do_false(const struct command *command)
{
	(void)command;
	return 1;
}

static const struct {
	const char *name;
	int (*run)(const struct command *command);
} builtins[] = {
	{ ":", do_true },
	{ "cd", do_cd },
	{ "echo", do_echo },
	{ "exit", do_exit },
	{ "export", do_export },
	{ "false", do_false },
	{ "true", do_true },
};

bool run_builtin(const struct command *command, int *status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(builtins); i++) {
		if (strcmp(command->argv[0], builtins[i].name) == 0) {
			*status = builtins[i].run(command);
			return true;
		}
	}
	return false;
}
