# SPDX-License-Identifier: Apache-2.0
"""Edits of the kernel module and of what it shares with the world."""

from .edits import Chain, Edit, Supply

TABLE = "kernel/table.c"
DEVICE = "kernel/device.c"

# Zones to come: the name, and what the slots in it are for.
ZONES = (
    ("sock", "sockets"),
    ("lock", "file locks"),
    ("time", "timers"),
    ("pipe2", "pipes with a peer"),
    ("text", "program texts"),
    ("ring", "rings of drivers"),
    ("swap", "pages that were swapped out"),
    ("meta", "the table's own use"),
)


def replacing(path, old, new):
    return lambda tree: tree.replace(path, old, new)


def replacing_all(path, pairs):
    def apply(tree):
        for old, new in pairs:
            tree.replace(path, old, new)

    return apply


def hot_path(_rng):
    """Other words for the scan: the loop that they compile to is the same."""
    return Chain(
        "hot",
        [
            Edit(
                "table: let the scan count up to its end",
                """The position in the walk and the position in the table were
                derived from one another. Name the end of the walk instead.""",
                replacing_all(
                    TABLE,
                    [
                        (
                            "\tu32 i;\n\n\tfor (i = 0; i < count; i++) {\n"
                            "\t\tu32 at = (first + i) & PEBBLE_SLOT_MASK;\n",
                            "\tu32 end = first + count;\n\tu32 i;\n\n"
                            "\tfor (i = first; i != end; i++) {\n"
                            "\t\tu32 at = i & PEBBLE_SLOT_MASK;\n",
                        )
                    ],
                ),
            ),
            Edit(
                "table: name the two parts of a score",
                "What age counts for and what the zone adds were one expression.",
                replacing(
                    TABLE,
                    "\treturn age * slot->weight + (age >> slot->zone);\n",
                    "\tu64 own = age * slot->weight;\n\tu64 zone = age >> slot->zone;\n\n"
                    "\treturn own + zone;\n",
                ),
            ),
            Edit(
                "table: turn the comparison of scores around",
                "The new score comes second everywhere else in this file.",
                replacing(TABLE, "\t\tif (score > best) {\n", "\t\tif (best < score) {\n"),
            ),
            Edit(
                "table: the time of a scan does not change",
                "Say so where it is read, as the scan relies on it.",
                replacing(TABLE, "\tu64 now = table->now;\n", "\tconst u64 now = table->now;\n"),
            ),
        ],
    )


def table(_rng):
    return Chain(
        "table",
        [
            Edit(
                "table: name the first time",
                """A table that was reset starts at a time that leaves room for
                older stamps. The number had no name.""",
                replacing_all(
                    TABLE,
                    [
                        ("\ttable->now = PEBBLE_SLOTS;\n", "\ttable->now = FIRST_TIME;\n"),
                        (
                            '#include "table.h"\n',
                            '#include "table.h"\n\n'
                            "/* Stamps of the first state are older than this. */\n"
                            "#define FIRST_TIME PEBBLE_SLOTS\n",
                        ),
                    ],
                ),
            ),
            Edit(
                "table: keep the lock out of the way of touches",
                "The lock and what touches change were on one cache line.",
                lambda tree: (
                    tree.replace("kernel/table.h", "\tu64 touches;\n\tu32 hand;\n",
                                 "\tu32 hand;\n\tu64 touches ____cacheline_aligned;\n"),
                    tree.after("kernel/table.h", "#include <linux/mutex.h>\n",
                               "#include <linux/cache.h>\n"),
                ),
            ),
            Edit(
                "table: refuse reserved fields that are set",
                "What is reserved can only be used later if it was zero before.",
                replacing(
                    TABLE,
                    "\tif (set->slot >= PEBBLE_SLOTS || set->zone >= PEBBLE_ZONES)\n",
                    "\tif (set->reserved)\n\t\treturn -EINVAL;\n"
                    "\tif (set->slot >= PEBBLE_SLOTS || set->zone >= PEBBLE_ZONES)\n",
                ),
            ),
            Edit(
                "table: check the size of a slot",
                "A slot that grows past 16 bytes costs cache in every scan.",
                lambda tree: (
                    tree.after(TABLE, "#include <linux/errno.h>\n", "#include <linux/build_bug.h>\n"),
                    tree.after(
                        TABLE,
                        "int pebble_table_init(struct pebble_table *table)\n{\n",
                        "\tBUILD_BUG_ON(sizeof(struct pebble_slot) != 16);\n",
                    ),
                ),
            ),
        ],
    )


