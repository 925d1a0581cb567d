# SPDX-License-Identifier: Apache-2.0
"""A bisection goes on, with the same answer, after kill -9 of labd in each of its phases."""

import os
import re
import subprocess
import unittest

from lab_fixture import LAB, REPOSITORY, LabTestCase, wait_until


class CrashRecovery(LabTestCase):
    history = ("--commits", "24", "--seed", "11", "--kind", "fail", "--bad", "9")
    builds_in = "vm"

    # What an event says when a phase has begun.
    phases = ("compiling", "starting the machine that installs", ": booting",
              "running the command")

    def test_kill_in_every_phase(self):
        job = self.lab.run("bisect", "good..bad", "--vm", "pebble-build", "--on", "pebble-test",
                           "--detach", "--", "check", "all").stdout.split()[-1]
        for phase in self.phases:
            seen = len(self.lab.events(job))
            wait_until(lambda: any(phase in text for text in self.lab.events(job)[seen:]),
                       f"an event with '{phase}'")
            self.lab.kill_labd()
            self.lab.run("bisect", "status")

        self.lab.run("job", "wait", job, timeout=1200)
        result = self.lab.json("bisect", "status", job)
        self.assertEqual(result["conclusion"], "found")
        self.assertEqual(result["commit"], self.planted)
        done = [one for one in self.lab.json("job", "show", job)["steps"]
                if one["state"] == "done"]
        self.assertEqual(len(done), len({one["key"] for one in done}))
        self.assertEqual(self.lab.leftovers(), [])
        self.run_commands_of_the_report(job)
        self.run_commands_of_the_demo()

    def run_shell(self, command, directory, code):
        done = subprocess.run(["sh", "-c", command], cwd=directory, env=dict(
            self.lab.environment, PATH=os.path.dirname(LAB) + ":" + self.lab.environment["PATH"]),
                              capture_output=True, text=True, timeout=900)
        self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}{done.stderr[-3000:]}")

    def run_commands_of_the_report(self, job):
        commands = self.lab.json("bisect", "report", job)["commands"]
        self.assertEqual(len(commands), 4)
        for one in commands:
            in_checkout = "git bisect replay" in one["text"]
            self.run_shell(one["text"], self.lab.project / "pebble" if in_checkout else
                           self.lab.project, 1 if one["purpose"] == "the first bad commit" else 0)

    def run_commands_of_the_demo(self):
        text = (REPOSITORY / "script/demo").read_text()
        commands = re.findall(r"(?m)^  (lab .*)$", text.split("Try in it:")[1])
        self.assertEqual(len(commands), 3)
        for one in commands:
            self.run_shell(one.replace("$question", "-- check all"), self.lab.project,
                           1 if "/bad/" in one else 0)


if __name__ == "__main__":
    unittest.main()
