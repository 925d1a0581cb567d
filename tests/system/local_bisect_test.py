# SPDX-License-Identifier: Apache-2.0
"""Bisections without machines: the command runs in checkouts on this host."""

import hashlib
import os
import pathlib
import signal
import subprocess
import time
import unittest

from lab_fixture import Lab, wait_until
from repositories import commit_of, make_c_program, make_line, write_script

COMMITS = 100

# Each run is told apart by a count, so that what is random is the same in every run of the test.
FLAKY = """#!/bin/sh
n=$(cat number); echo "$LAB_COMMIT" >> {log}
luck=$(( ($(wc -l < {log}) * 7919 + n * 104729) % 100 ))
if [ "$n" -ge {culprit} ]; then [ $luck -lt 10 ]; else [ $luck -ge 5 ]; fi
"""

SLOW = """#!/bin/sh
n=$(cat number); sleep 0.2; echo "$LAB_COMMIT" >> {log}
[ "$n" -lt {culprit} ]
"""

# Builds when the checkout comes from another commit, which takes ten times as long as the test.
BUILDS = """#!/bin/sh
n=$(cat number)
[ "$(cat built 2> /dev/null)" = "$n" ] || {{ sleep 0.2; echo "$n" > built; echo "b $n" >> {log}; }}
sleep 0.02; echo "t $n" >> {log}
luck=$(( ($(wc -l < {log}) * 7919 + n * 104729) % 100 ))
if [ "$n" -ge {culprit} ]; then [ $luck -lt 10 ]; else [ $luck -ge 10 ]; fi
"""


# Notes whether another run goes on beside it.
ALONE = """#!/bin/sh
n=$(cat number)
if mkdir {busy}; then echo alone >> {log}; else echo beside >> {log}; fi
sleep 0.1; rmdir {busy}
echo LAB_METRIC time $((n >= {culprit} ? 200 : 100)).$((n % 7)) ms
"""


