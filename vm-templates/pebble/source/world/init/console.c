/* SPDX-License-Identifier: Apache-2.0 */
#include <console.h>
#include <pebble/types.h>
#include <stdio.h>
#include <sys.h>

enum {
	TCGETS = 0x5401,
	TCSETS = 0x5402,
	VTIME = 5,
	VMIN = 6,
};

enum output_flags { OPOST = 1 };
enum control_flags { CREAD = 0200, CLOCAL = 04000 };

/* The kernel's struct termios. */
struct terminal {
	u32 input;
	u32 output;
	u32 control;
	u32 local;
	u8 line;
	u8 chars[19];
};

/*
 * The other end is a program that sends whole lines: nothing of what it sends
 * may be taken for a signal, edited, cut at 4095 bytes or sent back.
 */
static void make_raw(int fd)
{
	struct terminal terminal;

	if (sys_ioctl(fd, TCGETS, &terminal) < 0)
		return;
	terminal.input = 0;
	terminal.output &= ~(u32)OPOST;
	terminal.control |= CREAD | CLOCAL;
	terminal.local = 0;
	terminal.chars[VTIME] = 0;
	terminal.chars[VMIN] = 1;
	sys_ioctl(fd, TCSETS, &terminal);
}

int console_open(void)
{
	int fd = sys_open("/dev/console", O_RDWR, 0);
	int copy;

	if (fd < 0)
		return fd;
	make_raw(fd);
	for (copy = STDIN; copy <= STDERR; copy++)
		sys_dup2(fd, copy);
	if (fd > STDERR)
		sys_close(fd);
	return 0;
}
