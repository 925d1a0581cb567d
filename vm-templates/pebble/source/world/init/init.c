/* SPDX-License-Identifier: Apache-2.0 */
/* The first process: prepares the system and keeps a shell on the console. */
#include <cmdline.h>
#include <console.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#define MODULE "/lib/modules/pebble.ko"
#define SHELL "/bin/sh"

static const struct {
	const char *path;
	const char *type;
	u64 flags;
} mounts[] = {
	{ "/dev", "devtmpfs", MS_NOSUID },
	{ "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "/tmp", "tmpfs", MS_NOSUID | MS_NODEV },
};

/* Directories that were handed over by the initrd are busy: that is fine. */
static void mount_all(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		err = sys_mount(mounts[i].type, mounts[i].path, mounts[i].type,
				mounts[i].flags);
		if (err < 0 && err != -EBUSY)
			warn("%s: %s", mounts[i].path, error_text(err));
	}
}

/* The system is its slot table: without it there is nothing to go on with. */
static void load_table(void)
{
	int err = load_module(MODULE);

	if (err < 0) {
		print("pebble: cannot load module: %d\n", -err);
		exit(1);
	}
}

static void set_environment(void)
{
	env_set("PATH", "/bin:/sbin");
	env_set("HOME", "/");
	env_set("TERM", "dumb");
}

static int start_shell(const char *nonce)
{
	char *argv[] = { "sh", NULL };
	int pid;

	print("LAB-READY %s\n", nonce);
	pid = sys_fork();
	if (pid == 0) {
		sys_setsid();
		sys_execve(SHELL, argv, environ);
		sys_exit(127);
	}
	return pid;
}

/* Children whose parents ended come here as well. */
static void reap_until(int shell)
{
	int status;
	int pid;

	do {
		pid = sys_wait(-1, &status);
	} while (pid != shell && pid != -ECHILD);
}

int main(void)
{
	char word[64];
	const char *nonce;

	mount_all();
	if (console_open() < 0)
		return 1;
	set_environment();
	load_table();
	nonce = cmdline_value("lab.nonce", "-", word, sizeof(word));
	for (;;)
		reap_until(start_shell(nonce));
}
