#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lab against what a skilled person's scripts do under `git bisect run`, by turns.

    tests/bench/against_hand_scripts.py DIRECTORY [--runs 3] [--commits 64] [--ways vm container]
                                        [--hands vm native] [--again]

DIRECTORY holds lab and labd. Both bisect the same histories of pebble for the value of its
benchmark ioctl. The scripts are warm: their build machine runs before the clock starts and stays
(one virtual machine, or this host: `native`); for each commit they send the changed files by tar,
make incrementally, install, make the file system on the host, boot it and measure once. They know
beforehand which value is bad, and trust one run of each commit; their answer may be wrong. lab has only its root images
beforehand; it measures the ends, and confirms what it found from clean builds.

--again has lab answer the same question once more. Prints seconds of each, and the ratios.
"""

import argparse
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 3600


def command(*words, **options):
    options.setdefault("timeout", LIMIT)
    return subprocess.run([str(word) for word in words], check=True, capture_output=True,
                          text=True, **options).stdout


class Qemu:
    """One machine; it ends with the object."""

    def __init__(self, accelerator, memory, *arguments):
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot", "-M", "q35",
             "-accel", accelerator, "-cpu", "host" if accelerator == "kvm" else "qemu64,+rdrand",
             "-m", str(memory), "-smp", "1", "-serial", "stdio", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.seen = b""

    def expect(self, pattern, seconds=120):
        """What the console has said up to a match."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not data:
                raise RuntimeError(f"no {pattern!r} from the machine: {self.seen[-500:]!r}")
            self.seen += data
        return match

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait(timeout=30)


class BuildMachine:
    """The scripts' build machine: lab's root image of debian-12, kept running."""

    def __init__(self, accelerator, image, key, work):
        overlay = work / "build.qcow2"
        command("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b",
                image / "disk.qcow2", overlay)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.key = key
        self.qemu = Qemu(accelerator, "1024M", "-kernel", image / "kernel", "-initrd",
                         image / "initrd", "-append",
                         "root=/dev/vda rw init=/sbin/lab-init console=ttyS0 net.ifnames=0 quiet "
                         "mitigations=off nokaslr norandmaps tsc=reliable random.trust_cpu=on",
                         "-drive", f"file={overlay},format=qcow2,if=virtio,cache=unsafe",
                         "-netdev", f"user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22",
                         "-device", "virtio-net-pci,netdev=n")
        self.qemu.expect(rb"LAB-READY")

    def words(self, work):
        return ["ssh", "-q", "-i", str(self.key), "-p", str(self.port), "-o", "ControlMaster=auto",
                "-o", f"ControlPath={work}/ssh", "-o", "ControlPersist=600", "-o",
                "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "root@127.0.0.1"]


HAND_SCRIPT = """#!/bin/sh
# For one commit: send, make (or skip it), install, make a file system, boot, measure, compare.
set -eu
cd {repository}
new=$(git rev-parse HEAD)
old=$(cat {work}/last 2>/dev/null || git hash-object -t tree /dev/null)
git diff --no-renames --name-only --diff-filter=d -z "$old" "$new" >{work}/changed
git diff --no-renames --name-only --diff-filter=D -z "$old" "$new" >{work}/deleted
rm -rf {work}/out; mkdir -p {work}/out
{build}
rm -f {work}/root.img; truncate -s 64M {work}/root.img
/sbin/mke2fs -q -F -t ext4 -d {work}/out/root {work}/root.img
exec {python} {this} --measure {work} --accelerator {accelerator}
"""

IN_MACHINE = """
{{ xargs -0 -r printf '%s\\n' <{work}/deleted; }} | {ssh} 'mkdir -p /w/src; cd /w/src && while read -r f; do rm -f "$f"; done'
tar -c --null -T {work}/changed | {ssh} 'tar -x -m -o -C /w/src'
{sent}
{ssh} 'k=$(uname -r); rm -rf /w/root /w/boot; mkdir -p /w/root /w/boot; cd /w/src &&
  make -s -j1 world kernel O=/w/obj KVER=$k >&2 &&
  make -s install boot O=/w/obj KVER=$k DESTDIR=/w/root BOOTDIR=/w/boot >&2 && tar -c -C /w root boot' >{work}/out.tar || exit 125
tar -x -C {work}/out -f {work}/out.tar
"""

ON_HOST = """
mkdir -p {work}/src; cd {work}/src && xargs -0 -r rm -f -- <{work}/deleted; cd {repository}
tar -c --null -T {work}/changed | tar -x -m -o -C {work}/src
{sent}
cd {work}/src
make -s -j1 world kernel O={work}/obj KVER={release} || exit 125
make -s install boot O={work}/obj KVER={release} DESTDIR={work}/out/root BOOTDIR={work}/out/boot
"""


def measure(work, accelerator):
    """Boots what a script has built; the value of its benchmark."""
    machine = Qemu(accelerator, "256M", "-kernel", work / "out/boot/vmlinuz", "-initrd",
                   work / "out/boot/initrd.img", "-append",
                   "root=/dev/vda console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr "
                   "tsc=reliable random.trust_cpu=on", "-drive",
                   f"file={work}/root.img,format=raw,if=virtio,cache=unsafe")
    try:
        machine.expect(rb"LAB-READY")
        machine.type("bench ioctl")
        return float(machine.expect(rb"LAB_METRIC \S+ (\S+)\s")[1])
    finally:
        machine.end()


class History:
    def __init__(self, work, commits, seed):
        self.directory = work / f"history-{seed}"
        self.directory.mkdir()
        self.repository = self.directory / "pebble"
        self.bad = command(ROOT / "vm-templates/pebble/make-history", "--out", self.repository,
                           "--commits", commits, "--seed", seed, "--print-bad").split()[-1]


def by_hand(history, way, tools):
    """Seconds that git and the scripts take."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="hand-", dir=tools["work"]))
    repository = work / "repository"
    command("git", "clone", "-q", history.repository, repository)
    values = {"work": work, "repository": repository, "python": sys.executable,
              "this": pathlib.Path(__file__).resolve(), "accelerator": tools["accelerator"],
              "release": tools["release"], "sent": f'echo "$new" >{work}/last'}
    machine = None
    try:
        if way == "vm":
            machine = BuildMachine(tools["accelerator"], tools["image"], tools["key"], work)
            values["ssh"] = " ".join(machine.words(work))
        values["build"] = (IN_MACHINE if way == "vm" else ON_HOST).format(**values)
        script = work / "test.sh"
        script.write_text(HAND_SCRIPT.format(**values))
        script.chmod(0o755)
        write_limit(work, repository, script)
        began = time.monotonic()
        command("git", "-C", repository, "bisect", "start", "bad", "good")
        command("git", "-C", repository, "bisect", "run", script)
        seconds = time.monotonic() - began
        found = command("git", "-C", repository, "rev-parse", "refs/bisect/bad").strip()
        if found != history.bad:
            print(f"hand {way}: found another commit")  # one noisy run is enough
        return seconds
    finally:
        if machine:
            machine.qemu.end()
        shutil.rmtree(work)


def write_limit(work, repository, script):
    """Between the values of the ends, which whoever writes the scripts has looked at before."""
    values = []
    (work / "limit").write_text("0")
    for end in ("bad", "good"):
        command("git", "-C", repository, "checkout", "-q", "--detach", end)
        command(script)
        values.append(float((work / "value").read_text()))
    (work / "limit").write_text(str(statistics.geometric_mean(values)))


def check(condition, what):
    if not condition:
        raise RuntimeError(what)


class Lab:
    def __init__(self, directory, home):
        self.program = os.path.join(directory, "lab")
        self.home = home
        self.home.mkdir()
        self.environment = dict(os.environ, LAB_HOME=str(self.home), NO_COLOR="1")
        self.environment["PATH"] = f"{directory}:{os.environ['PATH']}"

    def run(self, project, *words):
        return command(self.program, *words, cwd=project, env=self.environment)

    def project(self, history, way):
        """lab.yaml of a history, with builds made this way."""
        project = history.directory / way
        project.mkdir()
        self.run(project, "init", "--template", "pebble", "--source", history.repository)
        config = project / "lab.yaml"
        text = config.read_text()
        text = re.sub(r"(?m)^    runs_in:.*\n", "", text)
        config.write_text(text.replace("    recipe: pebble", f"    runs_in: {way}\n    recipe: pebble"))
        return project

    def bisect(self, project, bad):
        began = time.monotonic()
        result = json.loads(self.run(project, "bisect", "good..bad", "--vm", "pebble-build", "--on",
                                     "pebble-test", "--bench", "pebble/ioctl", "-o", "json"))
        seconds = time.monotonic() - began
        check(result["commit"] == bad, f"lab has found another commit: {result}")
        return seconds


def prepare(lab, work, way):
    """Makes the root images, by a build of another history; the build machine's and its key."""
    other = History(work, 24, 99)
    project = lab.project(other, way)
    lab.run(project, "build", "pebble-build/good")
    roots = (lab.home / "data/images/root").iterdir()
    return (next(root for root in roots if (root / "kernel").exists()),
            next((lab.home / "state/keys").glob("*.pub")).parent)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=os.path.abspath)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--commits", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ways", nargs="*", default=["vm", "container"])
    parser.add_argument("--hands", nargs="*", default=["vm", "native"])
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--measure", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--accelerator", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        value = measure(options.measure, options.accelerator)
        (options.measure / "value").write_text(str(value))
        sys.exit(0 if value > float((options.measure / "limit").read_text()) else 1)
    with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as temporary:
        compare(options, pathlib.Path(temporary))


