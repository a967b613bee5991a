# SPDX-License-Identifier: MIT
"""
The aims of the comparison, each judged by the figures of one run.
"""
from dataclasses import dataclass

from benches import BY_SVM, HAND_WIDTHS, NATIVE_SVM, ROMS, SEAL_SITES
from figures import per_one, table, total

IN_ALL = 1.01  # libpvops / raw, and ROM / source
OF_LINUX = 0.5  # of what a hypervisor adds to Linux, or ...
OF_XEN = 1.1  # ... of what Xen itself executes, where that is more
VMI_MORE = 3  # instructions
PER_SITE = 1000  # instructions


@dataclass
class Aim:
    text: str
    figure: str
    met: bool
    misses: list  # sentences


def verdict(aim):
    return "met" if aim.met else "**MISSED**"


def every(figure):
    return total(figure, "user", "kernel", "hypervisor")


def ratio_in_all(one, other):
    """
    Of two tables: one / other over the tests that both have. Without the
    program's own instructions, which are the same and would hide much.
    """
    names = [name for name in one if name in other]
    return sum(total(one[n]) for n in names) / \
        sum(total(other[n]) for n in names)


def sealed(whole):
    """Each op on bare metal, against the instruction written by hand."""
    worst, misses = 0, {}
    for prefix, _, _ in HAND_WIDTHS:
        by_hand, ours = (table(whole, "hand", prefix + way, "native")
                         for way in ("by hand", "sealed"))
        if not by_hand or not ours:
            return None
        for op, figure in ours.items():
            more = per_one(figure) - (per_one(by_hand[op])
                                      if op in by_hand else 0)
            worst = max(worst, more)
            if more > 0:
                misses.setdefault(op, []).append(f"{prefix or 'x86-64 '}"
                                                 f"{more:g}")
    return Aim("native: a sealed op / the same by hand: instructions more, "
               "none", f"{worst:g} at most", not misses,
               [f"{op}: {', '.join(widths)}" for op, widths in misses.items()])


def native(whole):
    """libpvops on bare metal against raw instructions."""
    raw, ours = (table(whole, "user", subject, "native")
                 for subject in ("raw", "pvk"))
    if not raw or not ours:
        return None
    ratio = ratio_in_all(ours, raw)
    by_test = {name: total(ours[name]) / total(raw[name]) for name in ours}
    dearest = max(by_test, key=by_test.get)
    return Aim("native: libpvops / raw instructions, all tests of programs "
               f"together, at most {IN_ALL}",
               f"{ratio:.4f} (dearest: {dearest}, {by_test[dearest]:.4f})",
               ratio <= IN_ALL,
               [f"{name}: {ratio:.4f}" for name, ratio in by_test.items()
                if ratio > IN_ALL])


def added(whole, subject, platform):
    """What a platform adds to each test, and its hypervisor's share."""
    base = NATIVE_SVM if platform in BY_SVM else "native"
    alone, there = (table(whole, "user", subject, on)
                    for on in (base, platform))
    return {name: (total(there[name]) - total(alone[name]),
                   there[name]["hypervisor"])
            for name in there if name in alone}


def judged(whole):
    """name: (added to pvk, Xen's share, added to Linux, the most, met)"""
    ours, theirs = added(whole, "pvk", "xen_pv"), added(whole, "linux",
                                                        "xen_pv")
    rows = {}
    for name in ours:
        if name not in theirs:
            continue
        most = max(OF_LINUX * theirs[name][0], OF_XEN * ours[name][1])
        rows[name] = (*ours[name], theirs[name][0], most,
                      ours[name][0] <= most)
    return rows


def xen(whole):
    rows = judged(whole)
    if not rows:
        return None
    ratio = sum(row[0] for row in rows.values()) / \
        sum(row[2] for row in rows.values())
    misses = [f"{name}: {row[0]:,} added, the most is {row[3]:,.0f} "
              f"(Xen itself {row[1]:,})"
              for name, row in rows.items() if not row[4]]
    return Aim("xen_pv: added to pvk / added to Linux, each test at most "
               f"{OF_LINUX}, or {OF_XEN} of what Xen itself executes",
               f"{ratio:.2f} in all; {len(rows) - len(misses)} of {len(rows)} "
               "tests", not misses, misses)