def device(_rng):
    return Chain(
        "device",
        [
            Edit(
                "device: write the module's version into it",
                "modinfo can tell then which pebble a module file belongs to.",
                lambda tree: tree.append(
                    DEVICE,
                    "MODULE_VERSION(__stringify(PEBBLE_VERSION_MAJOR) \".\" "
                    "__stringify(PEBBLE_VERSION_MINOR));\n",
                ),
            ),
            Edit(
                "device: prefix messages in one place",
                "Every message would have to repeat the name of the module.",
                lambda tree: (
                    tree.before(
                        DEVICE,
                        "#include <linux/fs.h>\n",
                        '#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt\n\n',
                    ),
                    tree.replace(DEVICE, 'pr_info("pebble: %u slots', 'pr_info("%u slots'),
                ),
            ),
            Edit(
                "device: let the group use the table",
                "Programs that watch the table need not be root for that.",
                replacing(DEVICE, "\t.mode = 0600,\n", "\t.mode = 0660,\n"),
            ),
            Edit(
                "device: answer 32-bit programs",
                "The requests have the same layout for them.",
                replacing(
                    DEVICE,
                    "\t.unlocked_ioctl = pebble_ioctl,\n",
                    "\t.unlocked_ioctl = pebble_ioctl,\n\t.compat_ioctl = compat_ptr_ioctl,\n",
                ),
            ),
            Edit(
                "device: say which default zone is unknown",
                "The module was refused without a word of the reason.",
                replacing(
                    DEVICE,
                    "\tset.zone = pebble_zone_find(default_zone);\n",
                    "\tset.zone = pebble_zone_find(default_zone);\n"
                    "\tif (set.zone == PEBBLE_ZONES)\n"
                    '\t\tpr_err("pebble: no zone is called %s\\n", default_zone);\n',
                ),
            ),
            Edit(
                "device: describe the module in full",
                "The description is all that modinfo shows to someone new.",
                replacing(
                    DEVICE,
                    'MODULE_DESCRIPTION("pebble\'s slot table");',
                    'MODULE_DESCRIPTION("slot table of the pebble operating system");',
                ),
            ),
        ],
    )


def zones(rng):
    names = list(ZONES)
    rng.shuffle(names)

    def make():
        if not names:
            return None
        name, use = names.pop()
        constant = f"PEBBLE_ZONE_{name.upper()}"

        def apply(tree):
            tree.after("include/pebble/zones.h", "\tPEBBLE_ZONE_PIPE,\n", f"\t{constant},\n")
            tree.before(
                "kernel/zones.c", '\t[PEBBLE_ZONE_PIPE] = "pipe",\n', f'\t[{constant}] = "{name}",\n'
            )

        return Edit(
            f"zones: add a zone for {use}",
            f"Slots for {use} were not told from free ones.",
            apply,
        )

    return Supply("zones", make)


