/* SPDX-License-Identifier: Apache-2.0 */
/* What only the first programs of the system need. */
#include <cmdline.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

const char *cmdline_value(const char *name, const char *fallback, char *buf, size_t size)
{
	static char line[4096];
	size_t length = strlen(name);
	char *word = line;
	char *end;
	long n;
	int fd;

	fd = sys_open("/proc/cmdline", O_RDONLY, 0);
	if (fd < 0)
		return fallback;
	n = sys_read(fd, line, sizeof(line) - 1);
	sys_close(fd);
	line[n < 0 ? 0 : n] = '\0';
	for (; *word; word = end) {
		while (is_space(*word))
			word++;
		for (end = word; *end && !is_space(*end); end++)
			;
		if (*end)
			*end++ = '\0';
		if (strncmp(word, name, length) == 0 && word[length] == '=') {
			copy_string(buf, word + length + 1, size);
			return buf;
		}
	}
	return fallback;
}

int load_module(const char *path)
{
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return fd;
	err = sys_load_module(fd, "");
	sys_close(fd);
	return err == -EEXIST ? 0 : err;
}
