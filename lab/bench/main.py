# SPDX-License-Identifier: MIT
"""
pvlab bench: count what libpvops costs, beside raw instructions, ROMs and
Debian's Linux, on each platform; write the figures, the page, the plots.
"""
import argparse
import difflib
import fcntl
import importlib
import os
import signal
import subprocess
import sys
import time

import compare
import figures
import page
import times
from benches import ALL_PLATFORMS, BENCHES
from boots import NotCounted, Runner, save

PASS, USAGE, ERROR, FAIL = 0, 2, 4, 5
INTERRUPTED = 130
TIME = "time"  # the one bench that is not counted
GUESSED_SECONDS = 20  # of a boot that was never counted here


class Wrong(Exception):
    """The command line; its text is the sentence."""


def one_of(what, given, known):
    """'given' of 'known', in the order of the latter."""
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = (f"did you mean '{near[0]}'?" if near
                    else "there are " + ", ".join(known))
            raise Wrong(f"no {what} '{name}'; {hint}")
    return [name for name in known if name in given]


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Wrong(message)


def listed(text):
    return text.split(",")


def arguments(words):
    parser = Parser(
        prog="pvlab bench", description=__doc__.strip(),
        epilog="Exit status: 0, also with platforms that are missing here; 2 "
        "wrong usage; 4 what was to be booted or written is not there; 5 a boot "
        "failed, or figures moved (--compare); 130 interrupted. What was "
        "counted is kept in BUILD/bench and not counted again until an image, "
        "pvlab or QEMU changes.")
    known = [bench.name for bench in BENCHES] + [TIME]
    parser.add_argument("--only", type=listed, metavar="A,B",
                        help="these benches: " + ", ".join(known))
    parser.add_argument("--on", type=listed, metavar="A,B",
                        help="these platforms: " + ", ".join(ALL_PLATFORMS))
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    parser.add_argument("--page", metavar="FILE", help="renew the tables "
                        "between the marks of this Markdown page")
    parser.add_argument("--plots", metavar="DIR", help="write plots (SVG)")
    parser.add_argument("--compare", metavar="FILE", help="say which figures "
                        "differ from this JSON's by more than 0.5 %%")
    parser.add_argument("--fresh", action="store_true",
                        help="count what is kept, too")
    parser.add_argument("--build", metavar="DIR",
                        default=os.environ.get("PVLAB_BUILD", "build"),
                        help="where the images were built (build)")
    options = parser.parse_args(words)
    options.only = one_of("bench", options.only or known, known)
    options.on = one_of("platform", options.on or ALL_PLATFORMS,
                        ALL_PLATFORMS)
    return options


def must_be_there(path, what, is_there):
    if path and not is_there(path):
        raise Wrong(f"{what} {path}: there is no such "
                    f"{'folder' if is_there is os.path.isdir else 'file'}")


def check(options):
    """Before anything boots: it takes minutes."""
    if options.json:
        must_be_there(os.path.dirname(options.json) or ".", "--json",
                      os.path.isdir)
    must_be_there(options.page, "--page", os.path.isfile)
    must_be_there(options.plots, "--plots", os.path.isdir)
    must_be_there(options.compare, "--compare", os.path.isfile)
    whole = len(options.on) == len(ALL_PLATFORMS) and \
        len(options.only) == len(BENCHES) + 1
    if (options.page or options.plots) and not whole:
        raise Wrong("--page and --plots want all figures: without --only, --on")
    if options.page:
        page.renewed(read_text(options.page), None)
    if options.plots:
        plots_module()


def plots_module():
    """matplotlib is loaded by who wants plots alone."""
    try:
        return importlib.import_module("plots")
    except ImportError as why:
        raise OSError(f"--plots needs matplotlib for {sys.executable}: {why} "
                      "(Debian: python3-matplotlib)") from None


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def progress(text):
    print(text, file=sys.stderr, flush=True)


def minutes(seconds):
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def count(runner, boot):
    """A second time, once, if it was the lab's machine that failed."""
    try:
        return runner.run(boot)
    except NotCounted as why:
        if not why.lab:
            raise
        progress(f"    once more: {why}")
    return runner.run(boot)


