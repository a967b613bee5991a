# SPDX-License-Identifier: MIT
"""
The aims of the comparison, each judged by the figures of one run.
"""
from dataclasses import dataclass
from typing import Optional

from benches import (BY_SVM, HAND_WIDTHS, NATIVE_SVM, PLATFORMS, ROMS,
                     SEAL_SITES, SHIM)
from figures import per_one, table, total

IN_ALL = 1.01  # libpvops / raw, and ROM / source
OF_LINUX = 0.5  # of what a hypervisor adds to Linux; where Xen itself executes
OF_XEN = 1.1  # more than that, this much of what Xen executes
VMI_MORE = 3  # instructions
PER_SITE = 1000  # instructions
SHIM_OF_XEN = 0.5
STRAIGHT = 1.01  # the steepest slope / the flattest

NULL_CALL = "null call (getpid)"
CLOCK_CALL = "clock_gettime"


@dataclass
class Aim:
    text: str
    figure: str
    met: Optional[bool]  # None: it could not be judged
    misses: list  # sentences


def verdict(aim):
    if aim.met is None:
        return "not judged"
    return "met" if aim.met else "**MISSED**"


def not_judged(text, *lacking):
    return Aim(text, f"not counted: {', '.join(lacking)}", None, [])


def tables(whole, *boots):
    """Those figures, and the names of those that there are none of."""
    found = [table(whole, *boot) for boot in boots]
    return found, ["{}: {} on {}".format(*boot)
                   for boot, one in zip(boots, found) if not one]


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
    text = "native, a sealed op: instructions more than by hand, 0"
    worst, misses = 0, {}
    for prefix, _, nothing in HAND_WIDTHS:
        (by_hand, ours), lacking = tables(
            whole, ("hand", prefix + "by hand", "native"),
            ("hand", prefix + "sealed", "native"))
        if lacking:
            return not_judged(text, *lacking)
        for op, figure in ours.items():
            if op not in by_hand and op not in nothing:
                return not_judged(text, f"{prefix}{op} by hand")
            more = per_one(figure) - (per_one(by_hand[op])
                                      if op in by_hand else 0)
            worst = max(worst, more)
            if more > 0:
                misses.setdefault(op, []).append(f"{prefix or 'x86-64 '}"
                                                 f"{more:g}")
    return Aim(text, f"up to {worst:g}", not misses,
               [f"{op}: {', '.join(widths)}" for op, widths in misses.items()])


def compiled(whole):
    """Each op with the compiler's code around it, against raw."""
    text = "native, an op in a kernel: instructions more than raw, 0"
    (raw, ours), lacking = tables(whole, ("ops", "raw", "native"),
                                  ("ops", "pvk", "native"))
    if lacking:
        return not_judged(text, *lacking)
    more = {name: per_one(ours[name]) - per_one(raw[name])
            for name in ours if name in raw}
    misses = [f"{name}: {count:.3g}" for name, count in more.items()
              if count > 0]
    worst = max(more, key=more.get)
    return Aim(text, f"{more[worst]:.3g} at most ({worst})", not misses, misses)


