# SPDX-License-Identifier: Apache-2.0
"""A regression of a kernel module, found on a machine that lab did not make: by the real git bisect
run beside two ends that were measured before, and by lab bisect --on."""

import unittest

from box_fixture import STEADY_CLOCK, add_box, start_box
from lab_fixture import PERF_HISTORY, LabTestCase, digests, ends_plan

# The requests are PEBBLE_IOC_RESET and PEBBLE_IOC_PICK of <pebble/ioctl.h>.
BENCHMARK = r"""
suite: box
name: ioctl
description: Calls the hot ioctl of pebble's kernel module from a Debian that has no compiler.
command: |
  modprobe pebble
  perl -e '
    open(my $device, "+<", "/dev/pebble") or die "no /dev/pebble\n";
    my $pick = "\0" x 16;
    ioctl($device, 0x5000, 0);
    my $begin = (times)[1];
    for (1 .. 60000) { ioctl($device, 0x80105001, $pick) }
    printf("LAB_METRIC ioctl %.3f ops/s\n", 60000 / ((times)[1] - $begin));'
timeout: 5m
warmups: 1
resultclasses:
  - {name: ioctl, unit: ops/s, better: higher}
"""


class SutBisect(LabTestCase):
    history = PERF_HISTORY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine = start_box(cls, *STEADY_CLOCK)
        cls.own = cls.machine.ssh("uname -r").stdout
        add_box(cls.lab, cls.machine, "box")
        own = cls.lab.project / "templates/benchmarks/box"
        own.mkdir(parents=True)
        (own / "ioctl.yaml").write_text(BENCHMARK)
        with open(cls.lab.project / "lab.yaml", "a") as config:
            config.write("templates: [templates]\n")

    def test_1_git_bisect_run_names_the_planted_commit(self):
        lab = self.lab
        lab.environment["TMPDIR"] = str(lab.home)
        (lab.project / "ends.yaml").write_text(ends_plan("box", "box/ioctl.yaml", "{repeats: 6}"))
        lab.run("plan", "exec", "--output", "results", "ends.yaml", timeout=3000)
        before = digests(lab.project / "results")

        started = lab.json("bisect", "start", "--sut", "box", "--host", "127.0.0.1", "--user",
                           "root", "--port", str(self.machine.port), "--keyfile",
                           str(self.machine.key), "--good-swprofile", "6.8.0-baseline",
                           "--bad-swprofile", "6.9.0-regression", "--benchmark", "box/ioctl",
                           "--resultclass", "ioctl", "--resultstore", "results", "--context",
                           "context.yaml")
        done = lab.git_bisect_run(started, timeout=5000)
        lab.git("bisect", "reset")

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-3000:])
        self.assertIn(f"{self.planted} is the first bad commit", done.stdout)
        self.assertEqual(digests(lab.project / "results"), before)
        self.assertEqual(self.machine.ssh("uname -r; modprobe -n pebble", check=False).stdout,
                         self.own)

    def test_2_lab_bisect_on_the_machine(self):
        behind = self.lab.git("rev-list", "--first-parent", "--reverse", f"{self.planted}..bad")
        ends = f"{self.planted}~3..{behind.split()[0]}"
        done = self.lab.json("bisect", ends, "--vm", "pebble-build", "--on", "box",
                             "--bench", "box/ioctl", "--strategy", "git", timeout=6000)

        self.assertEqual((done["conclusion"], done["commit"]), ("found", self.planted))
        self.assertEqual(self.machine.ssh("uname -r").stdout, self.own)
        self.assertEqual(self.lab.leftovers(), [])


if __name__ == "__main__":
    unittest.main()
