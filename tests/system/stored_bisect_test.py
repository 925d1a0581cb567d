# SPDX-License-Identifier: Apache-2.0
"""The real git bisect run over a history with a regression of the kernel module; lab bisect run
measures its commits in real guests, beside two ends that were measured before."""

import pathlib
import re
import unittest

from lab_fixture import LAB, PERF_HISTORY, LabTestCase, digests, ends_plan


class StoredBisect(LabTestCase):
    history = PERF_HISTORY

    def test_git_bisect_run_names_the_planted_commit(self):
        lab = self.lab
        lab.environment["TMPDIR"] = str(lab.home)
        (lab.project / "ends.yaml").write_text(ends_plan("pebble-test", "pebble/ioctl.yaml",
                                                          "{warmups: 1, sessions: 3}"))
        lab.run("plan", "exec", "--output", "results", "ends.yaml")
        before = digests(lab.project / "results")

        started = lab.json("bisect", "start", "--sut", "pebble-test", "--good-swprofile",
                           "6.8.0-baseline", "--bad-swprofile", "6.9.0-regression", "--benchmark",
                           "pebble/ioctl", "--resultclass", "ioctl", "--resultstore", "results",
                           "--context", "context.yaml", "--warmups", "1")
        for end in ("good", "bad"):
            self.assertEqual(started[end]["sha"], lab.git("rev-parse", end))
        done = lab.git_bisect_run(started)

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-3000:])
        self.assertIn(f"{self.planted} is the first bad commit", done.stdout)
        self.assertRegex(done.stdout, r"Building kernel for current commit...\n"
                                      r"Executing plan.yaml...\n"
                                      r"Result: REGRESSION detected for resultclass 'ioctl'\n"
                                      r"        comparing 'bisect-[0-9a-f]{12}' vs "
                                      r"'6.8.0-baseline'.\n")
        self.assertEqual(digests(lab.project / "results"), before)
        profiles = lab.run("result", "list", started["output_resultstore"], "--object",
                           "swprofile", "-o", "id").stdout.split()
        self.assertIn(f"bisect-{self.planted[:12]}", profiles)
        self.assertEqual(lab.leftovers(), [])

        self.measure_by_hand(started["output_resultstore"])
        lab.git("bisect", "reset")

    def measure_by_hand(self, store):
        """The planted commit again, and its parent by probability, as one would by hand."""
        command = [LAB, "bisect", "run", "--context", "../context.yaml"]
        again = self.lab.in_pebble(*command, "--kernel", f"pebble-build/{self.planted}",
                                   "--gitsha", self.planted)
        parent = self.lab.git("rev-parse", f"{self.planted}^")
        other = self.lab.in_pebble(*command, "--kernel", f"pebble-build/{parent}", "--gitsha",
                                   parent, "--classifier", "bayes", "-o", "json")
        wrong = self.lab.in_pebble(*command, "--kernel", "pebble-build/good", "--gitsha",
                                   "0" * 40)

        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertNotIn("Executing", again.stdout)
        self.assertEqual(other.returncode, 0, other.stdout + other.stderr)
        self.assertIn('"verdict": "good"', other.stdout)
        self.assertEqual(wrong.returncode, 128)
        self.assertIn("not that of --gitsha", wrong.stderr)
        rows = pathlib.Path(store, "result.csv").read_text().splitlines()
        print("samples:", len([row for row in rows if re.search(r"bisect-[0-9a-f]{12}", row)]))


if __name__ == "__main__":
    unittest.main()
