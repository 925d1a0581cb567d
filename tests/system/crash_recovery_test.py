# SPDX-License-Identifier: Apache-2.0
"""A bisection goes on, with the same answer, after kill -9 of labd in each of its phases."""

import unittest

from lab_fixture import LabTestCase, wait_until


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


if __name__ == "__main__":
    unittest.main()