def count_all(boots, runner):
    """Every boot that is not kept, with what is left; (kept, gap) by boot."""
    found = {boot: runner.find(boot) for boot in boots}
    missing = [boot for boot in boots if not found[boot]]
    if len(missing) < len(boots):
        print(f"{len(boots) - len(missing)} of {len(boots)} boots are kept from "
              "before", file=sys.stderr)
    gaps, spent = {}, 0
    for at, boot in enumerate(missing):
        each = spent / at if at else GUESSED_SECONDS
        print(f"[{at + 1}/{len(missing)}] {boot.name()}; about "
              f"{minutes(each * (len(missing) - at))} left", file=sys.stderr,
              flush=True)
        begin = time.monotonic()
        try:
            found[boot] = count(runner, boot)
        except NotCounted as why:
            gaps[boot] = why
            print(f"    not counted: {why}", file=sys.stderr, flush=True)
        spent += time.monotonic() - begin
    return found, gaps


def outputs(options, document):
    """All is made before the first is written, each file whole."""
    texts = {}
    if options.json:
        texts[options.json] = figures.to_text(document)
    if options.page:
        texts[options.page] = page.renewed(read_text(options.page), document)
    if options.plots:
        for name, text in plots_module().made(document).items():
            texts[os.path.join(options.plots, name)] = text
    for path, text in texts.items():
        save(path, text)


def lock(folder):
    """Logs and figures of one run at a time; it ends with the process."""
    os.makedirs(folder, exist_ok=True)
    file = open(os.path.join(folder, "lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(f"another one counts in {folder}") from None
    return file


def chosen(options):
    """Boots that are asked for. OSError: something was not built."""
    boots = [boot for bench in BENCHES if bench.name in options.only
             for boot in bench.boots(options.build)
             if boot.platform in options.on]
    needed = {path for boot in boots for path in boot.images()}
    if TIME in options.only:
        needed |= set(times.files(options.build))
    for path in sorted(needed):
        if not os.path.isfile(path):
            raise OSError(f"{path} is not there: build it first (make bench "
                          "does)")
    return boots


def told(options, document, older, boots):
    """Writes, or shows, and compares; how many figures moved."""
    outputs(options, document)
    if not (options.json or options.page or options.plots):
        figures.show(document)
    if not older:
        return 0
    return compare.moved(older, document,
                         {(b.bench, b.subject, b.platform) for b in boots})


def bench(words):
    options = arguments(words)
    check(options)
    older = figures.read(options.compare) if options.compare else None
    boots = chosen(options)
    if not boots and TIME not in options.only:
        raise Wrong(f"nothing to count: {', '.join(options.only)} is not for "
                    f"{', '.join(options.on)}")
    pvlab = os.environ.get("PVLAB", "pvlab")
    versions = figures.Versions(pvlab)
    kept = os.path.join(options.build, "bench")
    with lock(kept):
        found, gaps = count_all(boots, Runner(pvlab, kept, versions.key,
                                              options.fresh))
        taken = times.taken(pvlab, options.build, options.on, progress) \
            if TIME in options.only else None
    document = figures.document(versions.read(options.build), found, gaps,
                                taken)
    failed = sum(not gap.missing for gap in gaps.values())
    if failed and (options.json or options.page or options.plots):
        progress(f"pvlab bench: {failed} boots failed, nothing is written; what "
                 "was counted is kept")
        return FAIL
    if not any(found.values()) and not taken:
        progress("pvlab bench: nothing was counted")
        return FAIL if failed else PASS
    return FAIL if told(options, document, older, boots) or failed else PASS


def interrupt(number, frame):
    del number, frame
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return bench(sys.argv[1:])
    except Wrong as why:
        print(f"pvlab bench: {why} (see pvlab bench --help)", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("\npvlab bench: interrupted; what was counted is kept",
              file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except (OSError, ValueError, subprocess.CalledProcessError) as why:
        print(f"pvlab bench: {why}", file=sys.stderr)
        return ERROR


if __name__ == "__main__":
    sys.exit(main())
