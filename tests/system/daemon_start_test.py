# SPDX-License-Identifier: Apache-2.0
"""A daemon that does not start says why, and does so at once."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

from lab_fixture import LAB


class DaemonStart(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.addCleanup(lambda: self.run_lab("daemon", "stop"))

    def run_lab(self, *arguments, home=None):
        return subprocess.run([LAB, *arguments], env=dict(os.environ, LAB_HOME=str(home or self.home)),
                              capture_output=True, text=True, timeout=50)

    def refused(self, code, home=None):
        done = self.run_lab("daemon", "start", home=home)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def test_a_path_too_long_for_a_socket(self):
        error = self.refused(2, self.home / ("d" * 40))

        self.assertRegex(error, r"lab: error: labd: .* has \d+ bytes \(at most \d+")
        self.assertIn("Choose a shorter LAB_HOME.", error)

    def test_a_database_of_a_newer_one(self):
        self.assertEqual(self.run_lab("daemon", "start").returncode, 0)
        self.assertEqual(self.run_lab("daemon", "stop").returncode, 0)
        database = sqlite3.connect(self.home / "state/lab.db")
        self.addCleanup(database.close)
        database.execute("pragma user_version = 99")

        self.assertIn("labd: database: schema 99, this labd knows", self.refused(4))

    def test_a_directory_that_others_may_write(self):
        (self.home / "state").mkdir()
        (self.home / "state").chmod(0o777)

        self.assertIn("state", self.refused(4))


if __name__ == "__main__":
    unittest.main()
