# SPDX-License-Identifier: MIT
"""
Whether two runs agree: every figure that moved is named.
"""
import figures

MOST = 0.005  # of the older figure


def rows(whole):
    for name, bench in whole["benches"].items():
        for subject, platforms in bench["figures"].items():
            for platform, table in platforms.items():
                for text, figure in table.items():
                    yield (name, subject, platform, text), figure


def moved(path, whole):
    """
    Print what differs from 'path', of what is in both; how many do. A figure
    that only one of them has, of a boot that both have, moved as well.
    """
    old, new = dict(rows(figures.read(path))), dict(rows(whole))
    count, same = 0, 0
    for boot in sorted({key[:3] for key in new} - {key[:3] for key in old}):
        print("new: {}: {} on {}".format(*boot))
    for key in old:
        if key not in new and any(key[:3] == other[:3] for other in new):
            print("gone: {}: {} on {}: {}".format(*key))
            count += 1
    for key, figure in new.items():
        place = "{}: {} on {}: {}".format(*key)
        if key not in old:
            if any(key[:3] == other[:3] for other in old):
                print(f"new: {place}")
                count += 1
            continue
        for part in ("user", "kernel", "hypervisor"):
            was, now = old[key][part], figure[part]
            if abs(now - was) > MOST * abs(was):
                change = f", {(now - was) / was:+.2%}" if was else ""
                print(f"moved: {place}: {part}: {was:,} to {now:,}{change}")
                count += 1
            else:
                same += 1
    print(f"{same} figures as before, within {MOST:.1%}; {count} moved")
    return count
