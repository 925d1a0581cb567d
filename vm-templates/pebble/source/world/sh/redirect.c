/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "sh.h"

static int open_target(const struct redirect *redirect)
{
	switch (redirect->kind) {
	case TOKEN_FROM:
		return sys_open(redirect->target, O_RDONLY, 0);
	case TOKEN_APPEND:
		return sys_open(redirect->target, O_WRONLY | O_CREAT | O_APPEND, 0644);
	default:
		return sys_open(redirect->target, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	}
}

static int apply(const struct redirect *redirect)
{
	const char *target = redirect->target;
	int err;
	int fd;

	if (target[0] == '&' && is_digit(target[1]) && !target[2])
		return sys_dup2(target[1] - '0', redirect->fd);
	fd = open_target(redirect);
	if (fd < 0 || fd == redirect->fd)
		return fd;
	err = sys_dup2(fd, redirect->fd);
	sys_close(fd);
	return err;
}

/* From left to right, as "> file 2>&1" needs it. */
bool redirect_all(const struct command *command)
{
	int i;
	int err;

	for (i = 0; i < command->redirect_count; i++) {
		err = apply(&command->redirects[i]);
		if (err < 0) {
			warn("%s: %s", command->redirects[i].target, error_text(err));
			return false;
		}
	}
	return true;
}
