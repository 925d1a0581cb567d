# SPDX-License-Identifier: Apache-2.0
"""Stretches of commits that are broken in themselves, and mended by their end.

Every stretch is a list of (edit, state): "ok", "build" (does not compile) or
"boot" (panics at boot).
"""

from .edits import Edit


def number_stretch():
    """parse_number() gets a parameter before all of its callers know."""
    old = "s64 parse_number(const char *text, const char **end, int base"

    def declare(tree):
        tree.replace("world/include/stdlib.h", old + ");", old + ", bool *overflow);")
        tree.before(
            "world/include/stdlib.h",
            old,
            "/* A number that does not fit sets *overflow, if that is not NULL. */\n",
        )
        path = "world/libc/number.c"
        tree.replace(path, old + ")", old + ", bool *overflow)")
        tree.replace(
            path,
            "\t\tvalue = value * (u64)base + (u64)digit_value(*at++);\n",
            "\t\tover |= __builtin_mul_overflow(value, (u64)base, &value) |\n"
            "\t\t\t__builtin_add_overflow(value, (u64)digit_value(*at++), &value);\n"
            "\tif (overflow)\n\t\t*overflow = over || value > INT64_MAX;\n",
        )
        tree.after(path, "\tbool negative;\n", "\tbool over = false;\n")

    def sort(tree):
        tree.replace(
            "world/tools/sort.c",
            "parse_number(text, NULL, 10)",
            "parse_number(text, NULL, 10, NULL)",
        )
        tree.replace(
            "world/libc/number.c",
            "\t*value = parse_number(text, &end, 0);\n"
            "\treturn end != text && *end == '\\0';\n",
            "\tbool overflow;\n\n\t*value = parse_number(text, &end, 0, &overflow);\n"
            "\treturn end != text && *end == '\\0' && !overflow;\n",
        )

    def calc(tree):
        tree.replace(
            "world/tools/calc.c",
            "\tvalue = is_digit(*at) ? parse_number(at, &end, 0) : 0;\n"
            "\tif (!is_digit(*at))\n"
            '\t\tproblem = "a number is missing";\n'
            "\telse\n",
            "\tvalue = is_digit(*at) ? parse_number(at, &end, 0, &overflow) : 0;\n"
            "\tif (!is_digit(*at))\n"
            '\t\tproblem = "a number is missing";\n'
            "\telse if (overflow)\n"
            '\t\tproblem = "a number is too large";\n'
            "\telse\n",
        )
        tree.replace(
            "world/tools/calc.c",
            "\tconst char *end;\n\ts64 value;\n",
            "\tbool overflow = false;\n\tconst char *end;\n\ts64 value;\n",
        )

    return [
        (
            Edit(
                "number: tell of numbers that do not fit",
                """Digits beyond 64 bits were lost in silence. Callers that care can
                ask now whether that happened.""",
                declare,
            ),
            "build",
        ),
        (
            Edit(
                "sort: follow the change of parse_number()",
                """A line's number is cut as before. whole_number() takes a number
                that does not fit for no number at all.""",
                sort,
            ),
            "build",
        ),
        (
            Edit(
                "calc: refuse numbers that do not fit",
                """The answer would be wrong without anyone knowing. This is the
                last caller of parse_number() that had to be changed.""",
                calc,
            ),
            "ok",
        ),
    ]


def count_stretch():
    """A function of the module is renamed in two steps too many."""
    old = "pebble_table_count"
    new = "pebble_table_in_zone"

    def rename(tree):
        tree.replace_word("kernel/table.h", old, new)
        tree.replace_word("kernel/table.c", old, new)

    def document(tree):
        tree.append(
            "docs/table.txt",
            "\nCounting the slots of a zone takes a walk through the whole table.\n",
        )

    def follow(tree):
        tree.replace_word("kernel/device.c", old, new)

    return [
        (
            Edit(
                "table: say what is counted",
                "A name that tells which slots are counted needs no comment.",
                rename,
            ),
            "build",
        ),
        (
            Edit(
                "docs: counting slots is not free",
                "Someone will call it in a loop otherwise.",
                document,
            ),
            "build",
        ),
        (
            Edit(
                "device: use the new name of the count",
                "The request for a zone still asked by the old name.",
                follow,
            ),
            "ok",
        ),
    ]


def boot_stretch():
    """init looks for the module where nothing installs it."""
    old = '#define MODULE "/lib/modules/pebble.ko"'
    new = '#define MODULE "/lib/modules/extra/pebble.ko"'

    def move(tree):
        tree.replace("world/init/init.c", old, new)

    def back(tree):
        tree.replace("world/init/init.c", new, old)

    return [
        (
            Edit(
                "init: expect the module among the extra ones",
                """Modules that do not come with the kernel have a directory of
                their own elsewhere.""",
                move,
            ),
            "boot",
        ),
        (
            Edit(
                "init: take the module from where it is installed",
                """There is one module and no other to keep it apart from. Leave
                it in the directory that the installation uses.""",
                back,
            ),
            "ok",
        ),
    ]
