/* SPDX-License-Identifier: Apache-2.0 */
/* poweroff [-r]: ends the system; -r starts it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#define POWER_OFF 0x4321fedcu
#define RESTART 0x01234567u

int main(int argc, char **argv)
{
	bool restart = argc > 1 && strcmp(argv[1], "-r") == 0;
	int err;

	sys_sync();
	err = sys_reboot(restart ? RESTART : POWER_OFF);
	warn("%s", error_text(err));
	return 1;
}
