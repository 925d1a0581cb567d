# SPDX-License-Identifier: Apache-2.0
"""The shape of a history: which commit has which parents, and what it is for.

Positions count from 1 in the order in which the commits are made, which is
the order of their dates, and parents come before their children: it is what
`git rev-list --date-order --reverse good..bad` prints. Position 0 is `good`.
"""

# How far from the planted commit the next broken one must be.
CLEAR = 2


class Node:
    """One commit: role is "plain", "merge" or "stretch"."""

    def __init__(self, role, parents, side=None, stretch=None, step=0, block=None):
        self.role = role
        self.parents = parents
        self.side = side
        self.stretch = stretch
        self.step = step
        self.block = block
        self.state = "ok"


class LayoutError(Exception):
    """No order of the parts satisfies the rules."""


def branch_part(rng, small):
    """Steps of a main line "m" and a side branch "s", up to their merge."""
    most = 2 if small else 4
    steps = ["m"] * rng.randint(1, most) + ["s"] * rng.randint(1, most)
    rng.shuffle(steps)
    return ("branch", steps)


def parts_of(rng, commits, stretches):
    small = commits < 40
    parts = [("stretch", name) for name in stretches]
    parts += [branch_part(rng, small) for _ in range(max(2, commits // 16))]
    used = sum(part_size(part, stretches) for part in parts)
    return parts + [("plain", None)] * (commits - used)


def part_size(part, stretches):
    kind, value = part
    if kind == "stretch":
        return len(stretches[value])
    return len(value) + 1 if kind == "branch" else 1


def add_branch(nodes, tip, steps, block):
    """The main line and the side branch start at tip; returns the merge."""
    ends = {"m": tip, "s": tip}
    for step in steps:
        nodes.append(Node("plain", [ends[step]], side=step, block=block))
        ends[step] = len(nodes) - 1
    nodes.append(Node("merge", [ends["m"], ends["s"]], block=block))
    return len(nodes) - 1


def build(parts, stretches):
    nodes = [Node("root", [])]
    tip = 0
    for block, (kind, value) in enumerate(parts):
        if kind == "branch":
            tip = add_branch(nodes, tip, value, block)
            continue
        states = stretches[value] if kind == "stretch" else ["ok"]
        for step, state in enumerate(states):
            role = "stretch" if kind == "stretch" else "plain"
            nodes.append(Node(role, [tip], stretch=value, step=step, block=block))
            nodes[-1].state = state
            tip = len(nodes) - 1
    return nodes


def neighbours(nodes, position):
    """The commits within CLEAR steps of a position, by order and by parents."""
    children = {}
    for child, node in enumerate(nodes):
        for parent in node.parents:
            children.setdefault(parent, []).append(child)
    near = set(range(max(0, position - CLEAR), min(len(nodes), position + CLEAR + 1)))
    up, down = {position}, {position}
    for _ in range(CLEAR):
        up = {parent for at in up for parent in nodes[at].parents}
        down = {child for at in down for child in children.get(at, [])}
        near |= up | down
    return near


def suits(nodes, bad):
    """May the commit at position bad be the planted one?"""
    return nodes[bad].role == "plain" and all(
        nodes[at].state == "ok" for at in neighbours(nodes, bad)
    )


def make(rng, commits, bad, stretches):
    """Nodes for positions 0..commits, where bad is fit for the planted commit.

    stretches maps the name of a stretch to the states of its commits.
    """
    for _ in range(5000):
        parts = parts_of(rng, commits, stretches)
        rng.shuffle(parts)
        nodes = build(parts, stretches)
        if suits(nodes, bad) and nodes[commits].role == "plain":
            return nodes
    raise LayoutError(f"no layout of {commits} commits has room for number {bad}")
