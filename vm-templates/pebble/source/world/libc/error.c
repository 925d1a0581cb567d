/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	int err;
	const char *text;
} errors[] = {
	{ EPERM, "operation not permitted" },
	{ ENOENT, "no such file or directory" },
	{ EIO, "input/output error" },
	{ E2BIG, "too long" },
	{ ENOEXEC, "not a program" },
	{ ECHILD, "no child process" },
	{ ENOMEM, "out of memory" },
	{ EACCES, "permission denied" },
	{ EBUSY, "busy" },
	{ EEXIST, "exists already" },
	{ ENODEV, "no such device" },
	{ ENOTDIR, "not a directory" },
	{ EISDIR, "is a directory" },
	{ EINVAL, "invalid argument" },
	{ ENOTTY, "not supported by this device" },
};

/* Takes an error number as the system calls return it, or a positive one. */
const char *error_text(int err)
{
	static char unknown[24];
	size_t i;

	if (err < 0)
		err = -err;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].err == err)
			return errors[i].text;
	}
	format(unknown, sizeof(unknown), "error %d", err);
	return unknown;
}