def zone_files(_rng):
    def move(tree):
        tree.rename("kernel/zones.h", "kernel/names.h")
        tree.replace("kernel/zones.c", '"zones.h"', '"names.h"')
        tree.replace(DEVICE, '"zones.h"', '"names.h"')

    return Chain(
        "zone files",
        [
            Edit(
                "zones: say how names are compared",
                "The hash is there to save comparisons, not to replace them.",
                replacing(
                    "kernel/zones.c",
                    "/* Returns PEBBLE_ZONES if no zone has that name. */\n",
                    "/*\n * Returns PEBBLE_ZONES if no zone has that name. Hashes may collide: the\n"
                    " * names have the last word.\n */\n",
                ),
            ),
            Edit(
                "zones: rename the header of the names",
                "Two headers called zones.h are one too many; this one is about names.",
                move,
            ),
            Edit(
                "zones: give the numbers of the hash names",
                "They are those of FNV-1a.",
                lambda tree: (
                    tree.replace("kernel/zones.c", "u32 hash = 2166136261u;", "u32 hash = FNV_START;"),
                    tree.replace("kernel/zones.c", "* 16777619u;", "* FNV_PRIME;"),
                    tree.before(
                        "kernel/zones.c",
                        "static u32 hash_name(",
                        "#define FNV_START 2166136261u\n#define FNV_PRIME 16777619u\n\n",
                    ),
                ),
            ),
        ],
    )


def shared(_rng):
    """Headers that nearly everything includes."""
    types = "include/pebble/types.h"
    return Chain(
        "shared",
        [
            Edit(
                "types: add 8- and 16-bit signed integers",
                "For the sake of completeness: the other sizes have both.",
                replacing(
                    types,
                    "typedef int32_t s32;\n",
                    "typedef int8_t s8;\ntypedef int16_t s16;\ntypedef int32_t s32;\n",
                ),
            ),
            Edit(
                "types: check that pointers have 64 bits",
                "Requests pass pointers and numbers in the same field.",
                replacing(
                    types,
                    "#define ARRAY_SIZE(a)",
                    '_Static_assert(sizeof(void *) == 8, "pebble is for 64 bits");\n\n'
                    "#define ARRAY_SIZE(a)",
                ),
            ),
            Edit(
                "limits: derive the mask from a check",
                "A number of slots that is no power of two must not compile.",
                replacing(
                    "include/pebble/limits.h",
                    "#define PEBBLE_SLOT_MASK (PEBBLE_SLOTS - 1)\n",
                    "#define PEBBLE_SLOT_MASK (PEBBLE_SLOTS - 1)\n"
                    "#if PEBBLE_SLOTS & PEBBLE_SLOT_MASK\n"
                    '#error "PEBBLE_SLOTS is not a power of two"\n#endif\n',
                ),
            ),
            Edit(
                "ioctl: say who may send which request",
                "Readers of the header should not have to look at the module.",
                replacing(
                    "include/pebble/ioctl.h",
                    "#define PEBBLE_IOC_TYPE 'P'\n",
                    "/* RESET, SET and TOUCH change the table; PICK changes one slot of it. */\n"
                    "#define PEBBLE_IOC_TYPE 'P'\n",
                ),
            ),
        ],
    )


def version(_rng):
    minor = [4]

    def make():
        old = minor[0]
        minor[0] += 1

        def apply(tree):
            tree.replace(
                "include/pebble/types.h",
                f"#define PEBBLE_VERSION_MINOR {old}\n",
                f"#define PEBBLE_VERSION_MINOR {old + 1}\n",
            )

        return Edit(
            f"version: this is 1.{old + 1}",
            "A version of its own for what has come together since the last one.",
            apply,
        )

    return Supply("version", make)


def kbuild(_rng):
    return Chain(
        "kbuild",
        [
            Edit(
                "kbuild: turn on the warnings about unused macros",
                "The module has none, and is to stay that way.",
                lambda tree: tree.append("kernel/Kbuild", "ccflags-y += -Wunused-macros\n"),
            ),
            Edit(
                "kbuild: list the objects one a line",
                "A new object then changes one line.",
                replacing(
                    "kernel/Kbuild",
                    "pebble-y := device.o table.o zones.o\n",
                    "pebble-y := device.o\npebble-y += table.o\npebble-y += zones.o\n",
                ),
            ),
        ],
    )


SOURCES = (hot_path, table, device, zones, zone_files, shared, version, kbuild)
