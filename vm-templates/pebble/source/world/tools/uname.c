/* SPDX-License-Identifier: Apache-2.0 */
/* uname [-r | -m | -a]: which kernel, and which pebble runs on it. */
#include <pebble/types.h>
#include <stdio.h>
#include <string.h>
#include <sys.h>

int main(int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "";
	struct sys_uname name;

	if (sys_uname(&name) < 0)
		return 1;
	if (strcmp(option, "-r") == 0)
		print("%s\n", name.release);
	else if (strcmp(option, "-m") == 0)
		print("%s\n", name.machine);
	else if (strcmp(option, "-a") == 0)
		print("pebble %d.%d %s %s %s\n", PEBBLE_VERSION_MAJOR, PEBBLE_VERSION_MINOR,
		      name.sysname, name.release, name.machine);
	else
		print("pebble\n");
	return 0;
}
