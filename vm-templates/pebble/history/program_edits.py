# SPDX-License-Identifier: Apache-2.0
"""Edits of the world's programs and library, each of them once."""

from .edits import Chain, Edit


def one(subject, body, *changes):
    """An edit that replaces texts: changes are (path, old, new)."""

    def apply(tree):
        for path, old, new in changes:
            tree.replace(path, old, new)

    return Edit(subject, body, apply)


def renamed(subject, body, old, new, includes=()):
    """An edit that renames a file, and what others call it."""

    def apply(tree):
        tree.rename(old, new)
        for path, before, after in includes:
            tree.replace(path, before, after)

    return Edit(subject, body, apply)


BUILTIN = "world/sh/builtin.c"


def shell(_rng):
    return Chain(
        "shell",
        [
            one(
                "sh: answer pwd",
                "It is asked for more often than anything else after cd.",
                (
                    BUILTIN,
                    "static int do_true(",
                    "static int do_pwd(const struct command *command)\n{\n"
                    "\tchar path[512];\n\tlong err = sys_getcwd(path, sizeof(path));\n\n"
                    "\t(void)command;\n\tif (err < 0)\n"
                    '\t\twarn("pwd: %s", error_text((int)err));\n\telse\n'
                    '\t\tprint("%s\\n", path);\n\treturn err < 0;\n}\n\n'
                    "static int do_true(",
                ),
                (BUILTIN, '\t{ "false", do_false },\n', '\t{ "false", do_false },\n\t{ "pwd", do_pwd },\n'),
            ),
            one(
                "sh: say so if cd gets too many words",
                "cd with two directories went to the first one.",
                (
                    BUILTIN,
                    "\tint err = sys_chdir(path ? path : \"/\");\n\n",
                    "\tint err;\n\n\tif (command->argc > 2) {\n"
                    '\t\twarn("cd: too many words");\n\t\treturn 2;\n\t}\n'
                    '\terr = sys_chdir(path ? path : "/");\n',
                ),
            ),
            one(
                "sh: allow more redirections",
                "Generated commands may have plenty of them.",
                ("world/sh/sh.h", "\tREDIRECTS_MAX = 16,\n", "\tREDIRECTS_MAX = 32,\n"),
            ),
            renamed(
                "sh: spell out the name of vars.c",
                "The other files of the shell have whole words for names.",
                "world/sh/vars.c",
                "world/sh/variables.c",
                [("world/sh/sh.h", "/* vars.c */", "/* variables.c */")],
            ),
            one(
                "sh: name the limit in the message about words",
                "It is of no help to know that there is a limit, but not which.",
                (
                    "world/sh/lex.c",
                    'warn("too many words");',
                    'warn("more than %lu words", room - 1);',
                ),
            ),
        ],
    )


