# SPDX-License-Identifier: Apache-2.0
"""The edits that a bisection may be after.

Each has two forms that tell the same story: the sound one, and the one that
is wrong. A history has all of them, and at most one in its wrong form.
"""

from .edits import Edit

KINDS = ("perf", "panic", "fail")

TABLE_SLOTS = 4096

PICK = "\tvictim = pebble_scan(table, table->hand, PEBBLE_SLOTS);\n"


def perf(wrong, slowdown):
    """Slots touched during a scan: asked about once more, or scanned again."""

    def apply(tree):
        if not wrong:
            tree.after(
                "kernel/table.c",
                PICK,
                "\t/* Touched after the scan had passed it: it is in use again. */\n"
                "\tif (READ_ONCE(table->slots[victim].stamp) == table->now)\n"
                "\t\tvictim = pebble_scan(table, victim + 1, PEBBLE_SLOTS);\n",
            )
            return
        again = max(1, round(TABLE_SLOTS * slowdown / 100))
        tree.before(
            "kernel/table.h",
            "/* A slot's stamp is written",
            "/* The first slots of a scan may be touched before it ends. */\n"
            f"#define PEBBLE_LOOK_AGAIN {again}\n\n",
        )
        tree.replace("kernel/table.c", PICK, PICK.replace("SLOTS", "SLOTS + PEBBLE_LOOK_AGAIN"))

    return Edit(
        "table: mind slots that are touched during a scan",
        """pebble_table_touch() does not take the lock. A slot may be touched
        after the scan has passed it, and then the scan's answer is out of
        date. Look again before the answer is used.""",
        apply,
    )


def panic(wrong, _slowdown):
    """A new zone: with its name, or without."""

    def apply(tree):
        tree.before("include/pebble/zones.h", "\tPEBBLE_ZONES\n", "\tPEBBLE_ZONE_SPILL,\n")
        tree.append(
            "docs/table.txt",
            "\nSlots that did not fit anywhere else are in the zone for spilled ones.\n",
        )
        if not wrong:
            tree.after(
                "kernel/zones.c",
                '\t[PEBBLE_ZONE_PIPE] = "pipe",\n',
                '\t[PEBBLE_ZONE_SPILL] = "spill",\n',
            )

    return Edit(
        "zones: add a zone for spilled slots",
        """Slots that do not fit into another zone have been counted as free
        ones, which makes the numbers of the free zone hard to read. Give them
        a zone of their own.""",
        apply,
    )


BY_NUMBER = """\
	if (left->number < right->number)
		return -1;
	if (left->number > right->number)
		return 1;
	return by_text(a, b);
"""


def fail(wrong, _slowdown):
    """The order of two numbers: compared, or subtracted."""

    def apply(tree):
        if wrong:
            order = "left->number - right->number"
        else:
            order = "(left->number > right->number) - (left->number < right->number)"
        tree.replace(
            "world/tools/sort.c",
            "\n" + BY_NUMBER,
            f"\tint order = {order};\n\n\treturn order ? order : by_text(a, b);\n",
        )

    return Edit(
        "sort: order numbers without branches",
        """The order of two numbers is the sign of one expression. Only lines
        with the same number need their texts to be compared.""",
        apply,
    )


FORMS = {"perf": perf, "panic": panic, "fail": fail}


def edit_of(form, kind, slowdown):
    """The edit called form in a history of this kind."""
    return FORMS[form](form == kind, slowdown)


def is_wrong(tree):
    """The forms that are in the tree in their wrong form."""
    found = set()
    if "PEBBLE_LOOK_AGAIN)" in tree.text("kernel/table.c"):
        found.add("perf")
    zones = tree.text("include/pebble/zones.h")
    if "ZONE_SPILL" in zones and "[PEBBLE_ZONE_SPILL]" not in tree.text("kernel/zones.c"):
        found.add("panic")
    if "int order = left->number - right->number;" in tree.text("world/tools/sort.c"):
        found.add("fail")
    return found
