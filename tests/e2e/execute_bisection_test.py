#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""script/execute-bisection.sh under the real git bisect run; make, tuxmake and lab are stand-ins."""

import os
import pathlib
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "script/execute-bisection.sh"

# Builds what is checked out: a kernel with the content of `level`; `broken` does not build.
MAKE = """#!/bin/sh
set -e
for word in "$@"; do
    case $word in
    olddefconfig) exit 0 ;;
    image_name) echo arch/x86/boot/bzImage; exit 0 ;;
    INSTALL_MOD_PATH=*) mkdir -p "${word#*=}/lib/modules/1"; : >"${word#*=}/lib/modules/1/m.ko"; exit 0 ;;
    esac
done
[ ! -f broken ] || exit 2
mkdir -p arch/x86/boot
cp level arch/x86/boot/bzImage
"""

TUXMAKE = """#!/bin/sh
set -e
while [ "$1" != --output-dir ]; do shift; done
mkdir -p "$2"
cp level "$2/Image.gz"
: >"$2/modules.tar.xz"
"""

# Judges the kernel that it is given.
LAB = """#!/bin/sh
echo "$*" >>"$CALLS"
while [ $# -gt 0 ]; do
    case $1 in
    --kernel) kernel=$2 ;;
    --modules) [ -f "$2" ] || exit 99 ;;
    --gitsha) [ ${#2} = 40 ] || exit 99 ;;
    esac
    shift
done
echo "Executing plan.yaml..."
exit "$(cat "$kernel")"
"""


class ExecuteBisection(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="lab execute ")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        programs = self.place / "bin"
        programs.mkdir()
        for name, text in {"make": MAKE, "tuxmake": TUXMAKE, "lab": LAB}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.context = self.place / "a context.yaml"
        self.context.write_text("plan: {}\n")
        self.environment = dict(
            os.environ, PATH=f"{programs}:{os.environ['PATH']}", HOME=str(self.place),
            CALLS=str(self.place / "calls"), GIT_CONFIG_GLOBAL="/dev/null", CC="true",
            XDG_CACHE_HOME=str(self.place / "cache"))
        for name in ("LAB", "LAB_BUILD", "LAB_BUILD_VM", "LAB_OUT", "LAB_KCONFIG"):
            self.environment.pop(name, None)
        self.kernel = self.place / "kernel"
        self.kernel.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        (self.kernel / ".gitignore").write_text("arch/\n.config\n")
        (self.kernel / ".config").write_text("CONFIG_X=y\n")

    def git(self, *words, check=True):
        return subprocess.run(["git", "-C", self.kernel, *words], env=self.environment,
                              check=check, capture_output=True, text=True, timeout=60)

    def commit(self, level, broken=False):
        (self.kernel / "level").write_text(f"{level}\n")
        marker = self.kernel / "broken"
        marker.write_text("") if broken else marker.unlink(missing_ok=True)
        (self.kernel / "count").write_text(str(len(self.git("log", "--all").stdout)))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"level {level}")
        return self.git("rev-parse", "HEAD").stdout.strip()

    def history(self, levels, broken=()):
        return [self.commit(level, number in broken) for number, level in enumerate(levels)]

    def step(self, *options, **environment):
        return subprocess.run([SCRIPT, self.context, *options], cwd=self.kernel,
                              env=dict(self.environment, **environment), capture_output=True,
                              text=True, timeout=60)

    def bisect(self, commits):
        self.git("bisect", "start")
        self.git("bisect", "good", commits[0])
        self.git("bisect", "bad", commits[-1])
        return self.git("bisect", "run", str(SCRIPT), str(self.context), check=False)

    def test_git_bisect_run_finds_the_first_bad_commit(self):
        commits = self.history([0] * 7 + [1] * 5)

        done = self.bisect(commits)

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{commits[7]} is the first bad commit", done.stdout)
        self.assertIn("Building kernel for current commit...\nExecuting plan.yaml...\n"
                      "lab bisect run exited with status 1\n", done.stdout)
        self.assertEqual(self.git("status", "--porcelain").stdout, "")

    def test_a_kernel_without_modules_is_judged_without_any(self):
        self.history([1])
        (self.kernel / ".config").write_text("# CONFIG_MODULES is not set\n")

        done = self.step()

        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertNotIn("--modules", (self.place / "calls").read_text())

    def test_commits_that_do_not_build_are_skipped(self):
        commits = self.history([0] * 6 + [1] * 6, broken=(5, 8))

        done = self.bisect(commits)

        self.assertIn("the build exited with status 125", done.stdout)
        self.assertIn("There are only 'skip'ped commits left", done.stdout + done.stderr)
        self.assertIn(commits[6], done.stdout)

    def test_trouble_ends_the_bisection_and_judges_nothing(self):
        commits = self.history([0, 0, 0, 2, 0, 0, 1])

        done = self.bisect(commits)

        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lab bisect run exited with status 2", done.stdout)
        log = self.git("bisect", "log").stdout
        self.assertNotIn(f"bad: [{commits[3]}]", log)
        self.assertNotIn(f"good: [{commits[3]}]", log)

    def test_every_code_of_lab_becomes_one_of_gits(self):
        for level, code in ((0, 0), (1, 1), (125, 125), (128, 128), (2, 128), (5, 128),
                            (126, 128), (127, 128), (130, 128), (255, 128)):
            with self.subTest(level=level):
                self.commit(level)
                self.assertEqual(self.step().returncode, code)

    def test_a_missing_program_is_no_verdict(self):
        self.commit(0)

        self.assertEqual(self.step(LAB="/nowhere/lab").returncode, 128)
        self.assertEqual(self.step(LAB_BUILD="cargo").returncode, 128)
        (self.place / "bin/tuxmake").unlink()
        self.assertEqual(self.step(LAB_BUILD="tuxmake", PATH="/usr/bin:/bin").returncode, 128)
        (self.kernel / ".config").unlink()
        without = self.step()
        self.assertEqual(without.returncode, 128)
        self.assertIn(".config: does not exist", without.stderr)
        self.context.unlink()
        self.assertEqual(self.step().returncode, 128)

    def test_tuxmake_builds_when_asked(self):
        self.commit(1)

        done = self.step(LAB_BUILD="tuxmake")

        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex((self.place / "calls").read_text(), r"tuxmake/Image.gz")

    def test_a_build_vm_builds_when_asked(self):
        commit = self.commit(1)
        (self.place / "bin/lab").write_text('#!/bin/sh\necho "$*" >>"$CALLS"\nexit 0\n')

        done = self.step("--classifier", "bayes", LAB_BUILD="vm", LAB_BUILD_VM="pebble-build")

        self.assertEqual(done.returncode, 0, done.stderr)
        calls = (self.place / "calls").read_text()
        self.assertEqual(calls, f"bisect run --context {self.context} --kernel "
                                f"pebble-build/{commit} --gitsha {commit} --classifier bayes\n")
        self.assertEqual(self.step(LAB_BUILD="vm").returncode, 128)


if __name__ == "__main__":
    unittest.main()
