# SPDX-License-Identifier: Apache-2.0
"""Edits of the documentation, and of what is around the sources."""

from .edits import Chain, Edit, Supply
from .tree import LINK, SCRIPT

TITLE = "SPDX-License-Identifier: Apache-2.0\n\n{}\n{}\n\n{}\n"

WISHES = (
    ("shell", "patterns such as *.txt", "typing names one by one gets old"),
    ("shell", "background jobs", "a long benchmark blocks the console"),
    ("shell", "here-documents", "small files are made with echo for now"),
    ("table", "a request that picks several slots", "each pick enters the kernel"),
    ("table", "slots that are pinned", "a driver cannot give up its ring"),
    ("table", "a walk by zone", "counting a zone looks at every slot"),
    ("init", "a list of programs to start", "all it starts is one shell"),
    ("init", "a time limit for modules", "a driver that hangs stops everything"),
    ("libc", "output that is buffered", "sort writes line by line"),
    ("libc", "a smaller start", "programs that use nothing still have malloc"),
    ("tools", "a pager", "long listings scroll away"),
    ("tools", "a way to compare files", "sum is used for that today"),
    ("bench", "a benchmark of fork", "the shell does little else"),
    ("bench", "the spread of several runs", "one number says little"),
)

PLACES = ("on a bus", "over tea", "at a review", "in the rain", "while testing", "late at night")


def new_page(name, title, text):
    return lambda tree: tree.add(name, TITLE.format(title, "=" * len(title), text))


def wishes(rng):
    """Paragraphs for the notes: as many as anyone wants."""
    count = [0]

    def make():
        count[0] += 1
        part, wish, reason = rng.choice(WISHES)
        place = rng.choice(PLACES)
        text = (
            f"\n{count[0]:3}. {part}: {wish}.\n     Why: {reason}.\n     Came up {place}.\n"
        )
        return Edit(
            f"notes: {wish}",
            f"Came up {place}: {reason}.",
            lambda tree: tree.append("docs/notes.txt", text),
        )

    return Supply("wishes", make)


def pages(_rng):
    return Chain(
        "pages",
        [
            Edit(
                "docs: how to add a tool",
                "It takes one file, but nothing said so.",
                new_page(
                    "docs/tools.txt",
                    "Tools",
                    "A file world/tools/x.c becomes the program /bin/x. A tool whose answers\n"
                    "can be known beforehand has cases in world/check.",
                ),
            ),
            Edit(
                "docs: an overview for readers of German",
                "The short version; the long one stays in English.",
                new_page(
                    "docs/überblick.txt",
                    "Überblick",
                    "pebble ist ein kleines Betriebssystem: eine eigene Welt aus Bibliothek,\n"
                    "Shell und Werkzeugen auf einem Linux-Kern.",
                ),
            ),
            Edit(
                "docs: call the notes on building what they are",
                "build is what people look for, and what other pages say.",
                lambda tree: (
                    tree.rename("docs/building.txt", "docs/build.txt"),
                    tree.replace("docs/README.txt", "building.txt    how", "build.txt       how"),
                ),
            ),
            Edit(
                "docs: list the page on tools",
                "It was written but not mentioned.",
                lambda tree: tree.append(
                    "docs/README.txt", "  tools.txt       how a tool is added\n"
                ),
            ),
            Edit(
                "docs: take the page on tools back",
                "It says in five lines what the overview says in one.",
                lambda tree: (
                    tree.remove("docs/tools.txt"),
                    tree.replace("docs/README.txt", "  tools.txt       how a tool is added\n", ""),
                ),
            ),
        ],
    )


def wording(_rng):
    def edit(subject, body, path, old, new):
        return Edit(subject, body, lambda tree: tree.replace(path, old, new))

    return Chain(
        "wording",
        [
            edit(
                "docs: say what the metric's number looks like",
                "Programs that read it want to know about the digits.",
                "docs/bench.txt",
                "  LAB_METRIC <name> <number> <unit>\n",
                "  LAB_METRIC <name> <number> <unit>\n\nThe number has three decimals.\n",
            ),
            edit(
                "docs: mention the limit of 64 KiB arguments",
                "It is the kernel's, but the shell is where people meet it.",
                "docs/shell.txt",
                "a line has up to 16384 bytes.\n",
                "a line has up to 16384 bytes,\nwhich the kernel has no trouble to pass on.\n",
            ),
            edit(
                "docs: explain what weights are good for",
                "A weight was just a number to readers of this page.",
                "docs/table.txt",
                "slot grows with its age and its weight.\n",
                "slot grows with its age and its weight: a heavy slot is one that is cheap to\n"
                "give up.\n",
            ),
            edit(
                "docs: the drivers of the disk are modules",
                "Readers looked for them in the sources.",
                "docs/overview.txt",
                "The initrd holds one program, world/boot, and the drivers of the disk. It\n",
                "The initrd holds one program, world/boot, and the drivers of the disk, which\n"
                "are modules of the kernel that it is built for. It\n",
            ),
        ],
    )


def modes(_rng):
    def edit(path, subject, body):
        return Edit(subject, body, lambda tree: tree.set_mode(path, SCRIPT))

    return Chain(
        "modes",
        [
            edit(
                "scripts/install.sh",
                "scripts: make install.sh executable",
                "It can be called by hand, and has the first line for it.",
            ),
            edit(
                "scripts/make-boot.sh",
                "scripts: make make-boot.sh executable",
                "As install.sh: it can be called by hand.",
            ),
        ],
    )


def links(_rng):
    return Chain(
        "links",
        [
            Edit(
                "docs: let START lead to the overview",
                "A name that people open first.",
                lambda tree: tree.add("docs/START", "overview.txt", LINK),
            ),
            Edit(
                "add a README at the top",
                "It is the page in docs, and stays the same as that.",
                lambda tree: tree.add("README", "docs/README.txt", LINK),
            ),
        ],
    )


def image(_rng):
    return Chain(
        "image",
        [
            Edit(
                "install: leave a list of the programs",
                "What was installed can be compared with what is there.",
                lambda tree: tree.append(
                    "scripts/install.sh", 'printf \'%s\\n\' "$@" >"$root/etc/programs"\n'
                ),
            ),
            Edit(
                "install: greet whoever comes",
                "The file is there to be replaced by the owner of the system.",
                lambda tree: tree.append(
                    "scripts/install.sh",
                    "printf '%s\\n' 'Welcome to pebble.' >\"$root/etc/motd\"\n",
                ),
            ),
        ],
    )


SOURCES = (wishes, pages, wording, modes, links, image)
