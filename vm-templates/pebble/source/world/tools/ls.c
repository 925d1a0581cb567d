/* SPDX-License-Identifier: Apache-2.0 */
/* ls [-a] [DIRECTORY]: names in order, one a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

struct list {
	char **names;
	size_t count;
	size_t room;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add(struct list *list, const char *name)
{
	char **bigger;

	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		bigger = realloc(list->names, list->room * sizeof(*bigger));
		if (!bigger)
			return false;
		list->names = bigger;
	}
	list->names[list->count] = strdup(name);
	return list->names[list->count++] != NULL;
}

static long read_names(int fd, bool all, struct list *list)
{
	static char buf[16384];
	struct sys_dirent *entry;
	long at;
	long n;

	while ((n = sys_getdents(fd, buf, sizeof(buf))) > 0) {
		for (at = 0; at < n; at += entry->length) {
			entry = (struct sys_dirent *)(buf + at);
			if ((all || entry->name[0] != '.') && !add(list, entry->name))
				return -ENOMEM;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	struct list list = { 0 };
	bool all = argc > 1 && strcmp(argv[1], "-a") == 0;
	const char *path = argc > 1 + all ? argv[1 + all] : ".";
	int fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0);
	long err = fd;
	size_t i;

	if (fd >= 0)
		err = read_names(fd, all, &list);
	if (err < 0) {
		warn("%s: %s", path, error_text((int)err));
		return 1;
	}
	sort_items(list.names, list.count, sizeof(*list.names), by_name);
	for (i = 0; i < list.count; i++)
		print("%s\n", list.names[i]);
	return 0;
}