def library(_rng):
    string_h, string_c = "world/include/string.h", "world/libc/string.c"
    return Chain(
        "library",
        [
            one(
                "string: add ends_with()",
                "The counterpart of starts_with().",
                (
                    string_h,
                    "bool starts_with(const char *text, const char *prefix);\n",
                    "bool starts_with(const char *text, const char *prefix);\n"
                    "bool ends_with(const char *text, const char *suffix);\n",
                ),
                (
                    string_c,
                    "bool starts_with(",
                    "bool ends_with(const char *text, const char *suffix)\n{\n"
                    "\tsize_t length = strlen(text);\n\tsize_t end = strlen(suffix);\n\n"
                    "\treturn end <= length && strcmp(text + length - end, suffix) == 0;\n}\n\n"
                    "bool starts_with(",
                ),
            ),
            one(
                "string: find a byte in memory",
                "memchr() is missing for texts that have no final zero.",
                (
                    string_h,
                    "size_t strlen(const char *text);\n",
                    "void *memchr(const void *memory, int byte, size_t size);\n"
                    "size_t strlen(const char *text);\n",
                ),
                (
                    string_c,
                    "size_t strlen(const char *text)\n",
                    "void *memchr(const void *memory, int byte, size_t size)\n{\n"
                    "\tconst u8 *at = memory;\n\n\tfor (; size; size--, at++) {\n"
                    "\t\tif (*at == (u8)byte)\n\t\t\treturn (void *)at;\n\t}\n\treturn NULL;\n}\n\n"
                    "size_t strlen(const char *text)\n",
                ),
            ),
            renamed(
                "libc: call the sort by its algorithm",
                "There is a tool of the same name, and its file is called sort.c too.",
                "world/libc/sort.c",
                "world/libc/mergesort.c",
            ),
            one(
                "malloc: ask the kernel for more at a time",
                "Reading a long file took one call for every few lines.",
                ("world/libc/malloc.c", "\tCHUNK = 64 * 1024,\n", "\tCHUNK = 128 * 1024,\n"),
            ),
            one(
                "io: start with a larger buffer",
                "Most inputs are larger than a page by now.",
                ("world/libc/io.c", "\tsize_t room = 4096;\n", "\tsize_t room = 8192;\n"),
            ),
            one(
                "format: print capital hexadecimal digits",
                "%X is %x in capitals, as everywhere.",
                (
                    "world/libc/format.c",
                    '\t\tdigits[--at] = "0123456789abcdef"[value % base];\n',
                    '\t\tdigits[--at] = spec->capital ? "0123456789ABCDEF"[value % base] :\n'
                    '\t\t\t\t\t\t   "0123456789abcdef"[value % base];\n',
                ),
                ("world/libc/format.c", "\tint longs;\n};\n", "\tint longs;\n\tbool capital;\n};\n"),
                (
                    "world/libc/format.c",
                    "\t\tspec.longs++;\n",
                    "\t\tspec.longs++;\n\tspec.capital = **format == 'X';\n",
                ),
                ("world/libc/format.c", "\tcase 'x':\n", "\tcase 'x':\n\tcase 'X':\n"),
                ("world/libc/format.c", "conversion == 'x' ? 16 : 10", "conversion == 'u' ? 10 : 16"),
            ),
        ],
    )


def early(_rng):
    return Chain(
        "early",
        [
            renamed(
                "cmdline.h becomes early.h",
                "It declares what the first programs share, not only the command line.",
                "world/include/cmdline.h",
                "world/include/early.h",
                [
                    (path, "#include <cmdline.h>\n", "#include <early.h>\n")
                    for path in ("world/boot/boot.c", "world/init/init.c", "world/libc/cmdline.c")
                ],
            ),
            one(
                "init: tell programs that they run on pebble",
                "Scripts that are used elsewhere too can ask for it.",
                (
                    "world/init/init.c",
                    '\tenv_set("TERM", "dumb");\n',
                    '\tenv_set("TERM", "dumb");\n\tenv_set("SYSTEM", "pebble");\n',
                ),
            ),
            one(
                "boot: look for the disk more often",
                "It appears within milliseconds; most of the wait was for nothing.",
                ("world/boot/boot.c", "\tWAIT_STEP = 20 * 1000 * 1000,\n", "\tWAIT_STEP = 5 * 1000 * 1000,\n"),
                ("world/boot/boot.c", "\tWAIT_STEPS = 1500,\n", "\tWAIT_STEPS = 6000,\n"),
            ),
            one(
                "init: allow longer words for the ready line",
                "Whoever waits for the line may want to put more into it.",
                ("world/init/init.c", "\tchar word[64];\n", "\tchar word[128];\n"),
            ),
            one(
                "init: keep set-user-id programs off /tmp",
                "Anyone can write there.",
                (
                    "world/init/init.c",
                    '{ "/dev", "devtmpfs", MS_NOSUID }',
                    '{ "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC }',
                ),
                ("world/init/init.c", "/* Directories that were", "/* Mounts that were"),
            ),
        ],
    )


