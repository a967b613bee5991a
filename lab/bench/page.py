# SPDX-License-Identifier: MIT
"""
docs/results.md: the tables between its marks, made of the figures. What is
between "<!-- bench NAME -->" and "<!-- end NAME -->" is replaced.
"""
import itertools
import re

import aims
from benches import (BY_SVM, HAND_WIDTHS, PLATFORMS, ROMS, ROMS_32, SEAL_SITES,
                     USER_PLATFORMS, WAYS)
from figures import per_one, table, total


def lines(header, rows):
    """A Markdown table."""
    text = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    text += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(text)


def cell(figure, *parts):
    """Ours, and the hypervisor's behind a "+"."""
    if not figure:
        return "-"
    ours = total(figure, *(parts or ("user", "kernel")))
    text = f"{ours:,}"
    return text + (f" + {figure['hypervisor']:,}" if figure["hypervisor"]
                   else "")


def ways(platform, figure):
    """Hypercalls of a PV guest, exits of the others."""
    if not figure:
        return "-"
    text = cell(figure, "kernel")
    if platform == "native":
        return text
    return f"{text} ({figure['calls' if platform == 'xen_pv' else 'exits']})"


def name_of(text, figure):
    return text + (f", all {figure['each']}" if figure["each"] > 1 else "")


def columns(whole, bench, chosen, show=lambda platform, figure: cell(figure)):
    """chosen: (header, subject, platform) each; rows by the first's names."""
    tables = [table(whole, bench, subject, platform)
              for _, subject, platform in chosen]
    longest = max(tables, key=len)
    rows = [[name_of(text, longest[text])] +
            [show(platform, one.get(text))
             for (_, _, platform), one in zip(chosen, tables)]
            for text in longest]
    return lines([""] + [header for header, _, _ in chosen], rows)


def made_aims(whole):
    rows, below = [], []
    for aim in aims.all_aims(whole):
        rows.append([aim.text, aim.figure, aims.verdict(aim)])
        if aim.met is False:
            below.append(f"- **MISSED**, {aim.text}: "
                         f"{'; '.join(aim.misses)}.")
    text = lines(["aim", "counted", "verdict"], rows)
    return text + ("\n\n" + "\n".join(below) if below else "")


def made_hand(whole):
    """Instructions of one op; what is nothing by hand is 0 there."""
    chosen = [(prefix + way, nothing if way == "by hand" else ())
              for prefix, _, nothing in HAND_WIDTHS for way in WAYS]
    tables = [table(whole, "hand", subject, "native") for subject, _ in chosen]
    rows = [[f"`{name}`"] +
            [f"{per_one(one[name]):g}" if name in one else
             "0" if name in nothing else "-"
             for one, (_, nothing) in zip(tables, chosen)]
            for name in max(tables, key=len)]
    return lines(["op"] + [f"{width}: {way}" for width in ("x86-64", "i386")
                           for way in WAYS], rows)


def made_clock(whole):
    """One reading; what the hypervisor executes for it behind "+"."""
    rows = []
    for on in PLATFORMS:
        rows.append([on] + [cell(table(whole, "clock", subject, on).get(
            "begin_read")) for subject in ("x86-64", "i386")])
    return lines(["platform", "x86-64", "i386"], rows)


def made_micro(whole):
    return columns(whole, "ops", [("raw", "raw", "native"),
                                  *((on, "pvk", on) for on in PLATFORMS)])


def made_unsealed(whole):
    return columns(whole, "ops", [(on, "unsealed", on) for on in PLATFORMS])


def made_rom(whole, bench):
    chosen = []
    for on in ROMS:
        chosen += [(f"{on}: source", "pvk", on), ("ROM", "rom", on)]
    # An i386 ROM in its place below the kernel counts as user; not here.
    return columns(whole, bench, chosen,
                   lambda platform, figure: cell(figure, "kernel"))


def made_rom_32(whole):
    chosen = []
    for on in ROMS_32:
        chosen += [(f"{on}: source", "i386", on), ("ROM", "i386 rom", on)]
    return columns(whole, "ops", chosen)


