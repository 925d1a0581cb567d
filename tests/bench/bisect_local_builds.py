#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Local bisections whose command builds first when the checkout comes from another commit.

    tests/bench/bisect_local_builds.py DIRECTORY ... [--build SECONDS] [--repositories N]

Each DIRECTORY holds a lab and its labd; they bisect the same made-up repositories by turns. A test
takes 0.05 s, fails on good commits and passes on bad ones with 10 %. Prints for each directory how
often it was right, and means of the time, the builds and the tests.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from repositories import bisect_by_lab, commit_of, make_line, write_script  # noqa: E402

COMMITS = 300
SCRIPT = """#!/bin/sh
n=$(cat number)
[ "$(cat built 2> /dev/null)" = "$n" ] || {{ sleep {build}; echo "$n" > built; echo build >> {log}; }}
sleep 0.05; echo test >> {log}
luck=$(( $(od -An -N2 -tu2 /dev/urandom) % 100 ))
if [ "$n" -ge {culprit} ]; then [ $luck -lt 10 ]; else [ $luck -ge 10 ]; fi
"""


def bisect(directory, work, repository, build, culprit):
    log = work / "log"
    log.write_text("")
    script = work / "check.sh"
    write_script(script, SCRIPT.format(build=build, log=log, culprit=culprit))
    lab = os.path.join(directory, "lab")
    began = time.monotonic()
    found = bisect_by_lab(lab, os.path.join(directory, "labd"), work / "home", repository, script)
    seconds = time.monotonic() - began
    subprocess.run([lab, "daemon", "stop"], env=dict(os.environ, LAB_HOME=str(work / "home")),
                   capture_output=True, check=False)
    lines = log.read_text().split()
    right = found == commit_of(repository, COMMITS, culprit)
    return right, seconds, lines.count("build"), lines.count("test")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=os.path.abspath)
    parser.add_argument("--build", type=float, default=1)
    parser.add_argument("--repositories", type=int, default=10)
    options = parser.parse_args()
    results = {directory: [] for directory in options.directories}
    for number in range(options.repositories):
        for directory, seen in results.items():
            with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as temporary:
                work = pathlib.Path(temporary)
                make_line(work / "repository", COMMITS)
                seen.append(bisect(directory, work, work / "repository", options.build,
                                   37 + 61 * number % 250))
    for directory, seen in results.items():
        right, seconds, builds, tests = (sum(column) for column in zip(*seen))
        count = len(seen)
        print(f"{directory}: right {right} of {count}, {seconds / count:.1f} s, "
              f"{builds / count:.1f} builds, {tests / count:.1f} tests")


if __name__ == "__main__":
    main()
