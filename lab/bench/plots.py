# SPDX-License-Identifier: MIT
"""
Pictures of the figures, as SVG: readable in print without colour, and on a
phone. The same figures make the same bytes.
"""
import io
import textwrap

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # after the choice of a backend

import aims
import page
from benches import PLATFORMS, SEAL_SITES
from figures import table, total

# Okabe and Ito's colours: told apart by the colour-blind, and in grey.
BLUE, ORANGE, GREEN, BLACK = "#0072b2", "#e69f00", "#009e73", "#000000"
WIDE = 6.4  # inches: a phone's width, in letters of 10 points
SPLIT = (aims.NULL_CALL, "pipe latency, a byte to and fro",
         "fork, exec, wait", "protection fault")
STYLE = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
         "axes.grid": True, "grid.color": "#dddddd", "axes.axisbelow": True,
         "svg.hashsalt": "pvlab", "figure.constrained_layout.use": True}


def finish(picture):
    """As text; matplotlib leaves blanks at line ends."""
    file = io.StringIO()
    picture.savefig(file, format="svg", metadata={"Date": None})
    plt.close(picture)
    return "\n".join(line.rstrip() for line in
                     file.getvalue().splitlines()) + "\n"


def instead(words):
    """What there is no figure for."""
    picture, axes = plt.subplots(figsize=(WIDE, 1))
    axes.axis("off")
    axes.text(0, 0.5, words)
    return finish(picture)


def added(whole):
    """What Xen adds to each test, to pvk and to Linux."""
    judged = aims.judged(whole)
    if not judged:
        return instead("not counted: xen_pv")
    names = list(judged)[::-1]
    picture, axes = plt.subplots(figsize=(WIDE, 0.34 * len(names) + 1.2))
    rows = range(len(names))
    axes.hlines(rows, [judged[n][0] for n in names],
                [judged[n][2] for n in names], color="#999999", lw=1)
    axes.plot([judged[n][1] for n in names], rows, "|", color=BLACK, ms=12,
              mew=2, label="pvk: Xen's own share")
    axes.plot([judged[n][0] for n in names], rows, "o", color=BLUE, ms=6,
              label="added to pvk")
    axes.plot([judged[n][2] for n in names], rows, "s", color=ORANGE, ms=6,
              label="added to Linux")
    axes.set_xscale("log")
    axes.set_yticks(rows, [textwrap.fill(name, 40) for name in names],
                    fontsize=9)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_xlabel("instructions added (logarithmic)")
    picture.get_layout_engine().set(rect=(0, 0, 1, 0.965))
    picture.legend(loc="upper left", ncols=3, frameon=False, fontsize=9,
                   handletextpad=0.3, columnspacing=1.5)
    return finish(picture)


def split(whole):
    """Who executes a test, on each platform."""
    tests = [name for name in table(whole, "user", "pvk", "native")
             if name in SPLIT]
    if not tests:
        return instead("not counted: native")
    picture, all_axes = plt.subplots(len(tests), 1,
                                     figsize=(WIDE, 1.75 * len(tests) + 0.4))
    for axes, test in zip(all_axes, tests):
        bars = []
        for on in PLATFORMS[::-1]:
            for subject in ("linux", "pvk"):
                figure = table(whole, "user", subject, on).get(test)
                if figure:
                    bars.append((f"{on}, {subject}", figure))
        left = [0] * len(bars)
        for part, color, hatch in (("user", GREEN, ""), ("kernel", BLUE, ""),
                                   ("hypervisor", ORANGE, "///")):
            widths = [figure[part] for _, figure in bars]
            axes.barh(range(len(bars)), widths, left=left, color=color,
                      hatch=hatch, edgecolor="white", lw=0, label=part,
                      height=0.8)
            left = [a + b for a, b in zip(left, widths)]
        axes.set_yticks(range(len(bars)), [name for name, _ in bars],
                        fontsize=7)
        axes.set_title(test, fontsize=10, loc="left")
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter("{x:,.0f}")
    all_axes[0].legend(loc="lower right", fontsize=8)
    all_axes[-1].set_xlabel("instructions")
    return finish(picture)


def scale(whole):
    """fork by memory, sealing by sites."""
    picture, (left, right) = plt.subplots(1, 2, figsize=(WIDE, 3.4))
    marks = {"native": "o", "xen_pv": "s", "kvm": "^"}
    for subject, color in (("pvk", BLUE), ("linux", ORANGE)):
        for on, mark in marks.items():
            rows = table(whole, "fork", subject, on)
            if rows:
                sizes = page.fork_by_kib(rows)
                left.plot([kib for kib, _ in sizes],
                          [total(one) for _, one in sizes],
                          marker=mark, color=color, ms=5, lw=1,
                          label=f"{subject}, {on}")
    left.set_xlabel("KiB touched before the fork")
    left.set_ylabel("instructions")
    left.set_title("fork, exit, wait", fontsize=10, loc="left")
    for subject, color, mark in (("x86-64", BLUE, "o"), ("i386", ORANGE, "s")):
        rows = table(whole, "seal", subject, "native")
        if rows:
            right.plot(SEAL_SITES, [total(rows[f"begin_seal_{sites}"])
                                    for sites in SEAL_SITES],
                       marker=mark, color=color, ms=5, lw=1, label=subject)
    right.set_xlabel("call sites")
    right.set_title("sealing", fontsize=10, loc="left")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.legend(fontsize=7)
    return finish(picture)


def made(whole):
    """The text of each file by its name."""
    with plt.rc_context(STYLE):
        return {"added.svg": added(whole), "split.svg": split(whole),
                "scale.svg": scale(whole)}
