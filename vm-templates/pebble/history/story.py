# SPDX-License-Identifier: Apache-2.0
"""Puts a history together: the shape, the edits, and the commits from them."""

import random

from . import broken, docs_edits, kernel_edits, layout, planted, program_edits, world_edits
from .edits import Edit
from .gitrepo import AUTHORS, Commit
from .tree import EditError

FIRST_DATE = 1704704400  # Monday, 8 January 2024, 09:00 UTC

# What every history has at least once, and what it has more of if it is long.
WANTED = (
    "hot", "shared", "device", "table", "tools", "pages", "library", "shell",
    "tool options", "hot", "early", "zones", "links", "modes",
)  # fmt: skip
WEIGHTS = {
    "checks": 5, "errors": 4, "wishes": 3, "tools": 3, "tool options": 3, "shell": 2,
    "library": 2, "device": 2, "table": 2, "hot": 2, "early": 2, "pages": 2, "wording": 2,
    "zones": 2, "zone files": 2, "shared": 1, "version": 1, "kbuild": 1, "benches": 1,
    "links": 1, "modes": 1, "image": 1,
}  # fmt: skip


class Options:
    def __init__(self, commits, seed, kind, bad, slowdown):
        self.commits = commits
        self.seed = seed
        self.kind = kind
        self.bad = bad if bad is not None else default_bad(commits, seed)
        self.slowdown = slowdown


def default_bad(commits, seed):
    """Somewhere in the middle: between 20 and 80 per cent of the history."""
    return random.Random(f"bad {seed} {commits}").randint(commits // 5 + 1, commits * 4 // 5)


def stretches_for(commits):
    stretches = {"number": broken.number_stretch(), "boot": broken.boot_stretch()}
    if commits >= 48:
        stretches["count"] = broken.count_stretch()
    return stretches


class Supplies:
    """Where the edits of ordinary commits come from."""

    def __init__(self, rng):
        self.rng = rng
        modules = (kernel_edits, docs_edits, world_edits, program_edits)
        sources = [make(rng) for module in modules for make in module.SOURCES]
        self.sources = {source.name: source for source in sources}
        self.empty = set()
        self.queue = []

    def prepare(self, count):
        """Chooses the sources of so many commits, in the order of their use."""
        wanted = list(WANTED[:count])
        names = sorted(WEIGHTS)
        more = self.rng.choices(names, [WEIGHTS[name] for name in names], k=count - len(wanted))
        self.queue = wanted + more
        self.rng.shuffle(self.queue)

    def next(self, taken_elsewhere):
        """The next edit from a source that the other side does not use."""
        for index, name in enumerate(self.queue):
            if name in taken_elsewhere or name in self.empty:
                continue
            edit = self.sources[name].next()
            if edit:
                del self.queue[index]
                return name, edit
            self.empty.add(name)
        # What has no end, and whose edits get along with themselves.
        return "checks", self.sources["checks"].next()


def choose_edits(nodes, options, rng, stretches):
    """The edit of each position; merges have none."""
    plain = [i for i, node in enumerate(nodes) if node.role == "plain" and i != options.bad]
    others = [form for form in planted.KINDS if form != options.kind]
    decoys = dict(zip(rng.sample(plain, len(others)), others))
    decoys[options.bad] = options.kind
    supplies = Supplies(rng)
    supplies.prepare(len(plain) - len(others))
    taken = {}
    edits = {}
    for position, node in enumerate(nodes):
        if position in decoys:
            edits[position] = planted.edit_of(decoys[position], options.kind, options.slowdown)
        elif node.role == "stretch":
            edits[position] = stretches[node.stretch][node.step][0]
        elif node.role == "plain":
            other = {"m": "s", "s": "m"}.get(node.side)
            name, edits[position] = supplies.next(taken.get((node.block, other), ()))
            taken.setdefault((node.block, node.side), set()).add(name)
    return edits


def side_edits(nodes, edits, merge):
    """The positions of the side branch that a merge brings in, oldest first."""
    block, found = nodes[merge].block, []
    at = nodes[merge].parents[1]
    while nodes[at].block == block and nodes[at].side == "s":
        found.append(at)
        at = nodes[at].parents[0]
    return found[::-1]


def merge_edit(edits, positions):
    topic = edits[positions[-1]].subject.split(":")[0].replace(" ", "-")

    def apply(tree):
        for position in positions:
            edits[position].apply(tree)

    subjects = "; ".join(edits[position].subject for position in positions)
    return Edit(f"Merge branch '{topic}'", f"This brings in: {subjects}.", apply)


def grow(nodes, edits, pristine):
    """The tree of each position: its first parent's, and its edit."""
    trees = [pristine]
    for position, node in enumerate(nodes[1:], 1):
        if node.role == "merge":
            edits[position] = merge_edit(edits, side_edits(nodes, edits, position))
        tree = trees[node.parents[0]].copy()
        try:
            edits[position].apply(tree)
        except EditError as error:
            raise EditError(f"commit {position} ({edits[position].subject}): {error}") from error
        if not tree.difference(trees[node.parents[0]]):
            raise EditError(f"commit {position} changes nothing")
        trees.append(tree)
    return trees


def verify(nodes, trees, options):
    """The planted edit is wrong where it must be, and nothing else ever is."""
    affected = set()
    for position, node in enumerate(nodes):
        if position == options.bad or affected & set(node.parents):
            affected.add(position)
        expected = {options.kind} if position in affected else set()
        if planted.is_wrong(trees[position]) != expected:
            raise EditError(f"commit {position} is not what it is to be")


def tell(options, pristine):
    """Returns the nodes and the commits of a history."""
    rng = random.Random(f"{options.seed} {options.commits} {options.bad}")
    stretches = stretches_for(options.commits)
    states = {name: [state for _, state in steps] for name, steps in stretches.items()}
    nodes = layout.make(rng, options.commits, options.bad, states)
    edits = choose_edits(nodes, options, rng, stretches)
    trees = grow(nodes, edits, pristine)
    verify(nodes, trees, options)

    first = Edit("import pebble", "The system as it is used so far, without its past.", None)
    empty = type(pristine)()
    date = FIRST_DATE
    commits = []
    for position, node in enumerate(nodes):
        base = trees[node.parents[0]] if node.parents else empty
        message = edits.get(position, first).message()
        changes = trees[position].difference(base)
        commits.append(Commit(message, rng.choice(AUTHORS), date, node.parents, changes))
        date += rng.randint(20 * 60, 40 * 60 * 60)
    return nodes, commits