def made_user(whole):
    """What xen_pv adds, test by test."""
    raw, ours, there = (table(whole, "user", subject, on) for subject, on in
                        (("raw", "native"), ("pvk", "native"),
                         ("pvk", "xen_pv")))
    linux = table(whole, "user", "linux", "native")
    judged, rows = aims.judged(whole), []
    for name, figure in ours.items():
        more = total(figure) - total(raw[name]) if name in raw else None
        row = [name_of(name, figure),
               f"{total(raw[name]):,}" if name in raw else "-",
               f"{total(figure):,}", "-" if more is None else f"{more:,}",
               f"{there[name]['kernel']:,} + {there[name]['hypervisor']:,} "
               f"({there[name]['calls']})" if name in there else "-"]
        if name in judged:
            added, _, theirs, most, met = judged[name]
            row += [f"{added:,}", f"{most:,.0f}" + ("" if met else " **MISSED**"),
                    f"{total(linux[name]):,}", f"{theirs:,}",
                    f"{added / theirs:.2f}"]
        else:
            row += ["-"] * 5
        rows.append(row)
    return lines(["", "raw", "native", "extra", "xen_pv (hypercalls)",
                  "added to pvk", "limit", "Linux native",
                  "added to Linux", "added, pvk / Linux"], rows)


def made_others(whole, subject):
    """By SVM: what kernel and hypervisor execute."""
    return columns(whole, "user", [(on, subject, on) for on in USER_PLATFORMS],
                   ways)


def made_user_added(whole):
    """What each hypervisor of guests by SVM adds, to pvk and to Linux."""
    both = [(on, aims.added(whole, "pvk", on), aims.added(whole, "linux", on))
            for on in BY_SVM]
    names = list(max((ours for _, ours, _ in both), key=len))
    rows = [[name] + [f"{one[name][0]:,}" if name in one else "-"
                      for _, *pair in both for one in pair]
            for name in names]
    return lines([""] + [f"{on}: {what}" for on, *_ in both
                         for what in ("pvk", "Linux")], rows)


def slope(rows):
    """Of (size, instructions): instructions for one more, step by step."""
    return [None] + aims.slopes(rows)


SIZES = {"KiB": 1, "MiB": 1024}


def kib_of(name):
    """The memory in "fork with 64 KiB"."""
    found = re.search(r"(\d+) (KiB|MiB)", name)
    return int(found[1]) * SIZES[found[2]]


WRITTEN = ", then written again"  # of fork's tests: by the parent


def fork_by_kib(rows, written=False):
    """[(KiB, figure)] of fork's tests, with or without the writing."""
    return [(kib_of(name), figure) for name, figure in rows.items()
            if name.endswith(WRITTEN) == written]


def made_fork(whole):
    """Instructions of kernel and hypervisor, and for each KiB more."""
    chosen = [(f"{what} {on}", what, on) for what in ("pvk", "linux")
              for on in PLATFORMS]
    tables = [table(whole, "fork", subject, on) for _, subject, on in chosen]
    steps = []
    for one in tables:
        steps.append({})
        for written in (False, True):
            sizes = [(kib, total(figure))
                     for kib, figure in fork_by_kib(one, written)]
            for (kib, _), more in zip(sizes, slope(sizes)):
                steps[-1][kib, written] = more
    rows = []
    for name in max(tables, key=len):
        row, at = [name], (kib_of(name), name.endswith(WRITTEN))
        for one, more in zip(tables, steps):
            text = f"{total(one[name]):,}" if name in one else "-"
            if more.get(at) is not None:
                text += f" ({more[at]:.2f})"
            row.append(text)
        rows.append(row)
    rows.sort(key=lambda row: row[0].endswith(WRITTEN))
    return lines([""] + [header for header, _, _ in chosen], rows)


def made_smp(whole, cpus):
    return columns(whole, f"smp-{cpus}", [(on, "pvk", on) for on in PLATFORMS],
                   ways)


def flush_of(whole, platform, cpus, pages, what):
    """A remote flush's figure; with one CPU there is nobody to ask."""
    if cpus == 1:
        return table(whole, "ops", "pvk", platform).get(
            f"smp_flush_range of {pages}, no other CPU")
    return table(whole, f"smp-{cpus}", "pvk", platform).get(
        f"flush of {pages}, the others {what}")


def made_flush(whole):
    """All of a flush, and for each CPU more."""
    counts, rows = (1, 2, 4, 8), []
    for pages, what in itertools.product(("1 page", "64 pages"),
                                         ("idle", "run")):
        for on in PLATFORMS[:-1]:
            counted = [(cpus, flush_of(whole, on, cpus, pages, what))
                       for cpus in counts]
            # With one there is nobody to ask: no slope from there.
            have = [(cpus, total(one)) for cpus, one in counted
                    if one and cpus > 1]
            steps = dict(zip((cpus for cpus, _ in have), slope(have)))
            row = [f"{pages}, the others {what}: {on}"]
            for cpus, one in counted:
                text = f"{total(one):,}" if one else "-"
                if steps.get(cpus) is not None:
                    text += f" ({steps[cpus]:,.0f})"
                row.append(text)
            rows.append(row)
    return lines(["flush of"] + [f"{cpus} CPU{'s'[:cpus - 1]}"
                                 for cpus in counts], rows)


