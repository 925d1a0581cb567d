# SPDX-License-Identifier: Apache-2.0
"""Builds in containers: the same objects as in a virtual machine, and nothing left by kill -9."""

import pathlib
import subprocess
import tempfile
import unittest

from lab_fixture import LabTestCase, wait_until


def digests_of(directory):
    """SHA-256 of every file below src/ and obj/."""
    done = subprocess.run("find src obj -type f -print0 | sort -z | xargs -0 sha256sum",
                          shell=True, cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


class ContainerBuild(LabTestCase):
    history = ("--commits", "24", "--seed", "3", "--kind", "fail", "--bad", "9")

    def setUp(self):
        super().setUp()
        doctor = self.lab.json("doctor", code=None)
        found = [one["text"] for one in doctor if one["id"] == "containers"]
        if "ran here" not in found[0]:
            self.skipTest(found[0])

    def build_in(self, place, *words):
        """Has pebble-build build there; the result of `lab build`."""
        self.lab.build_in(place)
        return self.lab.json("build", *words)["builds"][0]

    def files_of_disk(self, image, directory):
        raw = pathlib.Path(directory) / "raw"
        subprocess.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", image / "disk.qcow2",
                        raw], check=True)
        tree = pathlib.Path(directory) / "tree"
        tree.mkdir()
        # Reads as any user what belongs to root: pebble's objects are readable.
        subprocess.run(["debugfs", "-R", "rdump / .", raw], cwd=tree, check=True,
                       capture_output=True)
        return digests_of(tree)

    def containers_running(self):
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.lab.home) in line and ("crun" in line or "bwrap" in line):
                found.append(line[:200])
        return found

    def leftovers(self):
        trees = self.lab.home / "data/trees"
        return (self.lab.leftovers() + self.containers_running() +
                [str(one) for one in trees.iterdir() if one.name.startswith("w-")])

    def test_objects_equal_those_of_a_virtual_machine(self):
        in_vm = self.build_in("vm", "pebble-build/good")
        in_container = self.build_in("container", "pebble-build/good")
        self.assertNotEqual(in_vm["image"], in_container["image"])

        with tempfile.TemporaryDirectory() as directory:
            expected = self.files_of_disk(pathlib.Path(in_vm["image"]), directory)
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(["tar", "--zstd", "-xf",
                            pathlib.Path(in_container["image"]) / "tree.tar.zst", "-C", directory],
                           check=True)
            self.assertEqual(digests_of(directory), expected)
        self.assertGreater(len(expected), 100)

    def test_machines_install_and_run_what_a_container_built(self):
        first = self.build_in("container", "pebble-build/good")
        second = self.build_in("container", "pebble-build/" + self.planted)
        self.assertNotEqual(second["parent"], "")
        self.assertNotEqual(second["commit"], first["commit"])

        self.lab.run("test", "pebble-build/good/pebble-test", "--", "check", "all")
        self.lab.run("test", f"pebble-build/{self.planted}/pebble-test", "--", "check", "all",
                     code=1)

        # Installed in a container as well: no machine needed the build as a disk.
        self.assertNotIn("disk", {one["kind"] for one in self.lab.json("image", "list")})
        self.lab.run("image", "verify")

    def test_kill_in_the_middle_of_a_build(self):
        self.build_in("container", "pebble-build/good")
        job = self.lab.run("build", "--clean", "pebble-build/bad", "--detach").stdout.split()[-1]
        wait_until(lambda: any("compiling" in text for text in self.lab.events(job)),
                   "an event with 'compiling'")
        wait_until(self.containers_running, "a container")

        self.lab.kill_labd()

        # Without a labd, before the next start.
        wait_until(lambda: not self.containers_running(), "the end of the container")
        with open("/proc/self/mounts", encoding="utf-8") as mounts:
            self.assertNotIn(str(self.lab.home), mounts.read())
        self.lab.run("job", "wait", job)
        self.assertEqual(self.leftovers(), [])

    def test_cancelled_build_leaves_nothing(self):
        self.build_in("container", "pebble-build/good")
        job = self.lab.run("build", "--clean", "pebble-build/bad", "--detach").stdout.split()[-1]
        wait_until(self.containers_running, "a container")

        self.lab.run("job", "cancel", job)
        self.lab.run("job", "wait", job, code=None)

        wait_until(lambda: not self.leftovers(), "the end of all that it started")


if __name__ == "__main__":
    unittest.main()