def native(whole):
    """libpvops on bare metal against raw instructions."""
    text = "native: libpvops / raw instructions, all tests of programs " \
        f"together, at most {IN_ALL}"
    (raw, ours), lacking = tables(whole, ("user", "raw", "native"),
                                  ("user", "pvk", "native"))
    if lacking:
        return not_judged(text, *lacking)
    ratio = ratio_in_all(ours, raw)
    by_test = {name: total(ours[name]) / total(raw[name])
               for name in ours if name in raw}
    dearest = max(by_test, key=by_test.get)
    return Aim(text, f"{ratio:.4f} (dearest: {dearest}, "
               f"{by_test[dearest]:.4f})", ratio <= IN_ALL,
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
        most = OF_LINUX * theirs[name][0]
        if ours[name][1] > most:
            most = OF_XEN * ours[name][1]
        rows[name] = (*ours[name], theirs[name][0], most,
                      ours[name][0] <= most)
    return rows


def xen(whole):
    text = "xen_pv: added to pvk / added to Linux, each test at most " \
        f"{OF_LINUX}; where Xen itself executes more, {OF_XEN} of that"
    rows = judged(whole)
    if not rows:
        return not_judged(text, "user on native and xen_pv, pvk and Linux")
    ratio = sum(row[0] for row in rows.values()) / \
        sum(row[2] for row in rows.values())
    misses = [f"{name}: {row[0]:,} added, the most is {row[3]:,.0f} "
              f"(Xen itself {row[1]:,})"
              for name, row in rows.items() if not row[4]]
    near = max(rows, key=lambda name: rows[name][0] / rows[name][3])
    return Aim(text, f"{ratio:.2f} in all; {len(rows) - len(misses)} of "
               f"{len(rows)} tests; nearest to its limit: {near}, "
               f"{rows[near][0]:,} of {rows[near][3]:,.0f}", not misses, misses)


def roms(whole):
    """Kernel and hypervisor; the program's own would hide much."""
    text = "64-bit ROM / the same backend linked in, every op and test, at " \
        f"most {IN_ALL}"
    worst, misses, lacking = {}, [], []
    for bench in ("ops", "user"):
        for on in ROMS:
            (source, rom), gaps = tables(whole, (bench, "pvk", on),
                                         (bench, "rom", on))
            lacking += gaps
            for name in source:
                if name not in rom or not total(source[name]):
                    continue
                ratio = total(rom[name]) / total(source[name])
                worst[on] = max(worst.get(on, (0, "")), (ratio, name))
                if ratio > IN_ALL:
                    misses.append(f"{name} on {on}: {total(rom[name]):,} / "
                                  f"{total(source[name]):,}")
    if lacking:
        return not_judged(text, *lacking)
    return Aim(text, "; ".join(f"{on} {ratio:.4f} ({name})"
                               for on, (ratio, name) in worst.items()),
               not misses, misses)


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
    text = "i386 ROM (VMI 3.0) natively: instructions more for one call, at " \
        f"most {VMI_MORE}"
    (source, rom), lacking = tables(whole, ("ops", "i386", "native"),
                                    ("ops", "i386 rom", "native"))
    if lacking:
        return not_judged(text, *lacking)
    more = {name: (total(rom[name], "user", "kernel") -
                   total(source[name], "user", "kernel")) /
            vmi_calls(name, source[name])
            # Not those that are several calls of other code.
            for name in source if name in rom and
            not name.startswith(("kernel: ", "smp_"))}
    misses = [f"{name}: {count:.3g}" for name, count in more.items()
              if count > VMI_MORE]
    worst = max(more, key=more.get)
    return Aim(text, f"{more[worst]:.3g} ({worst})", not misses, misses)


CLOCK_READ = ("xen_pv", "xen_pvh", "kvm", "hyperv")


def clock(whole):
    """
    Linux's clock_gettime without what every call of it costs, which leaves the
    reading, its division and the copy to the program.
    """
    text = "clock read: libpvops / Linux's without its vDSO (clock_gettime " \
        "less getpid); no exit"
    parts, misses = [], []
    for on in CLOCK_READ:
        (ours, linux), lacking = tables(whole, ("ops", "pvk", on),
                                        ("user", "linux", on))
        if lacking:
            return not_judged(text, *lacking)
        read = ours["now_ns"]
        theirs = linux[CLOCK_CALL]["kernel"] - linux[NULL_CALL]["kernel"]
        parts.append(f"{on} {read['kernel']} / {theirs}")
        if read["kernel"] > theirs or read["exits"]:
            misses.append(f"{on}: {read['kernel']} and {read['exits']} exits, "
                          f"Linux {theirs}")
    return Aim(text, "; ".join(parts), not misses, misses)


def clock_call(whole):
    """The same subtraction on both sides: pvk's code around it, too."""
    text = "clock_gettime less getpid, pvk / Linux without its vDSO"
    parts, misses = [], []
    for on in CLOCK_READ:
        (ours, linux), lacking = tables(whole, ("user", "pvk", on),
                                        ("user", "linux", on))
        if lacking:
            return not_judged(text, *lacking)
        both = [one[CLOCK_CALL]["kernel"] - one[NULL_CALL]["kernel"]
                for one in (ours, linux)]
        parts.append(f"{on} {both[0]} / {both[1]}")
        if both[0] > both[1]:
            misses.append(parts[-1])
    return Aim(text, "; ".join(parts), not misses, misses)


def slopes(rows):
    return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(rows, rows[1:])]