def made_start(whole):
    chosen = [(on, "pvk", on) for on in PLATFORMS]
    chosen += [(f"ROM, {on}", "rom", on) for on in ROMS]
    return columns(whole, "start", chosen)


def made_seal(whole):
    rows = []
    for sites in SEAL_SITES:
        row = [f"{sites:,}"]
        for subject in ("x86-64", "i386"):
            one = table(whole, "seal", subject, "native")
            for what in ("seal", "verify"):
                figure = one.get(f"begin_{what}_{sites}")
                row += [f"{total(figure):,}", f"{total(figure) / sites:,.1f}"] \
                    if figure else ["-", "-"]
        rows.append(row)
    return lines(["sites", "x86-64: seal", "a site", "verify", "a site",
                  "i386: seal", "a site", "verify", "a site"], rows)


def made_mmu(whole):
    rows = []
    for name, figure in table(whole, "mmu", "library", "xen_pv").items():
        each = figure["each"]
        rows.append([name] + [f"{n / each:,.0f}" for n in (
            figure["kernel"], figure["hypervisor"], total(figure))])
    return lines(["one of", "library", "Xen", "both"], rows)


def made_shim(whole):
    """What is executed below the guest, of one."""
    rows = [[what, name] + [f"{n:,.0f}" for n in pair] +
            [f"{pair[1] / pair[0]:.2f}"]
            for what, name, pair in aims.of_shim(whole)]
    return lines(["guest", "one of", "Xen", "shim", "shim / Xen"], rows)


def as_time(ns):
    """With a unit that a person would choose."""
    if ns is None:
        return "not timed"
    if ns > 500000:
        return f"{ns / 1e6:,.1f} ms"
    return f"{ns / 1000:,.1f} us" if ns > 500 else f"{ns:.2f} ns"


def made_time(whole):
    """Of one machine."""
    times = whole.get("times", {"ns": {}})
    return lines(["", times.get("processor", "")],
                 [[name, as_time(ns)] for name, ns in times["ns"].items()])


def made_with(whole):
    """Versions, gaps, images."""
    versions = whole["versions"]
    text = [f"- {versions['pvlab']}; {versions['qemu']}",
            f"- compiled by {versions['compiler']}",
            *(f"- Debian's {system}" for system in versions["systems"])]
    images = {}  # of one name, more than one if they were counted apart
    for bench_name, bench in whole["benches"].items():
        for boot in bench["boots"]:
            for name, digest in boot["images"].items():
                if name == "debian":
                    path = "Debian's Linux"
                else:
                    flavour = re.search(r"(\S*)/" + re.escape(name),
                                        boot["command"])
                    where = flavour[1].split("/")[-1] if flavour else ""
                    path = f"{where}/{name}"
                benches = images.setdefault(path, {}).setdefault(digest, [])
                if bench_name not in benches:
                    benches.append(bench_name)
    for path, digests in sorted(images.items()):
        text += [f"- {path}{'' if len(digests) == 1 else ' of ' + ', '.join(benches)}"
                 f": SHA-256 {digest}" for digest, benches in digests.items()]
    gaps = [gap for bench in whole["benches"].values()
            for gap in bench["gaps"]]
    text += [f"- **not counted**: {gap['why']}" for gap in gaps]
    return "\n".join(text)


TABLES = {
    "aims": made_aims,
    "hand": made_hand,
    "clock": made_clock,
    "micro": made_micro,
    "unsealed": made_unsealed,
    "rom": lambda whole: made_rom(whole, "ops"),
    "rom-user": lambda whole: made_rom(whole, "user"),
    "rom-32": made_rom_32,
    "user": made_user,
    "user-pvk": lambda whole: made_others(whole, "pvk"),
    "user-added": made_user_added,
    "user-linux": lambda whole: made_others(whole, "linux"),
    "fork": made_fork,
    "smp-2": lambda whole: made_smp(whole, 2),
    "smp-4": lambda whole: made_smp(whole, 4),
    "flush": made_flush,
    "start": made_start,
    "seal": made_seal,
    "mmu": made_mmu,
    "shim": made_shim,
    "time": made_time,
    "with": made_with,
}


def renewed(text, whole):
    """
    The page with its tables made again; without figures (None), as it is.
    ValueError: a mark is missing.
    """
    for name, make in TABLES.items():
        begin, end = f"<!-- bench {name} -->\n", f"<!-- end {name} -->\n"
        at, to = text.find(begin), text.find(end)
        if at < 0 or to < at:
            raise ValueError(f"the page has no \"{begin.strip()}\" with its "
                             f"\"{end.strip()}\" behind it")
        if whole:
            text = text[:at + len(begin)] + make(whole) + "\n" + text[to:]
    return text
