#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints how long `lab job list` takes beside `lab version`, which asks no daemon.

    tests/bench/job_list_latency.py build/release/cli/lab [runs]

Uses the lab of LAB_HOME; the daemon is started first.
"""

import statistics
import subprocess
import sys
import time


def milliseconds(command, runs):
    """Wall times of a command, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - start))
    return times


def main():
    lab = sys.argv[1]
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    subprocess.run([lab, "job", "list"], check=True, stdout=subprocess.DEVNULL)
    base = milliseconds([lab, "version"], runs)
    listed = milliseconds([lab, "job", "list"], runs)
    for name, times in (("lab version", base), ("lab job list", listed)):
        print(f"{name:14} median {statistics.median(times):6.1f} ms   best {min(times):6.1f} ms")
    print(f"ratio of medians: {statistics.median(listed) / statistics.median(base):.2f}")


if __name__ == "__main__":
    main()
