/* SPDX-License-Identifier: Apache-2.0 */
/* pwd: the current directory */
#include <stdio.h>
#include <stdlib.h>
#include <sys.h>

int main(void)
{
	static char path[4096];
	long err = sys_getcwd(path, sizeof(path));

	if (err < 0) {
		warn("%s", error_text((int)err));
		return 1;
	}
	print("%.1000s\n", path);
	return 0;
}