def tool_options(_rng):
    return Chain(
        "tool options",
        [
            one(
                "uname: answer -v",
                "The kernel's version says when it was built.",
                (
                    "world/tools/uname.c",
                    '\telse if (strcmp(option, "-m") == 0)\n',
                    '\telse if (strcmp(option, "-v") == 0)\n\t\tprint("%s\\n", name.version);\n'
                    '\telse if (strcmp(option, "-m") == 0)\n',
                ),
                ("world/tools/uname.c", "uname [-r | -m | -a]", "uname [-r | -v | -m | -a]"),
            ),
            one(
                "sort: explain the options",
                "The usage showed letters and no more.",
                (
                    "world/tools/sort.c",
                    'print_to(STDERR, "usage: sort [-n] [-r]\\n");',
                    'print_to(STDERR, "usage: sort [-n (by numbers)] [-r (reverse)]\\n");',
                ),
            ),
            one(
                "slots: number the zones",
                "Programs that set a zone need its number.",
                (
                    "world/tools/slots.c",
                    'print("%-8s %u\\n", info.name, info.slots);',
                    'print("%3u %-8s %u\\n", info.zone, info.name, info.slots);',
                ),
            ),
            one(
                "cat: copy larger pieces",
                "Fewer system calls for the same bytes.",
                ("world/tools/cat.c", "static char buf[16384];", "static char buf[32768];"),
            ),
            one(
                "ls: read larger pieces of a directory",
                "Most directories are read with one call then.",
                ("world/tools/ls.c", "static char buf[16384];", "static char buf[32768];"),
            ),
            one(
                "poweroff: say what is going on",
                "The last lines of a console should not come as a surprise.",
                (
                    "world/tools/poweroff.c",
                    "\tsys_sync();\n",
                    '\tprint("pebble: %s\\n", restart ? "restart" : "power off");\n\tsys_sync();\n',
                ),
            ),
            one(
                "echo: give up after the first error",
                "It went on writing to an output that was gone.",
                (
                    "world/tools/echo.c",
                    "\t\twrite_all(STDOUT, argv[i], strlen(argv[i]));\n",
                    "\t\tif (write_all(STDOUT, argv[i], strlen(argv[i])) < 0)\n\t\t\treturn 1;\n",
                ),
            ),
            one(
                "calc: name the problem of a bracket better",
                "It is always the closing one that is missing.",
                ("world/tools/calc.c", '"a bracket is missing"', '"a closing bracket is missing"'),
            ),
            one(
                "sum: keep the modulus in one place",
                "The number was written twice.",
                (
                    "world/tools/sum.c",
                    "\t\tsum->low = (sum->low + bytes[i]) % 65535;\n"
                    "\t\tsum->high = (sum->high + sum->low) % 65535;\n",
                    "\t\tsum->low = (sum->low + bytes[i]) % MODULUS;\n"
                    "\t\tsum->high = (sum->high + sum->low) % MODULUS;\n",
                ),
                ("world/tools/sum.c", "struct sum {\n", "enum { MODULUS = 65535 };\n\nstruct sum {\n"),
            ),
        ],
    )


def benches(_rng):
    return Chain(
        "benches",
        [
            one(
                "bench: list the names one a line",
                "The list is easier to read, and to take apart.",
                (
                    "world/bench/main.c",
                    'print_to(STDERR, "usage: bench NAME, where NAME is one of:");',
                    'print_to(STDERR, "usage: bench NAME, where NAME is one of:\\n");',
                ),
                ("world/bench/main.c", 'print_to(STDERR, " %s", benches[i]->name);',
                 'print_to(STDERR, "  %s\\n", benches[i]->name);'),
                ("world/bench/main.c", '\tprint_to(STDERR, "\\n");\n', ""),
            ),
            one(
                "bench: close nothing on exec that is not open",
                "bench starts no programs, so the flag had no meaning.",
                ("world/bench/ioctl.c", "O_RDWR | O_CLOEXEC, 0", "O_RDWR, 0"),
            ),
        ],
    )


SOURCES = (shell, library, early, tool_options, benches)