def fingerprint(repository):
    """Every file of a repository, with content and time."""
    digest = hashlib.sha256()
    for path in sorted(repository.rglob("*")):
        stat = path.lstat()
        digest.update(f"{path} {stat.st_mode} {stat.st_mtime_ns}".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


class LocalBisect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.repository = cls.lab.project / "line"
        make_line(cls.repository, COMMITS)
        cls.lab.project = cls.repository
        cls.runs = cls.lab.home / "runs.log"

    def setUp(self):
        self.runs.write_text("")

    def script(self, text, **values):
        path = self.lab.home / "check.sh"
        write_script(path, text.format(log=self.runs, **values) if values else text)
        return str(path)

    def commit(self, number):
        return commit_of(self.repository, COMMITS, number)

    def bisect(self, *arguments, code=0):
        return self.lab.json("bisect", "v1..v2", *arguments, code=code)

    def assert_nothing_left(self):
        pools = list((self.lab.home / "state/checkouts").iterdir())
        self.assertEqual(pools, [])
        for entry in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                environment = entry.read_bytes()
            except OSError:
                continue
            self.assertNotIn(f"LAB_BISECTION={self.lab.home}".encode(), environment, entry)

    def test_builds_are_dearer_than_tests(self):
        result = self.bisect("--confidence", "0.999", "--", self.script(BUILDS, culprit=61))
        runs = self.runs.read_text().splitlines()
        builds = sum(line.startswith("b") for line in runs)

        self.assertEqual(result["commit"], self.commit(61))
        self.assertEqual([runs.count(f"b {end}") for end in (0, COMMITS)], [1, 1])
        # Where all runs count alike, four of five build.
        self.assertLess(builds, 0.65 * (len(runs) - builds), runs)
        dear = [row for row in result["rows"] if row["build_seconds"] > 0.15]
        self.assertGreater(len(dear), 3)

    def test_a_flaky_command(self):
        before = fingerprint(self.repository)

        result = self.bisect("--", self.script(FLAKY, culprit=61))

        self.assertEqual(result["conclusion"], "found")
        self.assertEqual(result["commit"], self.commit(61))
        self.assertGreaterEqual(result["probability"], 0.99)
        self.assertEqual(len(result["lessons"]), len(self.runs.read_text().split()))
        self.assertEqual(fingerprint(self.repository), before)
        self.assert_nothing_left()
        report = self.lab.run("bisect", "report").stdout
        self.assertIn("LIKELIEST", report)
        self.assertIn(self.commit(61)[:12], report)
        self.assertEqual(result["posterior"][0]["commit"], self.commit(61))
        self.assertEqual(result["range"], COMMITS)
        self.assertTrue(result["machine"]["system"].startswith("Linux "))
        page = self.lab.run("bisect", "report", "@last", "-o", "html").stdout
        for part in (self.commit(61), "Chance of every commit", "1 file changed", "git checkout "):
            self.assertIn(part, page)

    def test_git_and_lab_name_the_same_commit(self):
        script = self.script("#!/bin/sh\n[ $(cat number) -lt 38 ]\n")
        subprocess.run(["git", "bisect", "start", "v2", "v1"], cwd=self.repository, check=True,
                       capture_output=True)
        by_git = subprocess.run(["git", "bisect", "run", script], cwd=self.repository, check=True,
                                capture_output=True, text=True).stdout
        log = subprocess.run(["git", "bisect", "log"], cwd=self.repository, check=True,
                             capture_output=True, text=True).stdout
        subprocess.run(["git", "bisect", "reset"], cwd=self.repository, check=True,
                       capture_output=True)
        sentence = self.commit(38) + " is the first bad commit"
        self.assertIn(sentence, by_git)

        self.assertIn(sentence, self.lab.run("bisect", "v1..v2", "--strategy", "git", "--",
                                             script).stdout)
        ours = self.lab.run("bisect", "log").stdout
        verdicts = [line for line in log.splitlines() if line.startswith("git bisect ")][1:]
        self.assertEqual([line for line in ours.splitlines()
                          if line.startswith("git bisect ")][1:], verdicts)

        replayed = self.lab.home / "git.log"
        replayed.write_text(log)
        done = self.lab.run("bisect", "replay", str(replayed), "--strategy", "git", "--", script)
        self.assertIn(sentence, done.stdout)
        self.assertIn("said, not tried", done.stdout)
        done = self.lab.run("bisect", "replay", str(replayed), "--", script)
        self.assertIn(sentence, done.stdout)

    def test_a_dry_run_checks_and_starts_nothing(self):
        jobs = self.lab.json("job", "list")

        said = self.bisect("--dry-run", "--", "true")

        self.assertEqual(said["good"], self.commit(0))
        missing = self.lab.run("bisect", "v1..nope", "--dry-run", "--", "true", code=2)
        self.assertIn("nope", missing.stderr)
        self.assertEqual(self.lab.json("job", "list"), jobs)

    def test_a_subdirectory_finds_its_repository(self):
        inside = self.repository / "inside"
        inside.mkdir()
        try:
            said = self.bisect("--repo", str(inside), "--dry-run", "--", "true")
        finally:
            inside.rmdir()

        self.assertEqual(said["local"]["repository"], str(self.repository))

    def test_a_metric_whose_direction_the_ends_tell(self):
        script = self.script('#!/bin/sh\nn=$(cat number)\n'
                             'echo LAB_METRIC speed $((n >= 20 ? 70 : 100)).$((n % 7)) MB/s\n')

        self.assertEqual(self.bisect("--", script)["commit"], self.commit(20))
        self.assertEqual(self.bisect("--higher-is-better", "--", script)["commit"],
                         self.commit(20))
        wrong = self.bisect("--lower-is-better", "--", script, code=7)
        self.assertEqual(wrong["conclusion"], "no_culprit")
        self.assertIn("better", wrong["text"])

    def test_values_are_measured_one_at_a_time(self):
        command = self.script(ALONE, busy=self.lab.home / "busy", culprit=61)

        result = self.bisect("--jobs", "4", "--", command)

        self.assertEqual(result["commit"], self.commit(61))
        runs = self.runs.read_text().split()
        self.assertGreater(len(runs), 10)
        self.assertEqual(set(runs), {"alone"})

    def test_a_metric_found_by_a_pattern(self):
        script = self.script('#!/bin/sh\necho "took $(( $(cat number) >= 77 ? 90 : 50 )) ms"\n')

        result = self.bisect("--metric-regex", "took ([0-9]+) ms", "--", script)

        self.assertEqual(result["commit"], self.commit(77))

    def test_a_timeout_is_skip_or_bad_as_is_said(self):
        script = self.script("#!/bin/sh\n[ $(cat number) -lt 50 ] || exec sleep 60\n")

        bad = self.bisect("--timeout", "1s", "--timeout-is", "bad", "--jobs", "4", "--", script)
        skip = self.bisect("--timeout", "1s", "--", script, code=7)

        self.assertEqual(bad["commit"], self.commit(50))
        self.assertEqual(skip["conclusion"], "inconclusive")
        self.assertIn("no end within 1 s", skip["text"])
        self.assert_nothing_left()

    def test_the_command_can_stop_it(self):
        done = self.lab.run("bisect", "v1..v2", "--", "sh", "-c", "exit 200", code=1)

        self.assertIn("exit code 200", done.stderr)

    def test_what_does_not_build_ends_in_suspects(self):
        script = self.script("#!/bin/sh\nn=$(cat number)\n"
                             "[ $n -ge 30 ] && [ $n -lt 33 ] && exit 125\n[ $n -lt 31 ]\n")

        result = self.bisect("--", script, code=7)

        self.assertEqual(result["conclusion"], "found_with_skips")
        self.assertEqual({one["commit"] for one in result["suspects"]},
                         {self.commit(number) for number in (30, 31, 32, 33)})
        self.assertGreaterEqual(sum(one["probability"] for one in result["suspects"]), 0.99)

    def test_builds_stay_warm_and_are_made_anew_at_the_end(self):
        script = self.script('#!/bin/sh\n[ -e built ] || { touch built; echo "$LAB_COMMIT" >> '
                             + str(self.runs) + '; }\n[ $(cat number) -lt 61 ]\n')

        self.assertEqual(self.bisect("--", script)["commit"], self.commit(61))

        self.assertEqual(self.runs.read_text().split()[-2:], [self.commit(61), self.commit(60)])
        # One for each end, of which the search uses them, and one for each commit that is confirmed.
        self.assertEqual(len(self.runs.read_text().split()), 4)

    def test_interrupt_detaches_and_resume_goes_on(self):
        script = self.script(SLOW, culprit=33)
        process = self.lab.start("bisect", "v1..v2", "--", script)
        wait_until(lambda: len(self.runs.read_text().split()) > 2, "three runs", 60)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=30), 130)
        job = self.lab.json("job", "list")[0]["id"]

        self.lab.run("bisect", "abort", job)
        self.lab.run("job", "wait", job, code=130)
        self.assert_nothing_left()
        self.lab.run("bisect", "resume", job)

        self.assertEqual(self.lab.json("bisect", "status", job)["commit"], self.commit(33))
        self.assert_nothing_left()

    def test_skip_while_it_runs(self):
        script = self.script("#!/bin/sh\nn=$(cat number)\n"
                             "[ $n -ge 40 ] && [ $n -lt 60 ] && exec sleep 600\n[ $n -lt 70 ]\n")
        job = self.lab.run("bisect", "v1..v2", "--detach", "--", script).stdout.split()[-1]
        middle = self.lab.home / "state/checkouts" / job
        # The file of a checkout that is just being made may still be empty.
        wait_until(lambda: any(40 <= int(one.read_text() or 0) < 60
                               for one in middle.glob("*/number")), "a run that hangs", 60)
        time.sleep(0.3)

        self.lab.run("bisect", "skip", f"{self.commit(39)}..{self.commit(59)}")
        self.lab.run("job", "wait", job)

        result = self.lab.json("bisect", "status", job)
        self.assertEqual(result["commit"], self.commit(70))
        self.assertEqual(sum(row["note"] == "said, not tried" for row in result["rows"]), 20)
        done = self.lab.run("bisect", "skip", "v1", "--job", job, code=4)
        self.assertIn("is finished", done.stderr)

    def test_kill_ten_times(self):
        script = self.script(SLOW, culprit=61)
        job = self.lab.run("bisect", "v1..v2", "--jobs", "2", "--detach", "--",
                           script).stdout.split()[-1]
        for _ in range(10):
            seen = len(self.runs.read_text().split())
            wait_until(lambda: len(self.runs.read_text().split()) > seen
                       or self.lab.json("bisect", "status", job).get("conclusion"), "a run", 60)
            self.lab.kill_labd()
            self.lab.run("bisect", "status", job)

        self.lab.run("job", "wait", job)
        result = self.lab.json("bisect", "status", job)
        self.assertEqual(result["commit"], self.commit(61))
        # A run that was going on when labd was killed is begun again, two at most each time.
        runs = len(self.runs.read_text().split())
        self.assertLessEqual(runs, len(result["lessons"]) + 20)
        self.assert_nothing_left()

    def test_a_job_that_crashes_labd_twice_is_not_started_again(self):
        job = self.lab.run("bisect", "v1..v2", "--detach", "--",
                           self.script(SLOW, culprit=42)).stdout.split()[-1]
        for _ in range(2):
            seen = len(self.runs.read_text())
            wait_until(lambda: len(self.runs.read_text()) > seen, "a run", 60)
            self.lab.kill_labd(signal.SIGABRT)
            self.lab.run("job", "list")  # starts labd again

        shown = self.lab.json("job", "show", job)["job"]

        self.assertEqual((shown["state"], shown["exit_code"]), ("failed", 5))
        self.assertIn("labd crashed 2 times while this job ran", shown["error"])
        self.lab.run("bisect", "resume", job)
        self.assertEqual(self.lab.json("job", "show", job)["job"]["state"], "done")

    def test_a_cancelled_bisection_has_no_running_steps(self):
        job = self.lab.run("bisect", "v1..v2", "--jobs", "3", "--detach", "--",
                           self.script(SLOW, culprit=42)).stdout.split()[-1]
        wait_until(lambda: self.runs.read_text(), "a run", 60)

        self.lab.run("job", "cancel", job)
        self.lab.run("job", "wait", job, code=130)

        steps = self.lab.json("job", "show", job)["steps"]
        self.assertIn("stopped", {step["state"] for step in steps})
        self.assertNotIn("running", {step["state"] for step in steps})

    def test_what_no_build_reads_is_not_tried(self):
        source = self.lab.home / "sources"
        make_c_program(source, 40)
        script = str(source / "check.sh")
        self.lab.project = source
        try:
            pruned = self.lab.json("bisect", "v1..v2", "--", script)
            log = self.lab.run("bisect", "log").stdout
            whole = self.lab.json("bisect", "v1..v2", "--no-prune", "--", script)
        finally:
            self.lab.project = self.repository

        self.assertEqual(pruned["conclusion"], "found")
        self.assertEqual(pruned["info"]["subject"], "change 27")
        self.assertEqual(whole["commit"], pruned["commit"])
        self.assertEqual(whole["dropped"], 0)
        self.assertEqual(pruned["dropped"], 27)  # of 40, every third changes what is compiled
        self.assertEqual(log.count("# dropped"), 27)
        (self.lab.home / "pruned.log").write_text(log)
        shown = subprocess.run(["git", "bisect", "replay", str(self.lab.home / "pruned.log")],
                               cwd=source, capture_output=True, text=True, check=False).stdout
        self.assertIn(pruned["commit"] + " is the first bad commit", shown)
        self.assertLess(len(pruned["lessons"]), len(whole["lessons"]))

    def test_bad_input_changes_nothing(self):
        jobs = len(self.lab.json("job", "list"))
        for arguments, code, text in (
                (("v1..v2",), 2, "neither machines nor a command"),
                (("v2..v1", "--", "true"), 2, "wrong way round"),
                (("v1..nope", "--", "true"), 2, "nope"),
                (("v1..v2", "--repo", "/nowhere", "--", "true"), 3, "/nowhere"),
                (("v1..v2", "--", "no-such-program"), 3, "no such program"),
                (("v1..v2", "--timeout", "0", "--", "true"), 2, "--timeout"),
                (("v1..v2", "--metric-regex", "(", "--", "true"), 2, "--metric-regex"),
                (("v1..v2", "--metric-regex", "x", "--", "true"), 2, "one group"),
                (("v1..v2", "--vm", "a", "--on", "b", "--timeout", "1m", "--", "true"), 2,
                 "--timeout"),
                (("v1..v2", "--higher-is-better", "--lower-is-better", "--", "true"), 2,
                 "contradicts"),
                (("skip", "v1", "--job", "nope"), 3, "no such job"),
                (("replay", str(self.runs), "--", "true"), 2, "names no good commit")):
            with self.subTest(arguments=arguments):
                done = self.lab.run("bisect", *arguments, code=code)
                self.assertIn(text, done.stderr)
        self.assertEqual(len(self.lab.json("job", "list")), jobs)


if __name__ == "__main__":
    unittest.main()
