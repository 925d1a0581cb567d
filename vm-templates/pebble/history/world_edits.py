# SPDX-License-Identifier: Apache-2.0
"""Edits of the world: the C library, the shell, the tools and their checks."""

import os

from .edits import Chain, Edit, Supply

TOOLS_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools")

# Error numbers of Linux that the C library does not name yet.
ERRORS = (
    (3, "ESRCH", "no such process"),
    (6, "ENXIO", "no such device or address"),
    (9, "EBADF", "not an open descriptor"),
    (14, "EFAULT", "bad address"),
    (15, "ENOTBLK", "not a block device"),
    (18, "EXDEV", "on another file system"),
    (23, "ENFILE", "too many open files in the system"),
    (24, "EMFILE", "too many open files"),
    (26, "ETXTBSY", "program is in use"),
    (27, "EFBIG", "file too large"),
    (28, "ENOSPC", "no space left"),
    (29, "ESPIPE", "cannot seek"),
    (30, "EROFS", "read-only file system"),
    (31, "EMLINK", "too many links"),
    (32, "EPIPE", "nobody reads this pipe"),
    (33, "EDOM", "argument out of domain"),
    (34, "ERANGE", "result out of range"),
    (35, "EDEADLK", "would wait forever"),
    (36, "ENAMETOOLONG", "name too long"),
    (37, "ENOLCK", "no locks left"),
    (38, "ENOSYS", "no such system call"),
    (39, "ENOTEMPTY", "directory not empty"),
    (40, "ELOOP", "too many symbolic links"),
    (61, "ENODATA", "no data"),
    (62, "ETIME", "timer expired"),
    (71, "EPROTO", "protocol error"),
    (75, "EOVERFLOW", "value too large"),
    (84, "EILSEQ", "not a valid character"),
    (95, "EOPNOTSUPP", "operation not supported"),
    (110, "ETIMEDOUT", "timed out"),
)

WORDS = "ash birch cedar elm fir hazel larch maple oak pine rowan willow yew".split()


def insert_sorted(tree, path, first, key, row):
    """Puts a row among those that begin with first, in the order of key."""
    lines = tree.text(path).splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if line.startswith(first)]
    place = next((i for i in places if key(lines[i]) > key(row)), places[-1] + 1)
    lines.insert(place, row)
    tree.write(path, "".join(lines))


def errors(rng):
    left = list(ERRORS)
    rng.shuffle(left)

    def make():
        if not left:
            return None
        number, name, text = left.pop()

        def apply(tree):
            insert_sorted(
                tree,
                "world/include/errno.h",
                "#define E",
                lambda line: int(line.split()[2]) if len(line.split()) == 3 else 0,
                f"#define {name} {number}\n",
            )
            tree.before(
                "world/libc/error.c", "};\n\n/* Takes an error", f'\t{{ {name}, "{text}" }},\n'
            )

        return Edit(
            f"error: a text for {name}",
            f'Error {number} came out as a number. It is "{text}" now.',
            apply,
        )

    return Supply("errors", make)


def add_case(tool, row):
    path = f"world/check/{tool}.c"
    return lambda tree: tree.before(path, "};\n\nconst struct check", row)


def quote(text):
    return '"' + text.replace("\n", "\\n") + '"'


def fletcher(content):
    low, high = 1, 0
    for byte in content:
        low = (low + byte) % 65535
        high = (high + low) % 65535
    return high << 16 | low


def calc_case(rng):
    a, b, c = rng.randint(2, 99), rng.randint(2, 99), rng.randint(1, 9999)
    form = rng.choice(("{} * {} + {}", "{} - {} * {}", "({} + {}) * {}", "{} * ({} - {})"))
    text = form.format(a, b, c)
    # The forms mean the same to Python: whole numbers, no division.
    values = {"{} * {} + {}": a * b + c, "{} - {} * {}": a - b * c}
    values.update({"({} + {}) * {}": (a + b) * c, "{} * ({} - {})": a * (b - c)})
    answer = values[form]
    return "calc", text, f'\t{{ NULL, "{text}", NULL, "{answer}\\n" }},\n'


def sort_case(rng):
    words = rng.sample(WORDS, rng.randint(3, 5))
    given = "".join(word + "\n" for word in words)
    answer = "".join(word + "\n" for word in sorted(words))
    return "sort", words[0], f"\t{{ {quote(given)}, NULL, NULL, {quote(answer)} }},\n"


def number_case(rng):
    numbers = rng.sample(range(-500, 5000), 4)
    given = "".join(f"{number}\n" for number in numbers)
    answer = "".join(f"{number}\n" for number in sorted(numbers))
    return "sort", str(numbers[0]), f'\t{{ {quote(given)}, "-n", NULL, {quote(answer)} }},\n'


def sum_case(rng):
    text = " ".join(rng.sample(WORDS, rng.randint(2, 6))) + "\n"
    answer = f"{fletcher(text.encode()):08x} {len(text)} -\n"
    return "sum", text.split()[0], f"\t{{ {quote(text)}, NULL, NULL, {quote(answer)} }},\n"


def checks(rng):
    """Cases for the checks, with the answers worked out here: no end of them."""

    def make():
        tool, what, row = rng.choice((calc_case, sort_case, number_case, sum_case))(rng)
        return Edit(
            f"check: a case of {tool} with {what}",
            f"One more answer of {tool} that is known beforehand.",
            add_case(tool, row),
        )

    return Supply("checks", make)


def tools(rng):
    """New tools: their sources are files here, their first comment tells of them."""
    names = sorted(name for name in os.listdir(TOOLS_DIR) if name.endswith(".c"))
    rng.shuffle(names)

    def make():
        if not names:
            return None
        name = names.pop()
        with open(os.path.join(TOOLS_DIR, name), encoding="utf-8") as file:
            source = file.read()
        about = source.splitlines()[1].strip("/* ")
        return Edit(
            f"tools: add {name[:-2]}",
            f"Its usage and purpose: {about}",
            lambda tree: tree.add(f"world/tools/{name}", source),
        )

    return Supply("tools", make)

SOURCES = (errors, checks, tools)
