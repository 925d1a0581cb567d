# SPDX-License-Identifier: Apache-2.0
"""Verbs that edit files or only ask, with a real labd and without guests."""

import unittest

from lab_fixture import Lab


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.lab.make_history("--commits", "24")
        cls.config = cls.lab.project / "lab.yaml"

    def test_a_machine_that_cannot_be_leaves_the_file_alone(self):
        before = self.config.read_text()

        refused = [self.lab.run("vm", "create", "more", "--machine", "nope", code=2),
                   self.lab.run("vm", "create", "more", "--machine", "debian-12", "--build",
                                "--source", "nope", "--recipe", "pebble", code=2),
                   self.lab.run("vm", "create", "more", "--machine", "debian-12", "--build",
                                "--source", "pebble", "--recipe", "nope", code=2)]

        self.assertEqual(self.config.read_text(), before)
        for done in refused:
            self.assertIn("nope", done.stderr)
            self.assertRegex(done.stderr, r"lab.yaml:\d+:\d+: (test|build)_vms.more\.\w+: ")

    def test_a_dry_run_knows_the_machine_that_would_be_added(self):
        before = self.config.read_text()

        said = self.lab.run("vm", "create", "more", "--machine", "pebble", "--dry-run")

        self.assertEqual(self.config.read_text(), before)
        self.assertIn("more", said.stderr + said.stdout)


if __name__ == "__main__":
    unittest.main()
