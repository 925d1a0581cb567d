/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

enum { PATH_MAX = 4096 };

static int exec_in(const char *dir, size_t length, char *const argv[])
{
	char path[PATH_MAX];

	if (length + strlen(argv[0]) + 2 > sizeof(path))
		return -E2BIG;
	format(path, sizeof(path), "%.*s/%s", (int)length, dir, argv[0]);
	return sys_execve(path, argv, environ);
}

int exec_path(char *const argv[])
{
	const char *dir = env_get("PATH");
	const char *end;
	int result = -ENOENT;
	int err;

	if (strchr(argv[0], '/'))
		return sys_execve(argv[0], argv, environ);
	if (!dir)
		dir = "/bin:/sbin";
	for (;;) {
		end = strchr(dir, ':');
		err = exec_in(dir, end ? (size_t)(end - dir) : strlen(dir), argv);
		if (err != -ENOENT)
			result = err;
		if (!end)
			return result;
		dir = end + 1;
	}
}

int exit_code(int status)
{
	int signal = status & 0x7f;

	return signal ? 128 + signal : (status >> 8) & 0xff;
}

int run_program(char *const argv[])
{
	int pid = sys_fork();
	int status;
	int err;

	if (pid < 0)
		return pid;
	if (pid == 0) {
		err = exec_path(argv);
		warn("%s: %s", argv[0], error_text(err));
		sys_exit(err == -ENOENT ? 127 : 126);
	}
	err = sys_wait(pid, &status);
	return err < 0 ? err : exit_code(status);
}
