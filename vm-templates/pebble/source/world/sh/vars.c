/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: those of the environment, and the shell's own. */
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct var {
	struct var *next;
	char *name;
	char *value;
};

int last_status;

static struct var *vars;

size_t name_length(const char *text)
{
	size_t length = 0;

	while (is_alpha(text[length]) || text[length] == '_' ||
	       (length && is_digit(text[length])))
		length++;
	return length;
}

static struct var *find(const char *name)
{
	struct var *var;

	for (var = vars; var; var = var->next) {
		if (strcmp(var->name, name) == 0)
			break;
	}
	return var;
}

const char *var_get(const char *name)
{
	struct var *var = find(name);

	return var ? var->value : env_get(name);
}

/* A variable that is exported already changes in the environment. */
void var_set(const char *name, size_t length, const char *value)
{
	char *copy = malloc(length + 1);
	struct var *var;

	if (!copy)
		return;
	copy_string(copy, name, length + 1);
	var = find(copy);
	if (!var && env_get(copy)) {
		env_set(copy, value);
		free(copy);
		return;
	}
	if (!var) {
		var = zalloc(sizeof(*var));
		if (!var)
			return;
		var->name = copy;
		var->next = vars;
		vars = var;
	} else {
		free(copy);
		free(var->value);
	}
	var->value = strdup(value);
}

void var_export(const char *name)
{
	struct var *var = find(name);
	struct var **link;

	if (!var)
		return;
	env_set(name, var->value);
	for (link = &vars; *link != var; link = &(*link)->next)
		;
	*link = var->next;
	free(var->name);
	free(var->value);
	free(var);
}
