/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys.h>

const char *program_name = "?";

int main(int argc, char **argv);
_Noreturn void start_program(long *stack);

_Noreturn void start_program(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)&stack[1];
	const char *slash;

	env_init(argv + argc + 1);
	if (argc > 0) {
		slash = strrchr(argv[0], '/');
		program_name = slash ? slash + 1 : argv[0];
	}
	exit(main(argc, argv));
}

_Noreturn void exit(int status)
{
	sys_exit(status);
}
