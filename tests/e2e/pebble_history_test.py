# SPDX-License-Identifier: Apache-2.0
"""Tests of pebble's history generator, and of the sources that it generates.

Needs git, gcc and make; the kernel module is compiled too if the headers of a
Debian cloud kernel are there.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEBBLE = os.path.join(ROOT, "vm-templates", "pebble")
MAKE_HISTORY = os.path.join(PEBBLE, "make-history")
KINDS = ("perf", "panic", "fail")

sys.dont_write_bytecode = True
sys.path.insert(0, PEBBLE)

from history import layout, story, tree  # noqa: E402


def run(*command, env=None):
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **(env or {})}
    )


def git(repository, *args):
    done = run("git", "-C", repository, *args, env={"GIT_CONFIG_GLOBAL": os.devnull})
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def tell(kind, commits=64, seed=1, bad=None, slowdown=50):
    pristine = tree.Tree.load(os.path.join(PEBBLE, "source"))
    return story.tell(story.Options(commits, seed, kind, bad, slowdown), pristine)


class Scratch(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="pebble-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def make_history(self, name, *args, env=None):
        """Makes a repository; returns its path and the planted commit."""
        out = self.path(name)
        done = run(MAKE_HISTORY, "--out", out, "--print-bad", *args, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out, done.stdout.splitlines()[-1]


class RepositoryTest(Scratch):
    def test_same_arguments_same_names(self):
        config = self.path("gitconfig")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[user]\nname=X\n[core]\nautocrlf=true\n[init]\ndefaultBranch=x\n")
        first, first_bad = self.make_history("first")
        hostile = {
            "GIT_CONFIG_GLOBAL": config,
            "GIT_AUTHOR_NAME": "X",
            "GIT_DIR": self.path("elsewhere"),
            "TZ": "Asia/Tokyo",
            "PYTHONHASHSEED": "7",
        }
        second, second_bad = self.make_history("second", env=hostile)
        self.assertEqual(first_bad, second_bad)
        self.assertEqual(git(first, "rev-parse", "main"), git(second, "rev-parse", "main"))
        self.assertNotEqual(
            git(first, "rev-parse", "main"),
            git(self.make_history("third", "--seed", "2")[0], "rev-parse", "main"),
        )

    def test_shape(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                out, bad = self.make_history(kind, "--kind", kind, "--bad", "40")
                self.assertEqual(git(out, "rev-list", "--count", "good..bad"), "64")
                self.assertEqual(git(out, "rev-parse", "main"), git(out, "rev-parse", "bad"))
                self.assertEqual(git(out, "tag").split(), ["bad", "good"])
                self.assertEqual(git(out, "branch", "--show-current"), "main")
                self.assertEqual(git(out, "status", "--porcelain"), "")
                git(out, "fsck", "--strict")
                merges = git(out, "rev-list", "--merges", "good..bad").split()
                self.assertGreaterEqual(len(merges), 2)
                order = git(out, "rev-list", "--date-order", "--reverse", "good..bad").split()
                self.assertEqual(order[39], bad)

    def test_planted_commit_differs_by_kind(self):
        found = {self.make_history(kind, "--kind", kind)[1] for kind in KINDS}
        self.assertEqual(len(found), len(KINDS))

    def test_kinds_of_change(self):
        out, _ = self.make_history("out")
        seen = set()
        for commit in git(out, "rev-list", "--no-merges", "good..bad").split():
            names = git(out, "diff", "--name-only", commit + "~", commit).splitlines()
            seen.add(frozenset(name.strip('"').split("/")[0] for name in names))
        self.assertLessEqual(
            {frozenset(["docs"]), frozenset(["world"]), frozenset(["kernel"])}, seen
        )
        raw = git(out, "log", "--raw", "-M", "--format=", "good..bad").splitlines()
        self.assertTrue(any("R100" in line or " R0" in line for line in raw), "no rename")
        self.assertTrue(any(line.startswith(":100644 100755") for line in raw), "no mode change")
        self.assertTrue(any(line.startswith(":000000 120000") for line in raw), "no link")

    def test_nothing_tells_the_planted_commit(self):
        """The subject of the planted commit is in every kind of history."""
        subjects = []
        planted = []
        for kind in KINDS:
            out, bad = self.make_history(kind, "--kind", kind)
            subjects.append(git(out, "log", "--format=%s").splitlines())
            planted.append(git(out, "log", "-1", "--format=%s", bad))
        for subject in planted:
            for history in subjects:
                self.assertEqual(history.count(subject), 1)


class RefusalTest(Scratch):
    def refused(self, *args):
        done = run(MAKE_HISTORY, *args)
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_directory_in_use(self):
        used = self.path("used")
        os.mkdir(used)
        open(os.path.join(used, "file"), "w", encoding="utf-8").close()
        self.assertIn("not an empty directory", self.refused("--out", used))
        self.assertIn("not an empty directory", self.refused("--out", os.path.join(used, "file")))
        self.assertEqual(os.listdir(used), ["file"])

    def test_empty_directory_is_fine(self):
        os.mkdir(self.path("empty"))
        self.make_history("empty", "--commits", "24")

    def test_ranges(self):
        for args, text in (
            (("--bad", "1"), "from 2 to 64"),
            (("--bad", "31", "--commits", "30"), "from 2 to 30"),
            (("--commits", "23"), "from 24 to 400"),
            (("--commits", "401"), "from 24 to 400"),
            (("--slowdown", "4"), "from 5 to 500"),
            (("--slowdown", "501"), "from 5 to 500"),
            (("--kind", "other"), "invalid choice"),
            (("--bad", "x"), "invalid int"),
        ):
            with self.subTest(args=args):
                out = self.path("new")
                self.assertIn(text, self.refused("--out", out, *args))
                self.assertFalse(os.path.exists(out))


class StoryTest(unittest.TestCase):
    def test_every_position(self):
        """Edits fit wherever the planted commit is (story.tell checks them)."""
        sides = 0
        for commits in (24, 64):
            for bad in range(2, commits + 1):
                for kind in KINDS:
                    nodes, made = tell(kind, commits, 3, bad)
                    self.assertEqual(len(made), commits + 1)
                    sides += nodes[bad].side == "s"
                self.check_clear(nodes, bad)
        self.assertGreater(sides, 0)

    def check_clear(self, nodes, bad):
        near = layout.neighbours(nodes, bad)
        self.assertTrue(all(nodes[at].state == "ok" for at in near))
        self.assertEqual(nodes[-1].state, "ok")

    def test_many_seeds(self):
        for seed in range(10, 40):
            options = story.Options(64, seed, "perf", None, 50)
            self.assertTrue(64 // 5 <= options.bad <= 64 * 4 // 5)
            tell("panic", 64, seed)

    def test_long_history(self):
        self.assertEqual(len(tell("fail", 400)[1]), 401)

    def test_slowdown_is_in_the_text(self):
        texts = set()
        for slowdown in (5, 20, 50, 500):
            _, commits = tell("perf", slowdown=slowdown)
            texts.update(
                entry[1]
                for commit in commits
                for path, entry in commit.changes
                if path == "kernel/table.h" and entry and b"LOOK_AGAIN" in entry[1]
            )
        self.assertGreaterEqual(len(texts), 4)


class CompileTest(Scratch):
    """Compiles commits of one history, one after the other, in one directory."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="pebble-test-")
        cls.repository = os.path.join(cls.base, "repository")
        done = run(MAKE_HISTORY, "--out", cls.repository, "--kind", "fail", "--print-bad")
        cls.bad = done.stdout.splitlines()[-1]
        cls.nodes, _ = tell("fail")
        listed = git(cls.repository, "rev-list", "--date-order", "--reverse", "good..bad")
        cls.order = [git(cls.repository, "rev-parse", "good")] + listed.split()
        builds = sorted(glob.glob("/lib/modules/*-cloud-amd64/build"))
        cls.kver = builds[-1].split("/")[3] if builds else None

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base)

    def make(self, commit, objects, *goals):
        git(self.repository, "checkout", "--quiet", commit)
        args = [f"O={objects}"] + ([f"KVER={self.kver}"] if self.kver else [])
        return run("make", "-s", "-j2", "-C", self.repository, *args, *goals)

    def goals(self):
        return ["world", "kernel"] if self.kver else ["world"]

    def contents(self, objects):
        """What a build is for: programs, objects, the library, the module."""
        found = {}
        for parent, _, names in os.walk(objects):
            for name in names:
                path = os.path.join(parent, name)
                if name.endswith((".o", ".a", ".ko")) or os.path.basename(parent) == "bin":
                    with open(path, "rb") as file:
                        digest = hashlib.sha256(file.read()).hexdigest()
                    found[os.path.relpath(path, objects)] = digest
        return found

    def test_sampled_commits(self):
        objects = self.path("objects")
        bad = self.order.index(self.bad)
        sample = {0, bad, self.nodes[bad].parents[0], len(self.order) - 1}
        sample.update(i for i, node in enumerate(self.nodes) if node.role != "plain")
        sample.update(range(5, len(self.order), 12))
        sample.discard(0)
        for position in [0] + sorted(sample):
            with self.subTest(position=position):
                kernel = self.nodes[position].role == "stretch" or position in (0, bad)
                goals = self.goals() if kernel else ["world"]
                done = self.make(self.order[position], objects, *goals)
                broken = self.nodes[position].state == "build"
                if broken and not self.kver and self.nodes[position].stretch == "count":
                    continue
                self.assertEqual(done.returncode != 0, broken, done.stderr)
        self.assertEqual(git(self.repository, "status", "--porcelain"), "")

    def test_incremental_equals_clean(self):
        for first, second in ((0, -1), (-1, 0)):
            with self.subTest(first=first):
                both, clean = self.path(f"both{first}"), self.path(f"clean{first}")
                self.make(self.order[first], both, *self.goals())
                self.assertEqual(
                    self.make(self.order[second], both, *self.goals()).returncode, 0
                )
                self.make(self.order[second], clean, *self.goals())
                self.assertEqual(self.contents(both), self.contents(clean))
                self.assertGreater(len(self.contents(clean)), 40)

    def test_nothing_to_do(self):
        objects = self.path("objects")
        self.make(self.order[0], objects, *self.goals())
        self.assertEqual(self.make(self.order[0], objects, *self.goals()).stdout, "")

    def test_planted_tool_answers_wrong(self):
        """The tools are static programs: the host's kernel can run them."""
        objects = self.path("objects")
        lines = "4294967297\n2\n2147483651\n"
        for commit, right in ((self.order[0], True), (self.bad + "~", True), (self.bad, False)):
            self.assertEqual(self.make(commit, objects, "world").returncode, 0)
            done = subprocess.run(
                [os.path.join(objects, "world", "bin", "sort"), "-n"],
                input=lines,
                capture_output=True,
                encoding="utf-8",
            )
            self.assertEqual(done.stdout == "2\n2147483651\n4294967297\n", right, commit)


if __name__ == "__main__":
    unittest.main()
