# SPDX-License-Identifier: Apache-2.0
"""A machine that lab did not make: added, measured by plans with kernels of other flavours, and
found well again after kernels that panic, hang or reboot."""

import csv
import pathlib
import sys
import unittest

from box_fixture import add_box, start_box
from lab_fixture import Lab, wait_until
from machine_disk import run

HERE = pathlib.Path(__file__).resolve().parent

BENCHMARK = """
  - suite: own
    name: inside
    command: >-
      {before}
      echo "LAB_METRIC words $(grep -c lab_test=1 /proc/cmdline) count";
      echo "LAB_METRIC oops $(cat /proc/sys/kernel/panic_on_oops) count";
      echo "LAB_METRIC dummy $(lsmod | grep -c '^dummy ') count"
    resultclasses:
      - {{name: words, unit: count, better: higher}}
      - {{name: oops, unit: count, better: higher}}
      - {{name: dummy, unit: count, better: higher}}
"""

CONTAINER = """
  - suite: own
    name: contained
    type: container
    image: localhost/busy
    command: >-
      test -e /only-here && test "$text" = "\\$(reboot); 'quoted'" &&
      echo "LAB_METRIC threads $threads count"
    params:
      threads: {type: integer, default: 3}
      text: {type: text, default: "$(reboot); 'quoted'"}
    resultclasses:
      - {name: threads, unit: count, better: higher}
"""


