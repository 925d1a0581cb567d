# SPDX-License-Identifier: Apache-2.0
"""Build, install, test and bisect a real operating system in real guests."""

import os
import re
import subprocess
import time
import unittest
from datetime import datetime

from lab_fixture import LAB, PERF_HISTORY, LabTestCase, wait_until


def object_digests(image):
    """Path and SHA-256 of every file below obj/ of a build image."""
    script = ["run", "mount-ro /dev/sda /", "checksums-out sha256 /obj -"]
    done = subprocess.run(
        ["guestfish", "--format=qcow2", "--ro", "-a", f"{image}/disk.qcow2"],
        input="\n".join(script), env={"LIBGUESTFS_BACKEND": "direct",
                                      "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg",
                                      "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        check=True, capture_output=True, text=True, timeout=180)
    return sorted(done.stdout.splitlines())


def read_or_nothing(path):
    """The bytes of a file of /proc, whose process may be gone."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def times_of(log, source):
    """Times of the first and last log line of one source."""
    stamps = re.findall(rf"^(\S+) {re.escape(source)} \|", log, re.MULTILINE)
    parse = lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return parse(stamps[0]), parse(stamps[-1])


class MainJob(LabTestCase):
    history = PERF_HISTORY
    builds_in = "vm"

    def test_1_builds_are_found_again_without_a_guest(self):
        first = self.lab.json("build", "pebble-build/good", "pebble-build/bad")
        before = self.lab.events(self.lab.json("job", "list")[0]["id"])
        started = time.monotonic()
        second = self.lab.json("build", "pebble-build/good", "pebble-build/bad")
        seconds = time.monotonic() - started

        self.assertEqual([one["state"] for one in first["builds"]], ["built", "built"])
        self.assertEqual([one["state"] for one in second["builds"]], ["cached", "cached"])
        self.assertEqual([one["digest"] for one in first["builds"]],
                         [one["digest"] for one in second["builds"]])
        self.assertTrue(any("compiling" in text for text in before))
        after = self.lab.events(self.lab.json("job", "list")[0]["id"])
        self.assertFalse(any("starting" in text for text in after))
        print(f"second build: {seconds:.2f} s")

    def test_2_a_near_build_compiles_what_changed_and_equals_a_clean_one(self):
        near = self.lab.git("rev-list", "--first-parent", "--reverse", "good..bad").split()[0]
        incremental = self.lab.json("build", f"pebble-build/{near}")["builds"][0]
        log = self.lab.run("job", "logs", "@last").stdout
        clean = self.lab.json("build", f"pebble-build/{near}", "--clean")["builds"][0]
        clean_log = self.lab.run("job", "logs", "@last").stdout

        self.assertTrue(incremental["parent"])
        self.assertEqual(clean["parent"], "")
        compiled = len(re.findall(r"\b(CC|cc|gcc)\b", log))
        compiled_clean = len(re.findall(r"\b(CC|cc|gcc)\b", clean_log))
        self.assertLess(compiled, compiled_clean / 2)
        self.assertEqual(object_digests(incremental["image"]), object_digests(clean["image"]))

    def test_3_install_and_test_give_samples(self):
        self.lab.run("install", "pebble-build/good/pebble-test")
        result = self.lab.json("test", "pebble-build/good/pebble-test", "--bench", "pebble/ioctl",
                               "--repeats", "2")

        samples = result["samples"]
        self.assertEqual([one["sequence"] for one in samples], [1, 2])
        for one in samples:
            self.assertEqual(one["resultclass"], "ioctl")
            self.assertEqual(one["unit"], "ops/s")
            self.assertGreater(one["value"], 0)
            self.assertIn(one["accelerator"], ("tcg", "kvm"))
            self.assertRegex(one["session"], r"^[0-9a-f-]{36}$")

    def test_4_a_command_judges(self):
        passed = self.lab.run("test", "pebble-build/good/pebble-test", "--", "check", "all")
        failed = self.lab.run("test", "pebble-build/good/pebble-test", "--", "sh -c 'exit 3'",
                              code=1)

        self.assertEqual(passed.returncode, 0)
        self.assertIn("3", failed.stderr + failed.stdout)

    def test_5_a_build_and_a_test_overlap(self):
        building = self.lab.json("build", "--clean", "--detach", "pebble-build/bad")["job"]
        wait_until(lambda: any("compiling" in text for text in self.lab.events(building)),
                   "the build compiles")
        testing = self.lab.json("test", "--detach", "pebble-build/good/pebble-test", "--bench",
                                "pebble/syscall")["job"]
        for job in (testing, building):
            self.lab.run("job", "wait", job)
        test_log = self.lab.run("job", "logs", testing).stdout
        build_log = self.lab.run("job", "logs", building).stdout

        good = self.lab.git("rev-parse", "good")[:12]
        bad = self.lab.git("rev-parse", "bad")[:12]
        build_start, build_end = times_of(build_log, f"build pebble-build/{bad} clean")
        test_start, test_end = times_of(test_log, f"test pebble-build/{good}/pebble-test")
        self.assertLess(build_start, test_end)
        self.assertLess(test_start, build_end)

    def test_5_b_other_instances_stand_still_while_one_measures(self):
        self.lab.run("vm", "start", "pebble-build/good/pebble-test")
        result = self.lab.json("test", "pebble-build/good/pebble-test", "--bench",
                               "pebble/syscall", "--quiet-host", "pause", "--clock", "wall")
        running = {one["name"]: one["instance"] for one in self.lab.json("vm", "list")}
        self.lab.run("vm", "stop", "pebble-test")

        self.assertEqual([one["others"] for one in result["samples"]],
                         ["paused"] * len(result["samples"]))
        self.assertNotEqual(running["pebble-test"], "")

    def test_5_c_a_started_machine_does_not_fill_the_disk(self):
        self.lab.run("vm", "start", "pebble-build/good/pebble-test")
        log, = (self.lab.home / "state/i").glob("*/console.log")
        uuid = next(one["instance"] for one in self.lab.json("vm", "list") if one["instance"])
        qemu, = (pid for pid in os.listdir("/proc") if pid.isdigit() and
                 uuid.encode() in read_or_nothing(f"/proc/{pid}/cmdline").split(b"\0"))

        for restart in (False, True):
            if restart:
                self.lab.kill_labd()
            os.truncate(log, 65 << 20)
            self.lab.run("vm", "list")
            wait_until(lambda: log.stat().st_size < 2 << 20, "a shorter console log", timeout=60)
            self.assertIn(b" of console output were cut off here]", log.read_bytes()[:100])
        limits = read_or_nothing(f"/proc/{qemu}/limits").decode()
        self.lab.run("vm", "stop", "pebble-test")

        self.assertRegex(limits, r"Max file size +[0-9]+ ")

    def test_5_d_a_plan_fills_a_result_store(self):
        plan = self.lab.project / "plan.yaml"
        plan.write_text("""
sut: pebble-test
swprofiles:
  - {name: good, kernel: pebble-build/good, sysctl: ["kernel.panic_on_oops=1"], cmdline: [nosmt]}
  - {name: bad, kernel: pebble-build/bad, bootscript: [cat /proc/uptime]}
  - {name: broken, kernel: pebble-build/good, bootscript: ["false"]}
benchmarks:
  - include: pebble/ioctl.yaml
  - suite: own
    name: none
    command: "echo no score today; false"
    resultclasses: [{name: score, unit: ops, better: higher}]
defaults:
  benchmark: {warmups: 1, repeats: 2, sessions: 1}
""")
        self.lab.run("plan", "check", "plan.yaml")
        done = self.lab.json("plan", "exec", "--output", "results", "plan.yaml", code=1)
        refused = self.lab.run("plan", "exec", "--output", "results", "plan.yaml", code=4)
        shown = self.lab.run("result", "show", "results", "--swprofile", "good",
                             "--swprofile", "bad", "--relative").stdout

        self.assertEqual((done["sessions"], done["samples"], done["errors"]), (6, 4, 4))
        self.assertEqual((done["done"], done["invocations"]), (18, 18))
        self.assertIn("this result store exists", refused.stderr)
        self.assertRegex(shown, r"ioctl.*-3\d\.\d+ %.*\(R\)")
        errors = (self.lab.project / "results/error.csv").read_text()
        self.assertIn("bootscript 'false': exit code 1", errors)
        self.assertIn("own/none: exit code 1: no score today", errors)

    def test_7_images_are_sound_and_can_be_collected(self):
        verified = self.lab.run("image", "verify")
        would = self.lab.run("image", "gc", "--dry-run")
        self.lab.run("image", "gc", "--yes")
        kinds = {one["kind"] for one in self.lab.json("image", "list")}
        self.lab.run("image", "gc", "--yes", "--all")

        self.assertEqual(verified.returncode, 0)
        self.assertRegex(would.stdout, r"would remove \d+ images, .*--all: roots")
        self.assertIn("root", kinds)
        self.assertEqual(self.lab.json("image", "list"), [])


if __name__ == "__main__":
    unittest.main()
