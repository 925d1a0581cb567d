# SPDX-License-Identifier: Apache-2.0
"""Installs without a guest: the same root as a virtual machine makes, and nothing left by kill -9."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from lab_fixture import REPOSITORY, LabTestCase, wait_until

# Of everything that a file system can hold and a container can make.
ODD_FILES = r"""
cd "$LAB_DESTDIR"
mkdir -p odd/deep
printf 'owned\n' >odd/owned
ln odd/owned odd/twin
ln -s owned odd/link
ln -s "$(printf '%0200d' 7)" odd/long-link
mkfifo -m 640 odd/pipe
install -d -m 1777 odd/sticky
install -d -m 2750 -o 12 -g 34 odd/group
printf x >odd/set-ids
chown 7:40000 odd/set-ids odd/owned
chmod 6751 odd/set-ids
truncate -s 1M odd/sparse
head -c 300000 /bin/bash >odd/content
printf y >'odd/a "quoted" name'
for i in $(seq 400); do printf "$i" >"odd/deep/file-$i"; done
rm -f odd/deep/file-7
perl -e 'syscall(188, $ARGV[0], $ARGV[1], $ARGV[2], length($ARGV[2]), 0) == 0 or die "$!"' \
	odd/content user.mark value
touch -d @1000000000 odd/content
"""

DEVICES = """
mkdir -p "$LAB_DESTDIR/odd"
mknod -m 620 "$LAB_DESTDIR/odd/null" c 1 3
"""


def debugfs(raw, question):
    done = subprocess.run(["debugfs", "-R", question, raw], check=True, capture_output=True)
    return done.stdout.decode(errors="replace")


def files_of(raw, directory="/"):
    """What the file system has, by path: all that debugfs tells but places and times."""
    found = {}
    for line in debugfs(raw, f'ls -p "{directory}"').splitlines():
        parts = line.split("/")
        if len(parts) < 6 or parts[5] in (".", "..", "", "lost+found"):
            continue
        name = directory.rstrip("/") + "/" + parts[5]
        quoted = name.replace('"', '""')
        told = debugfs(raw, f'stat "{quoted}"')
        kept = [one for one in told.splitlines()
                if "link dest" in one or "user." in one or "Device" in one]
        kind = told.split("Type: ")[1].split()[0]
        links = told.split("Links: ")[1].split()[0]
        content = ""
        if kind == "regular":
            content = debugfs(raw, f'cat "{quoted}"')
        if kind == "directory":
            found.update(files_of(raw, name))
        found[name] = (kind, parts[2], parts[3], parts[4], links, kept, content)
    return found


class ContainerInstall(LabTestCase):
    history = ("--commits", "24", "--seed", "3", "--kind", "fail", "--bad", "9")

    def setUp(self):
        super().setUp()
        doctor = self.lab.json("doctor", code=None)
        found = [one["text"] for one in doctor if one["id"] == "containers"]
        if "ran here" not in found[0]:
            self.skipTest(found[0])

    def use_recipe(self, name, more):
        """Has pebble installed by its recipe and then by some lines of our own."""
        place = self.lab.project / "templates" / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(REPOSITORY / "vm-templates/pebble", place)
        text = (place / "template.yaml").read_text().replace("name: pebble", f"name: {name}")
        (place / "template.yaml").write_text(text)
        recipe = place / "recipes/install.sh"
        recipe.write_text(recipe.read_text().replace("exec make", "make") + more)
        config = self.lab.project / "lab.yaml"
        lines = [f"    recipe: {name}" if line.strip().startswith("recipe:") else line
                 for line in config.read_text().splitlines()
                 if not line.startswith(("templates:", "  - templates"))]
        config.write_text("\n".join(lines) + "\ntemplates:\n  - templates\n")

    def install(self, commit="good", place="container"):
        self.lab.build_in(place)
        self.lab.run("install", f"pebble-build/{commit}/pebble-test")
        job = self.lab.json("job", "list")[0]["id"]
        images = self.lab.json("image", "list")
        newest = max((one for one in images if one["kind"] == "install"),
                     key=lambda one: (one["created"], one["key"]))
        return pathlib.Path(newest["directory"]), job

    def raw_of(self, image, directory):
        raw = pathlib.Path(directory) / "raw"
        subprocess.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", image / "disk.qcow2",
                        raw], check=True)
        return raw

    def files_of_image(self, image):
        with tempfile.TemporaryDirectory() as directory:
            raw = self.raw_of(image, directory)
            subprocess.run(["e2fsck", "-fn", raw], check=True, capture_output=True)
            return files_of(raw)

    def machines_started(self, job):
        return [text for text in self.lab.events(job) if "starting the machine" in text]

    def leftovers(self):
        trees = self.lab.home / "data/trees"
        running = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            words = ("crun", "bwrap", "qemu-nbd", "tar ", "mkfs")
            if str(self.lab.home) in line and any(word in line for word in words):
                running.append(line[:200])
        return (self.lab.leftovers() + running +
                [str(one) for one in trees.iterdir() if one.name.startswith("w-")])

    def test_root_equals_that_of_a_virtual_machine(self):
        self.use_recipe("odd", ODD_FILES)
        in_container, job = self.install()
        self.assertEqual(self.machines_started(job), [])
        in_vm, _ = self.install(place="vm")
        self.assertNotEqual(in_vm, in_container)

        found = self.files_of_image(in_container)

        self.maxDiff = 4000
        self.assertEqual(found, self.files_of_image(in_vm))
        self.assertGreater(len(found), 400)
        self.assertEqual(found["/odd/set-ids"][1:4], ("106751", "7", "40000"))
        artefacts = {one["labels"]["artefact"] for one in self.lab.json("image", "list")
                     if one["directory"] in (str(in_container), str(in_vm))}
        self.assertEqual(len(artefacts), 1)
        self.lab.run("image", "verify")

    def test_a_machine_does_what_a_container_cannot(self):
        self.use_recipe("devices", DEVICES)

        image, job = self.install()

        self.assertEqual(len(self.machines_started(job)), 1)
        told = [text for text in self.lab.events(job) if "not possible in a container" in text]
        self.assertEqual(len(told), 1)
        self.assertIn("recipes/install.sh: exit code 1", told[0])
        with tempfile.TemporaryDirectory() as directory:
            device = debugfs(self.raw_of(image, directory), "stat /odd/null")
        self.assertIn("Mode:  0620", device)
        self.assertIn("01:03", device)

    def test_kill_at_any_time(self):
        """Each time a bit later, until a job gets through: unpacking, scripts, packing, writing."""
        self.use_recipe("pebble-again", "")
        self.lab.build_in("container")
        self.lab.run("build", "pebble-build/good")
        commits = self.lab.git("rev-list", "--reverse", "good..bad").split()[:14]
        killed = 0
        for number, commit in enumerate(commits):
            job = self.lab.run("install", f"pebble-build/{commit}/pebble-test",
                               "--detach").stdout.split()[-1]
            pid = self.lab.json("daemon", "status")["pid"]
            time.sleep(0.25 * number)  # not to wait for anything: to be somewhere else each time
            if self.lab.json("job", "show", job)["job"]["state"] != "done":
                os.kill(pid, 9)
                killed += 1
                wait_until(lambda: not self.running_containers(), "the end of what labd started")
            self.lab.run("job", "wait", job)
            wait_until(lambda: not self.leftovers(), "nothing left over")
        self.assertGreater(killed, 3)
        self.lab.run("image", "verify")
        self.lab.run("test", f"pebble-build/{commits[3]}/pebble-test", "--", "true")

    def running_containers(self):
        return [one for one in self.leftovers() if "crun" in one or "qemu-nbd" in one]


if __name__ == "__main__":
    unittest.main()