def compare(options, work):
    labs = {way: Lab(options.directory, work / way) for way in options.ways}
    seconds = {}
    try:
        for way, lab in labs.items():
            image, keys = prepare(lab, work / way, way)
        tools = {"image": image, "key": keys / "user_ed25519", "work": work,
                 "accelerator": accelerator_of(labs[options.ways[0]]),
                 "release": sorted(os.listdir("/lib/modules"))[-1]}
        for number in range(options.runs):
            history = History(work, options.commits, options.seed + number)
            for way in options.hands:
                seconds.setdefault(f"hand {way}", []).append(by_hand(history, way, tools))
            for way, lab in labs.items():
                project = lab.project(history, way)
                for name in [f"lab {way}"] + ([f"lab {way} again"] if options.again else []):
                    seconds.setdefault(name, []).append(lab.bisect(project, history.bad))
            print("  ".join(f"{name} {values[-1]:.1f} s" for name, values in seconds.items()),
                  flush=True)
    finally:
        for lab in labs.values():
            lab.run("/", "daemon", "stop")
    print_ratios(seconds, options.hands)


def accelerator_of(lab):
    checks = json.loads(lab.run("/", "doctor", "-o", "json"))
    return "kvm" if any(one["id"] == "kvm" and one["result"] == "ok" for one in checks) else "tcg"


def print_ratios(seconds, hands):
    for name, values in seconds.items():
        others = [f"hand {way}" for way in hands] if name.startswith("lab") else []
        if name.endswith(" again"):
            others = [name.removesuffix(" again")]
        for other in others:
            ratios = [mine / theirs for mine, theirs in zip(values, seconds[other])]
            print(f"{name} / {other}: {statistics.mean(ratios):.2f} "
                  f"({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