def sealing(whole):
    text = f"sealing: linear, under {PER_SITE:,} instructions a site"
    parts, misses = [], []
    for subject in ("x86-64", "i386"):
        (rows,), lacking = tables(whole, ("seal", subject, "native"))
        if lacking:
            return not_judged(text, *lacking)
        steps = slopes([(sites, total(rows[f"begin_seal_{sites}"]))
                        for sites in SEAL_SITES])
        parts.append(f"{subject} {steps[-1]:.0f}")
        if max(steps) >= PER_SITE:
            misses.append(f"{subject}: {max(steps):,.0f} a site")
        if max(steps) > STRAIGHT * min(steps):
            misses.append(f"{subject}: from {min(steps):,.0f} to "
                          f"{max(steps):,.0f} a site")
    return Aim(text, "; ".join(parts), not misses, misses)


def sealing_in_pvk(whole):
    """With a kernel's pvops_host_text() and its hypervisor."""
    text = f"the same in pvk, on each platform, under {PER_SITE:,} a site"
    parts, misses = [], []
    for on in PLATFORMS:
        (rows,), lacking = tables(whole, ("start", "pvk", on))
        if lacking:
            return not_judged(text, *lacking)
        each = per_one(rows["pvops_seal"])
        parts.append(f"{on} {each:,.0f}")
        if each >= PER_SITE:
            misses.append(parts[-1])
    return Aim(text, "; ".join(parts), not misses, misses)


# Of the bench "shim": the guest's name, and where Xen's figures are.
SHIM_GUESTS = (("interface", "no kernel", "shim"), ("pvk", "pvk", "user"),
               ("linux", "Linux", "user"), ("library", "library", "mmu"))


def of_shim(whole):
    """[(guest, name, (Xen's, the shim's))], of one each."""
    rows = []
    for subject, guest, bench in SHIM_GUESTS:
        xens = table(whole, bench, subject, "xen_pv")
        ours = table(whole, "shim", subject, SHIM)
        for name in xens:
            pair = [one[name]["hypervisor"] / one[name]["each"]
                    for one in (xens, ours) if name in one]
            if len(pair) == 2 and pair[0]:
                rows.append((guest, name, pair))
    return rows


def shim(whole):
    """What is executed below the same guest image."""
    text = f"the shim / Xen 4.17, each test, at most {SHIM_OF_XEN}"
    rows = of_shim(whole)
    if not rows:
        return not_judged(text, "shim on shim and xen_pv")
    ratios = {f"{name} ({guest})": pair[1] / pair[0]
              for guest, name, pair in rows}
    worst = max(ratios, key=ratios.get)
    misses = [f"{name}: {ratio:.2f}" for name, ratio in ratios.items()
              if ratio > SHIM_OF_XEN]
    return Aim(text, f"{ratios[worst]:.2f} at most: {worst}", not misses, misses)


def all_aims(whole):
    return [judge(whole) for judge in (sealed, compiled, native, xen, roms,
                                       roms_32, clock, clock_call, sealing,
                                       sealing_in_pvk, shim)]