def roms(whole):
    worst, misses = (0, ""), []
    for bench in ("ops", "user"):
        for platform in ROMS:
            source, rom = (table(whole, bench, subject, platform)
                           for subject in ("pvk", "rom"))
            for name in source:
                if name not in rom or not every(source[name]):
                    continue
                ratio = every(rom[name]) / every(source[name])
                worst = max(worst, (ratio, f"{name}, {platform}"))
                if ratio > IN_ALL:
                    misses.append(f"{name} on {platform}: {ratio:.4f}")
    if not worst[1]:
        return None
    return Aim("64-bit ROM / the same backend linked in, every op and test, "
               f"at most {IN_ALL}", f"{worst[0]:.4f} ({worst[1]})", not misses,
               misses)


# Calls of VMI 3.0 in one of a row, where it is not one.
VMI_CALLS = {
    "irq_save and irq_restore": 2,
    "write_cr3, the same": 2,  # SetCR3, SetLazyMode
    "alloc_table and release_table": 2,
}


def vmi_calls(name, figure):
    """A batch has its two ends."""
    if "batch of" in name:
        return figure["each"] + 2
    return VMI_CALLS.get(name, figure["each"])


def roms_32(whole):
    """VMI 3.0 natively: three instructions a call."""
    source, rom = (table(whole, "ops", subject, "native")
                   for subject in ("i386", "i386 rom"))
    more = {name: (total(rom[name], "user", "kernel") -
                   total(source[name], "user", "kernel")) /
            vmi_calls(name, source[name])
            # Not those that are several calls of other code.
            for name in source if name in rom and
            not name.startswith(("kernel: ", "smp_"))}
    if not more:
        return None
    misses = [f"{name}: {count:.3g}" for name, count in more.items()
              if count > VMI_MORE]
    worst = max(more, key=more.get)
    return Aim("i386 ROM (VMI 3.0) natively: instructions more for one call, "
               f"at most {VMI_MORE}", f"{more[worst]:.3g} ({worst})",
               not misses, misses)


CLOCK_READ = {"kvm": "kvm", "hyperv": "hyperv", "xen_pv": "Xen PV"}


def clock(whole):
    """Linux's clock_gettime without what every call of it costs."""
    parts, misses = [], []
    for platform, name in CLOCK_READ.items():
        ours = table(whole, "ops", "pvk", platform).get("now_ns")
        linux = table(whole, "user", "linux", platform)
        if not ours or "clock_gettime" not in linux:
            continue
        theirs = linux["clock_gettime"]["kernel"] - linux[NULL_CALL]["kernel"]
        parts.append(f"{name} {ours['kernel']} / {theirs}")
        if ours["kernel"] > theirs or ours["hypervisor"]:
            misses.append(f"{name}: {ours['kernel']} and the hypervisor's "
                          f"{ours['hypervisor']}, Linux {theirs}")
    if not parts:
        return None
    return Aim("clock read: libpvops / Linux's without its vDSO "
               "(clock_gettime less getpid); no exit", "; ".join(parts),
               not misses, misses)


NULL_CALL = "null call (getpid)"


def sealing(whole):
    parts, met = [], True
    for subject in ("x86-64", "i386"):
        rows = table(whole, "seal", subject, "native")
        if not rows:
            return None
        counts = [(sites, total(rows[f"begin_seal_{sites}"]))
                  for sites in SEAL_SITES]
        slopes = [(b[1] - a[1]) / (b[0] - a[0])
                  for a, b in zip(counts, counts[1:])]
        parts.append(f"{subject} {slopes[-1]:.0f}")
        met = met and max(slopes) < PER_SITE and \
            max(slopes) <= 1.01 * min(slopes)
    return Aim(f"sealing: linear, under {PER_SITE:,} instructions a site",
               "; ".join(parts), met, [])


def all_aims(whole):
    return [aim for aim in (judge(whole) for judge in
                            (sealed, native, xen, roms, roms_32, clock, sealing))
            if aim]
