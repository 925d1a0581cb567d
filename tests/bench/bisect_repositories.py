#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bisects made-up repositories with noisy tests, by `lab bisect` and by `git bisect run`.

    tests/bench/bisect_repositories.py --lab build/release/cli/lab --labd build/release/labd/labd \\
        [--repositories 100] [--commits 1000] [--kind flaky|metric] [--only git|lab]

flaky: the test fails on good commits with 5 % and passes on bad ones with 10 %.
metric: values are normal, the level falls by one standard deviation. git gets a test that calls
values below the middle of both levels bad.
Prints how often each was right, its runs of the test, and the time it took.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from repositories import bisect_by_lab, commit_of, make_line, write_script  # noqa: E402

FLAKY = """#!/usr/bin/env python3
import random
bad = int(open('number').read()) >= {culprit}
luck = random.SystemRandom().random()
open({log!r}, 'a').write('.')
raise SystemExit(1 if (luck >= 0.1 if bad else luck < 0.05) else 0)
"""

METRIC = """#!/usr/bin/env python3
import random, sys
bad = int(open('number').read()) >= {culprit}
value = random.SystemRandom().gauss(99 if bad else 100, 1)
open({log!r}, 'a').write('.')
if len(sys.argv) > 1:
    raise SystemExit(1 if value < 99.5 else 0)
print('LAB_METRIC speed %.6f ops/s' % value)
"""


def by_git(repository, script):
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True,
                              check=False).stdout
    git("bisect", "start", "v2", "v1")
    text = git("bisect", "run", str(script), "verdict")
    git("bisect", "reset")
    lines = [line for line in text.splitlines() if line.endswith("is the first bad commit")]
    return lines[0].split()[0] if lines else None


class Tally:
    def __init__(self, name):
        self.name, self.right, self.wrong, self.none, self.runs, self.seconds = name, 0, 0, 0, 0, 0

    def add(self, answer, truth, runs, seconds):
        self.right += answer == truth
        self.wrong += answer not in (truth, None)
        self.none += answer is None
        self.runs += runs
        self.seconds += seconds

    def line(self):
        count = self.right + self.wrong + self.none
        return (f"{self.name:4}  right {self.right:3} of {count}  wrong {self.wrong:3}  "
                f"no answer {self.none:3}  runs {self.runs / count:6.1f}  "
                f"{self.seconds / count:6.2f} s each")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", required=True)
    parser.add_argument("--labd", required=True)
    parser.add_argument("--repositories", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first repository")
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--kind", choices=("flaky", "metric"), default="flaky")
    parser.add_argument("--only", choices=("git", "lab"), help="try one of the two alone")
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
    tallies = {name: Tally(name) for name in ("git", "lab") if options.only in (None, name)}
    try:
        for number in range(options.first, options.first + options.repositories):
            repository, log = home / "line", home / "runs"
            shutil.rmtree(repository, ignore_errors=True)
            make_line(repository, options.commits, 1700000000 + number)
            culprit = random.Random(number).randint(1, options.commits)
            truth = commit_of(repository, options.commits, culprit)
            script = home / "test.py"
            write_script(script, (FLAKY if options.kind == "flaky" else METRIC).format(
                culprit=culprit, log=str(log)))
            for name, run in (("git", lambda: by_git(repository, script)),
                              ("lab", lambda: bisect_by_lab(options.lab, options.labd, home,
                                                            repository, script))):
                if name not in tallies:
                    continue
                log.write_text("")
                start = time.monotonic()
                answer = run()
                tallies[name].add(answer, truth, len(log.read_text()), time.monotonic() - start)
        print(f"{options.kind}, {options.commits} commits, seeds from {options.first}")
        for tally in tallies.values():
            print(tally.line())
    finally:
        subprocess.run([options.lab, "daemon", "stop"], check=False, capture_output=True,
                       env=dict(os.environ, LAB_HOME=str(home)))
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
