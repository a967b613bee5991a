# SPDX-License-Identifier: MIT
"""
Wall times, of this machine and of nothing else: programs in ring 3, and how
long pvk's start takes under QEMU's software CPU.
"""
import os
import re
import statistics
import subprocess

from benches import PLATFORMS, pvk

# Programs that say "time: NANOSECONDS NAME".
PROGRAMS = ("forms-time", "seal-time")
STARTS = 3  # boots, of which the median counts
STARTED = re.compile(r"from the probe to sealed: (\d+) us")


def files(build):
    return [os.path.join(build, "tests", "bench", name)
            for name in PROGRAMS] + [pvk(build, "x86_64")]


def of_programs(build):
    found = {}
    for name in PROGRAMS:
        path = os.path.join(build, "tests", "bench", name)
        text = subprocess.run([path], capture_output=True, text=True,
                              check=True).stdout
        for line in text.splitlines():
            _, number, what = line.split(" ", 2)
            found[what] = float(number)
    return found


def of_start(pvlab, build, platform, logs):
    """In ns; None: it did not come so far here."""
    times = []
    for _ in range(STARTS):
        done = subprocess.run(
            [pvlab, "run", platform, pvk(build, "x86_64"), "--append",
             "nochecks", "--timeout", "120", "--logs", logs],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        found = STARTED.search(done.stdout.decode(errors="replace"))
        if not found:
            return None
        times.append(int(found[1]) * 1000)
    return statistics.median(times)


def taken(pvlab, build, platforms, progress):
    """
    Nanoseconds by name; 'progress' is called with a line before each part.
    A start that could not be timed is None.
    """
    progress("time: programs of this machine; a few seconds")
    found = of_programs(build)
    for platform in PLATFORMS:
        if platform in platforms:
            progress(f"time: start of pvk on {platform}")
            found[f"from the probe to sealed, {platform}"] = of_start(
                pvlab, build, platform, os.path.join(build, "bench", "logs"))
    return found
