/* SPDX-License-Identifier: Apache-2.0 */
/* The initrd's init: finds the root file system and hands over to it. */
#include <cmdline.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#define ROOT "/root"
#define INIT "/sbin/init"
#define MODULE_LIST "/modules/order"

enum {
	WAIT_STEP = 20 * 1000 * 1000,
	WAIT_STEPS = 1500,
};

/* Without an init there is only one way to end, and that is loudly. */
static _Noreturn void give_up(const char *what, int err)
{
	print("pebble: boot: %s: %s\n", what, error_text(err));
	exit(1);
}

/* Each line of the list is the path of a module, dependencies first. */
static void load_drivers(void)
{
	char path[256];
	int fd = sys_open(MODULE_LIST, O_RDONLY, 0);
	int err;

	if (fd < 0)
		give_up(MODULE_LIST, fd);
	while (read_line(fd, path, sizeof(path)) >= 0) {
		err = load_module(path);
		if (err < 0)
			print("pebble: boot: %s: %s\n", path, error_text(err));
	}
	sys_close(fd);
}

/* Drivers find their devices in their own time. */
static void mount_root(const char *device)
{
	int err = -ENOENT;
	int step;

	for (step = 0; step < WAIT_STEPS; step++) {
		if (sys_access(device, 0) == 0) {
			err = sys_mount(device, ROOT, "ext4", 0);
			break;
		}
		sys_sleep(WAIT_STEP);
	}
	if (err < 0)
		give_up(device, err);
}

static _Noreturn void hand_over(void)
{
	static const char *const kept[] = { "dev", "proc" };
	char *argv[] = { INIT, NULL };
	char from[16];
	char to[32];
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		format(from, sizeof(from), "/%s", kept[i]);
		format(to, sizeof(to), ROOT "/%s", kept[i]);
		err = sys_mount(from, to, NULL, MS_MOVE);
		if (err < 0)
			give_up(to, err);
	}
	err = sys_chdir(ROOT);
	if (err == 0)
		err = sys_mount(".", "/", NULL, MS_MOVE);
	if (err == 0)
		err = sys_chroot(".");
	if (err == 0)
		err = sys_chdir("/");
	if (err == 0)
		err = sys_execve(INIT, argv, environ);
	give_up(INIT, err);
}

int main(void)
{
	char word[128];

	sys_mkdir("/dev", 0755);
	sys_mkdir("/proc", 0755);
	sys_mkdir(ROOT, 0755);
	sys_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID);
	sys_mount("proc", "/proc", "proc", 0);
	load_drivers();
	mount_root(cmdline_value("root", "/dev/vda", word, sizeof(word)));
	hand_over();
}
