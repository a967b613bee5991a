# SPDX-License-Identifier: MIT
"""
Boots that are counted: what pvlab is to boot, how what it printed and counted
becomes figures, and where that is kept until what was booted changes.
"""
import collections
import hashlib
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import Callable

PASS, SKIP = 0, 3  # pvlab's exit statuses

# What a figure is made of; of several samples the one with the fewest.
PARTS = ("user", "kernel", "hypervisor")


class NotCounted(Exception):
    """A boot that gave no figures; its text says why."""

    def __init__(self, why, missing=False, lab=False):
        """
        'missing': the platform is not to be had here; no fault. 'lab': maybe
        none of the guest's, whose outer system can stand still (docs/outer.md).
        """
        super().__init__(why)
        self.missing, self.lab = missing, lab


def told(samples, console, what):
    """
    Figures by the lines "bench: ROUNDS EACH NAME" of a guest, which it prints
    behind ROUNDS samples of one place each. "nothing" is taken off the others.
    """
    figures, at = {}, 0
    for line in console.splitlines():
        if not line.startswith("bench: "):
            continue
        words = line.split(" ", 3)
        if len(words) < 4 or not (words[1] + words[2]).isdigit():
            continue
        rounds = int(words[1])
        figures[words[3].rstrip()] = least(samples[at:at + rounds],
                                           int(words[2]))
        at += rounds
    if at != len(samples) or not at:
        raise NotCounted(f"{what}: {len(samples)} samples, {at} told of")
    return without(figures, "nothing")


def without(figures, nothing):
    """Less what the two places themselves cost, if a guest tells of that."""
    empty = figures.pop(nothing, None)
    if empty:
        for figure in figures.values():
            for part in ("user", "kernel"):
                figure[part] -= empty[part]
    return figures


def least(samples, each=1):
    """
    The sample with the fewest instructions, and how many it was of. Only of
    those in which the program itself executed as many as in most: where it
    did more or fewer, it was not the same work (a scheduler that let one read
    twice, and saved a switch).
    """
    if not samples:
        raise NotCounted("a place was never passed")
    counts = collections.Counter(sample["user"] for sample in samples)
    most = max(counts.values())
    alike = [s for s in samples if counts[s["user"]] == most]
    one = min(alike, key=lambda s: sum(s[part] for part in PARTS))
    figure = {part: one[part] for part in PARTS}
    figure["calls"] = one["calls_kernel"]
    figure["exits"] = one["exits"]
    figure["each"] = each
    figure["rounds"] = len(alike)
    return figure


def by_marks(where, console):
    """The one pair of places that a guest tells of itself."""
    return told(where[0]["samples"], console, where[0]["from"])


def by_pairs(where, console):
    """Each pair of places by itself, without the word that says its end."""
    del console
    return {pair["from"]: least(pair["samples"]) for pair in where}


def by_start(where, console):
    """The same; pvk says how many sites were sealed, each boot or restart."""
    figures = by_pairs(where, console)
    found = re.search(r"sites: (\d+) sealed", console)
    if not found:
        raise NotCounted("pvk did not say how many sites it sealed")
    figures["pvops_seal"]["each"] = int(found[1])
    return figures


def by_reading(where, console):
    """The same, less the pair that has nothing between its places."""
    return without(by_pairs(where, console), "begin_nothing")


TIMEOUT_S = 400  # of a boot: the longest takes 80 s, where nothing else runs
IN_A_BLOCK = 16  # tests/bench/ops/ops.S


def by_block(where, console):
    """Each pair "begin_WAY_OP", which has OP so many times."""
    del console
    return {pair["from"].split("_", 2)[2]: least(pair["samples"], IN_A_BLOCK)
            for pair in where}


@dataclass(frozen=True)
class Boot:
    """One run of pvlab, counted."""
    bench: str
    subject: str
    platform: str
    kernel: str  # a path, or pvlab's word "debian"
    options: tuple = ()  # of pvlab; a path in it is in 'files', too
    files: tuple = ()
    places: tuple = (("bench_from", "bench_to"),)
    read: Callable = field(default=by_marks, compare=False)

    def words(self):
        """pvlab's, without where its results go."""
        words = ["run", self.platform, self.kernel, *self.options, "--where"]
        for begin, end in self.places:
            words += ["--from", begin, "--to", end]
        return words + ["--timeout", str(TIMEOUT_S)]

    def name(self):
        return f"{self.bench}: {self.subject} on {self.platform}"

    def images(self):
        """Every file that is booted."""
        own = () if self.kernel == "debian" else (self.kernel,)
        return own + self.files


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def save(path, text):
    """Whole, or as it was: a reader never sees a part of it."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, path)


class Runner:
    """Boots, one after the other; each result is kept by all that made it."""

    def __init__(self, pvlab, kept, key, fresh=False):
        """'key': of a boot, text that changes when its figures may."""
        self.pvlab, self.kept, self.key = pvlab, kept, key
        self.fresh = fresh
        os.makedirs(kept, exist_ok=True)

    def path(self, boot):
        parts = [self.key(boot), *boot.words(), boot.read.__name__]
        parts += [sha256(path) for path in boot.images()]
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        words = f"{boot.bench}.{boot.subject}.{boot.platform}"
        return os.path.join(self.kept, f"{words.replace(' ', '-')}.{key}.json")

    def find(self, boot):
        """What was kept of it: None, if nothing."""
        if self.fresh:
            return None
        try:
            with open(self.path(boot), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def run(self, boot):
        """Count it. NotCounted: why it was not; nothing is kept of that."""
        with tempfile.TemporaryDirectory() as temp:
            result, console = self.boot(boot, temp)
        if not result["where"]:
            raise NotCounted(f"{boot.name()}: nothing was counted")
        kept = {
            "figures": boot.read(result["where"], console),
            "seconds": round(result["seconds"], 1),
            "hypervisor": result["hypervisor"],
            "images": {os.path.basename(path): sha256(path)
                       for path in boot.images()},
            "command": " ".join(["pvlab", *map(quoted, boot.words())]),
        }
        if boot.kernel == "debian":
            kept["images"]["debian"] = result["image_sha256"]
        save(self.path(boot), json.dumps(kept))
        return kept

    def boot(self, boot, temp):
        path = os.path.join(temp, "json")
        child = subprocess.Popen(
            [self.pvlab, *boot.words(), "--json", path,
             "--config", os.devnull,  # none of a pvlab.yaml that is here
             "--logs", os.path.join(self.kept, "logs")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        try:
            console = child.communicate()[0].decode(errors="replace")
        except BaseException:
            # pvlab ends its QEMU itself; without this it would go on.
            child.terminate()
            child.wait()
            raise
        try:
            with open(path, encoding="utf-8") as file:
                result = json.load(file)["results"][0]
        except (OSError, ValueError, LookupError):
            raise NotCounted(f"{boot.name()}: {last_line(console)}") from None
        if child.returncode == SKIP:
            raise NotCounted(f"{boot.name()}: {result['reason']}", True)
        if child.returncode != PASS:
            raise NotCounted(f"{boot.name()}: {result['verdict']}: "
                             f"{result['reason'] or last_line(console)}",
                             lab=result["verdict"] in ("ERROR", "TIMEOUT"))
        return result, console


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "pvlab said nothing"


def quoted(word):
    return f'"{word}"' if " " in word else word
