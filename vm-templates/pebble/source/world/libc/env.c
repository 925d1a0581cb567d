/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char **environ;

void env_init(char **envp)
{
	environ = envp;
}

static char **find(const char *name)
{
	size_t length = strlen(name);
	char **entry;

	for (entry = environ; *entry; entry++) {
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			break;
	}
	return entry;
}

const char *env_get(const char *name)
{
	char **entry = find(name);

	return *entry ? *entry + strlen(name) + 1 : NULL;
}

/* The old list may be the one on the stack: it is copied, never freed. */
int env_set(const char *name, const char *value)
{
	size_t length = strlen(name);
	size_t room = length + strlen(value) + 2;
	char *text = malloc(room);
	char **entry = find(name);
	size_t count;
	char **list;

	if (!text)
		return -ENOMEM;
	memcpy(text, name, length);
	text[length] = '=';
	copy_string(text + length + 1, value, room - length - 1);
	if (*entry) {
		*entry = text;
		return 0;
	}
	count = (size_t)(entry - environ);
	list = malloc((count + 2) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	memcpy(list, environ, count * sizeof(*list));
	list[count] = text;
	list[count + 1] = NULL;
	environ = list;
	return 0;
}
