# SPDX-License-Identifier: Apache-2.0
"""A lab in a temporary directory, driven through the real command line."""

import atexit
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
LAB = os.environ["LAB_BINARY"]
LABD = os.environ["LABD_BINARY"]


# Options of make-history: a history that got slower once.
PERF_HISTORY = ("--commits", "24", "--seed", "5", "--kind", "perf", "--bad", "13")


def plan_text(sut, profiles, benchmark, counts):
    """A plan that measures builds of pebble-build.

    profiles: the commit of each software profile, by its name.
    counts: sessions, warmups and repeats, as YAML.
    """
    lines = [f"  - {{name: {name}, kernel: pebble-build/{commit}}}\n"
             for name, commit in profiles.items()]
    return (f"sut: {sut}\nswprofiles:\n" + "".join(lines) +
            f"benchmarks:\n  - include: {benchmark}\ndefaults:\n  benchmark: {counts}\n")


def ends_plan(sut, benchmark, counts):
    """A plan that measures both ends of a bisection."""
    return plan_text(sut, {"6.8.0-baseline": "good", "6.9.0-regression": "bad"}, benchmark, counts)


class Lab:
    """A project directory in the LAB_HOME that all tests of this process share."""

    home = None

    def __init__(self):
        if Lab.home is None:
            # Short: unix sockets of QEMU lie deep below it.
            Lab.home = pathlib.Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
            atexit.register(shutil.rmtree, Lab.home, ignore_errors=True)
        self.project = pathlib.Path(tempfile.mkdtemp(prefix="project-", dir=Lab.home))
        self.environment = dict(os.environ, LAB_HOME=str(self.home), NO_COLOR="1")
        self.environment["PATH"] = os.path.dirname(LABD) + ":" + os.environ["PATH"]

    def make_history(self, *options):
        """Generates pebble's history; returns the planted commit."""
        made = subprocess.run(
            [REPOSITORY / "vm-templates/pebble/make-history", "--out",
             self.project / "pebble", "--print-bad", *options],
            check=True, capture_output=True, text=True, timeout=120)
        self.run("init", "--template", "pebble", "--source", "./pebble")
        return made.stdout.split()[-1]

    def build_in(self, place):
        """Has the project's build VM build there: vm, container or auto."""
        config = self.project / "lab.yaml"
        lines = [line for line in config.read_text().splitlines() if "runs_in" not in line]
        lines.insert(next(i for i, line in enumerate(lines) if "recipe:" in line) + 1,
                     f"    runs_in: {place}")
        config.write_text("\n".join(lines) + "\n")

    def run(self, *arguments, code=0, timeout=900):
        """Runs lab and checks its exit code."""
        done = subprocess.run([LAB, *arguments], cwd=self.project, env=self.environment,
                              capture_output=True, text=True, timeout=timeout)
        if code is not None and done.returncode != code:
            raise AssertionError(
                f"lab {' '.join(arguments)}: exit code {done.returncode}, expected {code}\n"
                f"stdout: {done.stdout}\nstderr: {done.stderr[-6000:]}\n"
                f"labd.log: {self.daemon_log()[-3000:]}")
        return done

    def daemon_log(self):
        log = self.home / "state/labd.log"
        return log.read_text(errors="replace") if log.exists() else "(there is none)"

    def json(self, *arguments, **options):
        return json.loads(self.run("-o", "json", *arguments, **options).stdout)

    def start(self, *arguments):
        """Starts lab in the background; its output goes to /dev/null."""
        return subprocess.Popen([LAB, *arguments], cwd=self.project, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def git(self, *arguments):
        return subprocess.run(["git", "-C", self.project / "pebble", *arguments], check=True,
                              capture_output=True, text=True).stdout.strip()

    def in_pebble(self, *command, timeout=3000):
        """Runs a command in pebble's repository, with what execute-bisection.sh asks for."""
        environment = dict(self.environment, LAB=LAB, LAB_BUILD="vm", LAB_BUILD_VM="pebble-build",
                           TMPDIR=str(self.home), XDG_CACHE_HOME=str(self.home / "c"))
        return subprocess.run(command, cwd=self.project / "pebble", env=environment,
                              capture_output=True, text=True, timeout=timeout)

    def git_bisect_run(self, started, timeout=3000):
        """The real one, over what `bisect start --context context.yaml` printed."""
        self.git("bisect", "start")
        self.git("bisect", "good", started["good"]["sha"])
        self.git("bisect", "bad", started["bad"]["sha"])
        done = self.in_pebble("git", "bisect", "run",
                              str(REPOSITORY / "script/execute-bisection.sh"), "../context.yaml",
                              timeout=timeout)
        print(done.stdout)
        return done

    def events(self, job):
        """Texts of a job's events, read from the database: works while labd is dead."""
        with sqlite3.connect(f"file:{self.home}/state/lab.db?mode=ro", uri=True) as db:
            rows = db.execute("select data from event where job = ? order by sequence", (job,))
            return [json.loads(data)["text"] for (data,) in rows]

    def kill_labd(self, number=signal.SIGKILL):
        os.kill(self.json("daemon", "status")["pid"], number)

    def own_processes(self):
        """Command lines of the QEMUs whose files are in this lab."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if "qemu-system" in line.split(" ")[0] and str(self.home) in line:
                found.append(line[:200])
        return found

    def leftovers(self):
        """What must not be there when no job runs."""
        left = self.own_processes()
        for directory in ("state/i", "data/images/tmp"):
            path = self.home / directory
            left += [str(one) for one in path.iterdir()] if path.is_dir() else []
        return left

    def close(self):
        self.run("daemon", "stop", code=None)


def digests(directory):
    """SHA-256 of each file of a directory, by name."""
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest()
            for one in pathlib.Path(directory).iterdir()}


def wait_until(condition, what, timeout=600):
    """Polls a condition about something outside this process."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {timeout} s")


class LabTestCase(unittest.TestCase):
    """Base of test cases that share one lab."""

    history = ()
    builds_in = "auto"  # so in a container where KVM does not work
    lab: Lab
    planted: str

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.planted = cls.lab.make_history(*cls.history)
        cls.lab.build_in(cls.builds_in)
