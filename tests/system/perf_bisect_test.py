# SPDX-License-Identifier: Apache-2.0
"""A whole bisection by a benchmark in real guests; git's replay of its log agrees."""

import unittest

from lab_fixture import PERF_HISTORY, LabTestCase


class PerfBisect(LabTestCase):
    history = PERF_HISTORY

    def test_bisect_names_the_planted_commit(self):
        done = self.lab.run("bisect", "good..bad", "--vm", "pebble-build", "--on", "pebble-test",
                            "--bench", "pebble/ioctl")

        self.assertIn(f"{self.planted} is the first bad commit", done.stdout)
        self.assertEqual(self.lab.leftovers(), [])
        log = self.lab.run("bisect", "log").stdout
        replay = self.lab.home / "replay.log"
        replay.write_text(log)
        shown = self.lab.git("bisect", "replay", str(replay))
        self.assertIn(f"{self.planted} is the first bad commit", shown)
        self.lab.git("bisect", "reset")


if __name__ == "__main__":
    unittest.main()
