# SPDX-License-Identifier: Apache-2.0
"""Repositories that hang, and commits that are bombs."""

import os
import pathlib
import subprocess
import unittest

from lab_fixture import LAB, Lab, wait_until
from repositories import commit_of, make_line, write_script

COMMITS = 8


class HostileRepository(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.healthy = cls.lab.project / "healthy"
        make_line(cls.healthy, COMMITS)
        cls.script = cls.lab.home / "check.sh"

    def setUp(self):
        write_script(self.script, "#!/bin/sh\n[ $(cat number) -lt 6 ]\n")

    def repository(self, name):
        path = self.lab.project / name
        make_line(path, COMMITS)
        return path

    def bisect(self, repository, *arguments, code=0):
        return self.lab.json("bisect", "v1..v2", "--repo", str(repository), *arguments, "--",
                             str(self.script), code=code)

    def begin(self, repository):
        """A bisection that labd is asked for and does not come to an end with."""
        return subprocess.Popen(
            [LAB, "bisect", "v1..v2", "--repo", str(repository), "--", "true"],
            env=self.lab.environment, cwd=self.lab.project, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def test_a_fifo_among_its_files_is_named(self):
        for number, name in enumerate(("packed-refs", "objects/info/alternates", "config")):
            with self.subTest(name):
                repository = self.repository(f"fifo{number}")
                (repository / ".git" / name).unlink(missing_ok=True)
                os.mkfifo(repository / ".git" / name)

                done = self.lab.run("bisect", "v1..v2", "--repo", str(repository), "--", "true",
                                    code=5)

                self.assertIn(f"{repository}/.git/{name}: is a FIFO", done.stderr)

    def test_one_that_hangs_holds_up_no_other(self):
        repository = self.repository("hangs")
        os.mkfifo(repository / "included")
        subprocess.run(["git", "config", "include.path", "../included"], cwd=repository, check=True)
        hanging = [self.begin(repository) for _ in range(3)]

        result = self.bisect(self.healthy)

        self.assertEqual(result["commit"], commit_of(self.healthy, COMMITS, 6))
        for process in hanging:
            error = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 5, error)
            self.assertIn(f"{repository}: reading it does not go on", error)
            self.assertIn("find DIR -type p", error)
        own = self.lab.run("bisect", "next", "--repo", str(repository), "--good", "v1", "--bad",
                           "v2", code=5)
        self.assertIn("reading it does not go on", own.stderr)

    def test_the_daemon_ends_while_a_repository_hangs(self):
        repository = self.repository("hangs-at-the-end")
        os.mkfifo(repository / "included")
        subprocess.run(["git", "config", "include.path", "../included"], cwd=repository, check=True)
        pid = self.lab.json("daemon", "status")["pid"]
        process = pathlib.Path(f"/proc/{pid}")
        threads = len(list((process / "task").iterdir()))
        hanging = self.begin(repository)
        wait_until(lambda: len(list((process / "task").iterdir())) > threads,
                   "a thread that hangs", 60)

        self.lab.run("daemon", "stop", timeout=60)

        self.assertFalse(process.exists())
        hanging.communicate(timeout=60)

    def test_what_a_test_leaves_in_its_checkout_ends_nothing(self):
        for left in (".git/index", ".gitattributes"):
            with self.subTest(left):
                # To read the last takes the patience out, so it is left once.
                write_script(self.script, "#!/bin/sh\nn=$(cat number)\n"
                             f"[ $n = {COMMITS} ] && rm -f {left} && mkfifo {left}\n"
                             "[ $n -lt 6 ]\n")

                result = self.bisect(self.healthy)

                self.assertEqual(result["commit"], commit_of(self.healthy, COMMITS, 6))

    def test_a_bomb_is_skipped(self):
        repository = self.repository("bomb")

        def git(*arguments, text=""):
            return subprocess.run(
                ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments],
                cwd=repository, input=text, check=True, capture_output=True, text=True).stdout.strip()

        entry = "100644 blob " + git("hash-object", "-w", "--stdin", text="0" * 100000)
        for _ in range(10):
            entry = "040000 tree " + git("mktree", text="".join(f"{entry}\tn{i}\n"
                                                                for i in range(10)))
        good = git("rev-parse", "v1")
        bomb = git("commit-tree", entry.split()[2], "-p", good, "-m", "bomb")
        bad = git("commit-tree", "v2^{tree}", "-p", bomb, "-m", "bad")
        git("tag", "-f", "v2", bad)

        result = self.bisect(repository, code=7)

        self.assertEqual(result["conclusion"], "found_with_skips")
        self.assertEqual({one["commit"] for one in result["suspects"]}, {bomb, bad})
        row = next(row for row in result["rows"] if row["commit"] == bomb)
        self.assertEqual(row["verdict"], "skip")
        self.assertIn("git config lab.max", str(row))


if __name__ == "__main__":
    unittest.main()
