/* SPDX-License-Identifier: Apache-2.0 */
/* slots: the state of the slot table, zone by zone. */
#include <pebble/ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys.h>

int main(void)
{
	struct pebble_stat stat = { 0 };
	struct pebble_zone_info info = { 0 };
	int fd = sys_open("/dev/pebble", O_RDWR, 0);
	int err = fd < 0 ? fd : sys_ioctl(fd, PEBBLE_IOC_STAT, &stat);

	if (err < 0) {
		warn("/dev/pebble: %s", error_text(err));
		return 1;
	}
	print("now %lu picks %lu touches %lu\n", stat.now, stat.picks, stat.touches);
	for (; info.zone < stat.zones; info.zone++) {
		err = sys_ioctl(fd, PEBBLE_IOC_ZONE, &info);
		if (err < 0) {
			warn("zone %u: %s", info.zone, error_text(err));
			return 1;
		}
		print("%-8s %u\n", info.name, info.slots);
	}
	return 0;
}
