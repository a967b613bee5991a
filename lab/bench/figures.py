# SPDX-License-Identifier: MIT
"""
All that was counted, as one document: benches, subjects, platforms, figures,
the versions they belong to, what is missing, and how to repeat each boot.
"""
import glob
import json
import os
import re
import subprocess

from benches import BENCHES
from boots import sha256

FORMAT = 1


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=True)
    except (OSError, subprocess.CalledProcessError) as why:
        raise OSError(f"{command[0]}: {why}") from None
    return done.stdout.splitlines()[0]


class Versions:
    """What counts, and what was booted beside our images."""

    # Packages of pvlab's cache that are systems of their own.
    SYSTEMS = re.compile(r"^(xen-hypervisor|linux-image|qemu-system)-")

    def __init__(self, pvlab):
        self.pvlab = pvlab
        self.libexec = os.path.dirname(os.path.dirname(
            os.path.abspath(__file__)))
        self.qemu = first_line("qemu-system-x86_64", "--version")

        files = [pvlab, os.path.join(self.libexec, "bench", "boots.py"),
                 *sorted(glob.glob(os.path.join(self.libexec, "*")))]
        # What boots the kernel is a file of the boots that it is in.
        self.own = [self.qemu, *(
            sha256(path) for path in files if os.path.isfile(path) and
            not path.endswith((".rom", ".elf")))]

    def key(self, boot):
        """
        What a figure belongs to, beside the files that are booted. pvlab
        fetches Debian's systems with the first boot that needs them.
        """
        alone = boot.platform.startswith("native") and boot.kernel != "debian"
        return "\n".join(self.own + ([] if alone else self.systems()))

    def systems(self):
        """Of pvlab's cache, those that are booted."""
        cache = os.environ.get("PVLAB_CACHE") or os.path.join(
            os.environ.get("XDG_CACHE_HOME") or
            os.path.expanduser("~/.cache"), "pvlab")
        systems = set()
        for path in glob.glob(os.path.join(cache, "*", "packages")):
            with open(path, encoding="utf-8") as file:
                systems |= {line.strip() for line in file
                            if self.SYSTEMS.match(line)}
        return sorted(systems)

    def read(self, build):
        """After the boots, for the document."""
        return {"qemu": self.qemu, "systems": self.systems(),
                "pvlab": first_line(self.pvlab, "--version"),
                "compiler": compiler(os.path.join(build, "lib",
                                                  "libpvops-x86_64.o"))}


def compiler(path):
    """What made this object, as it says in .comment."""
    try:
        with open(path, "rb") as file:
            found = re.search(rb"GCC: \([^\0]*|[^\0]*clang version[^\0]*",
                              file.read())
    except OSError:
        found = None
    return found[0].decode(errors="replace") if found else "unknown"


def processor():
    """What this machine calls its own."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


def document(versions, found, gaps, times):
    """
    'found': what Runner keeps, 'gaps': why it was not counted; by boot.
    'times': nanoseconds by name, of this machine; None: not asked for.
    """
    benches = {}
    for bench in BENCHES:
        boots = [boot for boot in found if boot.bench == bench.name]
        if not boots:
            continue
        counted, told, missing = {}, [], []
        for boot in boots:
            if not found[boot]:
                missing.append({"subject": boot.subject,
                                "platform": boot.platform,
                                "why": str(gaps[boot])})
                continue
            kept = found[boot]
            counted.setdefault(boot.subject, {}).setdefault(
                boot.platform, {}).update(kept["figures"])
            told.append({"subject": boot.subject, "platform": boot.platform,
                         "hypervisor": kept["hypervisor"],
                         "seconds": kept["seconds"], "images": kept["images"],
                         "command": kept["command"]})
        benches[bench.name] = {"about": bench.about, "figures": counted,
                               "boots": told, "gaps": missing}
    whole = {"format": FORMAT, "versions": versions, "benches": benches}
    if times:
        whole["times"] = {"processor": processor(), "ns": times}
    return whole


def to_text(whole):
    """JSON with each figure and each boot on one line."""
    text = json.dumps(whole, indent=1, ensure_ascii=True)
    leaf = re.compile(r"\{[^{}]*\}")
    text = leaf.sub(lambda m: re.sub(r"\s*\n\s*", " ", m.group()), text)
    return text + "\n"


def read(path):
    with open(path, encoding="utf-8") as file:
        try:
            whole = json.load(file)
        except ValueError as why:
            raise ValueError(f"{path}: not JSON: {why}") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ValueError(f"{path}: not figures of pvlab bench, format {FORMAT}")
    return whole


def table(whole, bench, subject, platform):
    """Figures by name; {}: not counted."""
    return whole["benches"].get(bench, {}).get("figures", {}).get(
        subject, {}).get(platform, {})


def total(figure, *parts):
    """Instructions of these parts; none: kernel and hypervisor."""
    return sum(figure[part] for part in parts or ("kernel", "hypervisor"))


def per_one(figure):
    """Of kernel and hypervisor, where several were counted together."""
    return total(figure) / figure["each"]


def show(whole):
    """On a terminal: a line for each figure, within 80 columns."""
    for name, bench in whole["benches"].items():
        for subject, platforms in bench["figures"].items():
            for platform, rows in platforms.items():
                print(f"{name}: {subject} on {platform}")
                print(f"  {'user':>11}{'kernel':>11}{'hypervisor':>11}  "
                      "instructions of")
                for text, figure in rows.items():
                    each = figure["each"]
                    times = f" (all {each})" if each > 1 else ""
                    print(f"  {figure['user']:11,}{figure['kernel']:11,}"
                          f"{figure['hypervisor']:11,}  {text}{times}")
        for gap in bench["gaps"]:
            print(f"not counted: {gap['why']}")
    for name, ns in whole.get("times", {}).get("ns", {}).items():
        print(f"  {name}: not timed" if ns is None else
              f"  {ns:16,.2f} ns, {name}")
