/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a tool with a file as its input, and compares what it prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

#include "check.h"

#define INPUT "/tmp/check.input"

static bool write_input(const char *text)
{
	int fd = sys_open(INPUT, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long n;

	if (fd < 0)
		return false;
	n = write_all(fd, text, strlen(text));
	sys_close(fd);
	return n >= 0;
}

static _Noreturn void become(const char *tool, const struct check_case *test, int output)
{
	char *argv[] = { (char *)tool, (char *)test->argument, (char *)test->second, NULL };
	int input = sys_open(INPUT, O_RDONLY, 0);

	sys_dup2(input, STDIN);
	sys_dup2(output, STDOUT);
	exec_path(argv);
	sys_exit(127);
}

/* What the tool prints; NULL if it cannot be run. */
static char *answer_of(const char *tool, const struct check_case *test)
{
	int fds[2];
	size_t size;
	char *answer;
	int pid;

	if (!write_input(test->input ? test->input : "") || sys_pipe(fds) < 0)
		return NULL;
	pid = sys_fork();
	if (pid == 0) {
		sys_close(fds[0]);
		become(tool, test, fds[1]);
	}
	sys_close(fds[1]);
	answer = read_all(fds[0], &size);
	sys_close(fds[0]);
	sys_wait(pid, NULL);
	sys_unlink(INPUT);
	return answer;
}

bool run_case(const char *tool, const struct check_case *test)
{
	char *answer = answer_of(tool, test);
	bool right = answer && strcmp(answer, test->answer) == 0;

	if (!right)
		print("check %s %s: wrong: %s", tool, test->argument ? test->argument : "",
		      answer && *answer ? answer : "nothing\n");
	free(answer);
	return right;
}