class Suts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.told = cls.lab.project / "told"
        hook = cls.lab.project / "hook.sh"
        hook.write_text(f"#!/bin/sh\ncat >> {cls.told}\n")
        hook.chmod(0o755)
        cls.lab.make_history("--commits", "24", "--seed", "5")
        with open(cls.lab.project / "lab.yaml", "a", encoding="utf-8") as config:
            config.write(f"notify:\n  channels: {{hook: {{type: exec, command: [{hook}]}}}}\n"
                         "  rules: [{when: [sut-quarantined], to: [hook]}]\n")
        cls.machine = start_box(cls)
        cls.disk = cls.machine.disk
        cls.own = cls.machine.ssh("uname -r").stdout.strip()
        cls.add("box", "--power-cycle",
                f"python3 {HERE}/machine.py reset {cls.machine.monitor}",
                "--console", f"tail -n 0 -F {cls.machine.console}")

    @classmethod
    def add(cls, name, *options):
        add_box(cls.lab, cls.machine, name, "--boot-timeout", "3m", *options)

    def state(self, name="box"):
        return next(one for one in self.lab.json("sut", "list") if one["name"] == name)

    def rows(self, store, table):
        text = (self.lab.project / store / f"{table}.csv").read_text()
        return list(csv.DictReader(text.splitlines()))

    def execute(self, name, profiles, code=0, before="", sut="box", counts="repeats: 1"):
        """Carries a plan out; its result, its error rows and its samples by profile and class."""
        plan = self.lab.project / f"{name}.yaml"
        plan.write_text(f"sut: {sut}\nswprofiles:\n{profiles}benchmarks:\n" +
                        BENCHMARK.format(before=before) +
                        f"defaults:\n  benchmark: {{{counts}}}\n")
        done = self.lab.json("plan", "exec", "--output", name, plan.name, code=code, timeout=3000)
        samples = {(row["swprofile"], row["resultclass"]): float(row["value"])
                   for row in self.rows(name, "result")}
        return done, self.rows(name, "error"), samples

    def kernel(self, flavour):
        return (f"    kernel: {self.disk.kernel(flavour)}\n"
                f"    modules: {self.disk.modules(flavour)}\n")

    def test_1_what_it_is(self):
        shown = self.lab.json("sut", "fingerprint", "box")

        self.assertEqual(self.state()["state"], "free")
        self.assertRegex(self.state()["fingerprint"], "^SHA256:")
        self.assertEqual(shown["product_name"], "Box 9")
        self.assertEqual(shown["vendor_name"], "Acme")
        self.assertEqual(shown["cpu_count"], 1)
        self.assertEqual(shown["architecture"], "x86_64")
        self.assertEqual(shown["kernel_name"], f"Linux {self.own}")
        self.assertIn("bookworm", shown["userspace_name"])
        self.lab.run("sut", "add", "box", "--host", "127.0.0.1", "--port", str(self.machine.port),
                     "--keyfile", str(self.disk.key), "--user", "root", "--yes", code=4)

    def test_1_b_a_container(self):
        self.machine.ssh("mkdir -p busy/bin && cp /bin/busybox busy/bin && touch busy/only-here && "
                         "ln -s busybox busy/bin/sh && "
                         "tar -C busy -c . | podman import - localhost/busy", timeout=600)
        plan = self.lab.project / "contained.yaml"
        plan.write_text("sut: box\nswprofiles: [{name: own}]\nbenchmarks:\n" + CONTAINER +
                        "defaults:\n  benchmark: {repeats: 2}\n")
        done = self.lab.json("plan", "exec", "--output", "contained", plan.name, timeout=3000)
        values = [float(row["value"]) for row in self.rows("contained", "result")]

        self.assertEqual((done["sessions"], done["errors"], values), (1, 0, [3, 3]))
        self.assertEqual(self.machine.ssh("podman ps --all --quiet").stdout, "")

    def break_the_next_copy(self):
        """Kills the connections of the machine once the first bytes of a kernel are there."""
        self.machine.ssh(
            "setsid sh -c 'until ls /var/lib/lab/incoming/*/kernel.part; do :; done; "
            "until [ -s \"$(echo /var/lib/lab/incoming/*/kernel.part)\" ]; do :; done; "
            "pkill -9 -f root@notty' > /dev/null 2>&1 < /dev/null &")

    def test_2_a_plan_with_kernels_of_two_flavours_and_one_that_panics(self):
        self.break_the_next_copy()
        done, errors, samples = self.execute("flavours", f"""
  - name: generic
{self.kernel("amd64")}
    cmdline: [lab_test=1]
    sysctl: ["kernel.panic_on_oops=1"]
    bootscript: [modprobe dummy, 'test "$(uname -r)" = {self.disk.release("amd64")}']
  - name: panics
{self.kernel("amd64")}
    cmdline: [init=/bin/false]
  - name: realtime
{self.kernel("rt-amd64")}
    bootscript: ['test "$(uname -r)" = {self.disk.release("rt-amd64")}']
  - name: own
    bootscript: ['test "$(uname -r)" = {self.own}']
""", code=1)

        self.assertEqual((done["sessions"], done["errors"]), (4, 1))
        classes = ("words", "oops", "dummy")
        self.assertEqual([samples["generic", one] for one in classes], [1, 1, 1])
        self.assertEqual([samples["realtime", one] for one in classes], [0, 0, 0])
        self.assertEqual([samples["own", one] for one in classes], [0, 0, 0])
        self.assertEqual([(row["swprofile"], row["code"]) for row in errors], [("panics", "2")])
        self.assertIn("Kernel panic - not syncing", errors[0]["text"])
        self.assertRegex(self.lab.run("job", "logs", "@last").stdout,
                         r"kernel.part: the link broke, going on at byte \d+ of")
        self.assertEqual(self.machine.ssh("uname -r").stdout.strip(), self.own)
        self.assertEqual(self.state()["state"], "free")

    def test_3_who_comes_second_waits(self):
        first = self.lab.json("test", "box", "--detach", "--", "sleep 20")["job"]
        wait_until(lambda: self.state()["state"] == "leased", "the first job has the machine")
        second = self.lab.json("test", "box", "--detach", "--", "uname -r")["job"]
        self.lab.run("sut", "fingerprint", "box", code=4)
        self.lab.run("job", "wait", first)
        self.lab.run("job", "wait", second)

        self.assertIn("waiting for box, which another job uses", self.lab.events(second))

    def test_4_a_machine_that_reboots_by_itself(self):
        once = "test -f /root/once || { touch /root/once; systemctl reboot; sleep 100; };"
        done, errors, samples = self.execute("once", "  - name: own\n", before=once)
        unstable, unstable_errors, _ = self.execute(
            "always", "  - name: own\n", before="systemctl reboot; sleep 100;", code=1)

        self.assertEqual((done["errors"], errors), (0, []))
        self.assertEqual(samples["own", "words"], 0)
        self.assertEqual(unstable["errors"], 1)
        self.assertIn("unstable", unstable_errors[0]["text"])

    def test_5_a_full_disk_is_said(self):
        self.machine.ssh("mkdir -p /var/lib/lab && mount -t tmpfs -o size=1m none /var/lib/lab")
        plan = self.lab.project / "full.yaml"
        plan.write_text(f"sut: box\nswprofiles:\n  - name: p\n{self.kernel('rt-amd64')}"
                        "    cmdline: [again=1]\nbenchmarks:\n" + BENCHMARK.format(before=""))
        self.machine.ssh("rm -rf /boot/lab")
        refused = self.lab.run("plan", "exec", "--output", "full", "full.yaml", code=5)
        self.machine.ssh("umount /var/lib/lab")

        self.assertIn("box: its disk is full", refused.stderr)

    def test_5_b_a_build_of_the_lab(self):
        # The kernel of these builds is called as the machine's own: its modules must not be touched.
        before = self.machine.ssh("find /lib/modules/$(uname -r) -type f | sort | "
                                  "xargs sha256sum | sha256sum").stdout
        done = self.lab.json("test", "pebble-build/good/box", "--",
                             "modprobe pebble && grep pebble /proc/devices /proc/misc; uname -r")
        after = self.machine.ssh("find /lib/modules/$(uname -r) -type f | sort | "
                                 "xargs sha256sum | sha256sum").stdout

        self.assertEqual(done["outcome"], "pass")
        self.assertIn("pebble", done["output"])
        self.assertIn(self.own, done["output"])
        self.assertEqual(before, after)
        self.assertNotEqual(self.machine.ssh("modprobe pebble", check=False).returncode, 0)

    def test_6_a_kernel_that_hangs(self):
        hangs = "  - name: hangs\n    cmdline: [init=/bin/cat]\n  - name: own\n"
        done, errors, samples = self.execute("hangs", hangs, code=1)

        self.assertEqual((done["sessions"], done["errors"]), (2, 1))
        self.assertIn("its power was switched off and on", errors[0]["text"])
        self.assertEqual(samples["own", "words"], 0)

    def test_7_without_a_power_button_it_is_quarantined(self):
        self.lab.run("sut", "remove", "box")
        self.add("plain")
        plan = self.lab.project / "lost.yaml"
        plan.write_text("sut: plain\nswprofiles:\n  - {name: hangs, cmdline: [init=/bin/cat]}\n"
                        "  - {name: own}\nbenchmarks:\n" + BENCHMARK.format(before=""))
        refused = self.lab.run("plan", "exec", "--output", "lost", "lost.yaml", code=5)
        quarantined = self.state("plain")
        run(sys.executable, HERE / "machine.py", "reset", self.machine.monitor)
        self.machine.wait_until_up()
        self.lab.run("sut", "release", "plain")
        resumed = self.lab.json("plan", "resume", code=1)

        self.assertIn("plain: is quarantined: plain: no answer within 3 min", refused.stderr)
        self.assertEqual(quarantined["state"], "quarantined")
        self.assertIn("sut-quarantined", self.told.read_text())
        self.assertEqual((resumed["sessions"], resumed["errors"]), (2, 1))


if __name__ == "__main__":
    unittest.main()
