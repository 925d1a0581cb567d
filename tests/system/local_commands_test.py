# SPDX-License-Identifier: Apache-2.0
"""Commands of bisections without machines that leave things, hold things, print much or are killed."""

import os
import pathlib
import shutil
import socket
import unittest

from lab_fixture import Lab, wait_until
from repositories import commit_all, commit_of, make_line, write_script

COMMITS = 15
CULPRIT = 10

JUDGE = f"[ $(cat number) -lt {CULPRIT} ]\n"


def command_lines():
    """Of every process, as bytes."""
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_bytes()
        except OSError:
            continue


class LocalCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.repository = cls.lab.project / "line"
        make_line(cls.repository, COMMITS)
        cls.lab.project = cls.repository

    def setUp(self):
        self.seen = self.lab.home / "seen"
        self.seen.write_text("")

    def script(self, text):
        path = self.lab.home / "check.sh"
        write_script(path, "#!/bin/sh\n" + text)
        return str(path)

    def commit(self, number):
        return commit_of(self.repository, COMMITS, number)

    def bisect(self, *arguments, code=0):
        return self.lab.json("bisect", "v1..v2", *arguments, code=code)

    def assert_ended(self, word):
        """No process has the word in its command line."""
        self.assertEqual([line for line in command_lines() if word in line], [])

    def test_helpers_are_not_waited_for_and_end_with_their_command(self):
        for number, way in enumerate(("", "setsid", "env -i setsid")):
            seconds = str(7000000 + number)
            with self.subTest(way=way):
                script = self.script(f"{way} sleep {seconds} &\n" + JUDGE)

                result = self.bisect("--timeout", "30s", "--", script)

                self.assertEqual(result["commit"], self.commit(CULPRIT))
                self.assert_ended(seconds.encode())
        self.assertIn("left behind were ended", self.lab.run("job", "logs", "@last").stdout)

    def test_helpers_end_when_labd_is_killed(self):
        script = self.script("env -i setsid sleep 7000009 &\nexec sleep 7000009\n")
        job = self.lab.run("bisect", "v1..v2", "--detach", "--", script).stdout.split()[-1]
        wait_until(lambda: sum(b"7000009" in line for line in command_lines()) == 2, "a helper", 60)

        self.lab.kill_labd()

        wait_until(lambda: not any(b"7000009" in line for line in command_lines()),
                   "the end of both", 30)
        self.lab.run("bisect", "abort", job)
        self.lab.run("job", "wait", job, code=130)
        self.assert_ended(b"7000009")

    def test_a_command_has_no_descriptors_of_labd(self):
        self.lab.run("daemon", "start")
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(self.lab.json("daemon", "status")["socket"])

        self.bisect("--", self.script(f"readlink /proc/$$/fd/* >> {self.seen}\n" + JUDGE))

        opened = {line.split(":")[0] for line in self.seen.read_text().splitlines()}
        self.assertEqual(opened - {str(self.lab.home / "check.sh"), str(self.seen)},
                         {"/dev/null", "pipe"})

    def test_a_value_is_found_behind_any_length_of_output(self):
        noise = "head -c 5000000 /dev/zero | tr '\\0' x | fold; echo\n"
        speed = f"speed=$(( $(cat number) >= {CULPRIT} ? 70 : 100 ))\n"
        for options, line in (((), "echo LAB_METRIC speed $speed MB/s\n"),
                              (("--metric-regex", "speed is ([0-9]+)"), "echo speed is $speed\n")):
            with self.subTest(options=options):
                result = self.bisect(*options, "--", self.script(speed + noise + line))

                self.assertEqual(result["commit"], self.commit(CULPRIT))

    def test_a_number_that_may_have_been_cut_is_no_verdict(self):
        script = self.script("head -c 5000000 /dev/zero | tr '\\0' x\necho speed is 100\n")

        result = self.bisect("--metric-regex", "speed is ([0-9]+)", "--", script, code=7)

        self.assertIn("output over 1 MiB", result["text"])

    def test_a_run_that_something_kills_is_tried_once_more(self):
        script = self.script(f"echo x >> {self.seen}\n"
                             f"if [ $(cat number) = 15 ] && [ ! -e {self.seen}.once ]; then\n"
                             f"touch {self.seen}.once; kill -9 $$; fi\n" + JUDGE)

        result = self.bisect("--", script)

        self.assertEqual(result["commit"], self.commit(CULPRIT))
        self.assertIn("ended by signal 9", self.lab.run("job", "logs", "@last").stdout)
        self.assertEqual(len(result["lessons"]), len(self.seen.read_text().split()) - 1)

    def test_a_run_that_stops_the_bisection_is_no_observation(self):
        kills = self.lab.home / "kills"
        kills.write_text("")
        script = self.script(f"echo x >> {self.seen}\n"
                             f"[ $(cat number) != 9 ] || [ ! -e {kills} ] || kill -9 $$\n" + JUDGE)
        failed = self.lab.run("bisect", "v1..v2", "--", script, code=1)
        job = self.lab.json("job", "list")[0]["id"]
        self.assertIn("exit code 137", failed.stderr)
        self.assertIn(f"lab bisect resume {job}", failed.stderr)
        runs = len(self.seen.read_text().split())

        # As before, and it was run anew, twice.
        self.lab.run("bisect", "resume", job, code=1)
        self.assertEqual(len(self.seen.read_text().split()), runs + 2)

        self.lab.run("bisect", "skip", self.commit(9), "--job", job)
        self.lab.run("job", "wait", job, code=7)
        result = self.lab.json("bisect", "status", job)
        self.assertEqual({one["commit"] for one in result["suspects"]},
                         {self.commit(9), self.commit(CULPRIT)})

    def test_resumed_it_goes_on_when_nothing_kills_it_any_more(self):
        kills = self.lab.home / "kills"
        kills.write_text("")
        script = self.script(f"[ $(cat number) != 9 ] || [ ! -e {kills} ] || kill -9 $$\n" + JUDGE)
        self.lab.run("bisect", "v1..v2", "--", script, code=1)
        job = self.lab.json("job", "list")[0]["id"]
        kills.unlink()

        self.lab.run("bisect", "resume", job)

        self.assertEqual(self.lab.json("bisect", "status", job)["commit"], self.commit(CULPRIT))

    def test_a_program_that_a_commit_spoils_skips_the_commit(self):
        repository = self.lab.home / "spoiled"
        make_line(repository, 0)
        judge = f"#!/bin/sh\n[ $(cat number) -lt {CULPRIT} ]\n"
        for number in range(COMMITS + 1):
            program = repository / "test.sh"
            if program.is_symlink() or program.is_file():
                program.unlink()
            elif program.is_dir():
                shutil.rmtree(program)
            if number in (4, 5):
                program.symlink_to("test.sh")
            elif number == 6:
                program.mkdir()
                (program / "file").write_text("x")
            elif number == 7:
                write_script(program, "#!/no/such/interpreter\nexit 0\n")
            elif number in (9, 11):  # names no interpreter: the shell's, as at a prompt
                write_script(program, judge.split("\n", 1)[1])
            else:
                write_script(program, judge)
            (repository / "number").write_text(f"{number}\n")
            commit_all(repository, f"number {number}", tag=f"n{number}")

        found = self.lab.json("bisect", f"n0..n{COMMITS}", "--repo", str(repository),
                              "--strategy", "git", "--", "./test.sh")
        sampled = self.lab.json("bisect", f"n0..n{COMMITS}", "--repo", str(repository), "--",
                                "./test.sh")
        named = self.lab.json("bisect", f"n0..n{COMMITS}", "--repo", str(repository), "--",
                              "./" + "x" * 300, code=7)

        self.assertEqual(found["commit"], commit_of(repository, COMMITS, CULPRIT))
        self.assertEqual(sampled["commit"], commit_of(repository, COMMITS, CULPRIT))
        self.assertEqual(named["conclusion"], "inconclusive")

    def test_what_a_command_does_to_its_checkout_harms_no_other_run(self):
        for mischief in ("touch .git/index.lock .git/HEAD.lock",
                         "rm -rf .git", "rm -rf .git; touch .git",
                         "rm number; mkdir number; touch number/inside",
                         "git -c user.name=t -c user.email=t@x commit -q --allow-empty -m mine",
                         "git update-index --assume-unchanged number; echo 0 > number",
                         "git config core.worktree /nowhere; git config core.bare true",
                         "rm -rf ./* .git",
                         "mkdir -p d/e; touch d/e/f; chmod 000 number; chmod -R 555 d ."):
            with self.subTest(mischief=mischief):
                script = self.script("n=$(cat number) || exit 125\n" + mischief
                                     + f"\n[ $n -lt {CULPRIT} ]\n")

                result = self.bisect("--", script)

                self.assertEqual(result["commit"], self.commit(CULPRIT))
        self.assertEqual(os.listdir(self.lab.home / "state/checkouts"), [])


if __name__ == "__main__":
    unittest.main()
