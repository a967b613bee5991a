# SPDX-License-Identifier: MIT
"""
Whether two runs agree: every figure that moved is named.
"""
MOST = 0.005  # of the older figure
WHAT = ("user", "kernel", "hypervisor", "calls", "exits")


def rows(whole):
    for name, bench in whole["benches"].items():
        for subject, platforms in bench["figures"].items():
            for platform, table in platforms.items():
                for text, figure in table.items():
                    yield (name, subject, platform, text), figure


def boots_of(whole):
    return {key[:3] for key, _ in rows(whole)}


def one_moved(place, was, now):
    """Print what moved of one figure; how many parts of it did."""
    count = 0
    for part in WHAT:
        if abs(now[part] - was[part]) > MOST * abs(was[part]):
            change = f", {(now[part] - was[part]) / was[part]:+.2%}" \
                if was[part] else ""
            print(f"moved: {place}: {part}: {was[part]:,} to {now[part]:,}"
                  f"{change}")
            count += 1
    return count


def moved(older, whole, selected):
    """
    Print what differs from the document 'older'; how many do. 'selected': the
    boots that this run was asked for, as (bench, subject, platform). One of
    them that only one document has moved as well.
    """
    old, new = dict(rows(older)), dict(rows(whole))
    count, same = 0, 0
    for what in sorted(set(older["versions"]) | set(whole["versions"])):
        was, now = (doc["versions"].get(what) for doc in (older, whole))
        if was != now:
            print(f"other {what}: {was}, now {now}")
    for boot in sorted((boots_of(older) ^ boots_of(whole)) & selected):
        print("{}: {}: {} on {}".format(
            "new" if boot in boots_of(whole) else "gone", *boot))
        count += 1
    both = boots_of(older) & boots_of(whole)
    for key in [*old, *(key for key in new if key not in old)]:
        place = "{}: {} on {}: {}".format(*key)
        if key[:3] not in both:
            continue
        if key not in new or key not in old:
            print(f"{'new' if key in new else 'gone'}: {place}")
            count += 1
            continue
        parts = one_moved(place, old[key], new[key])
        count += parts
        same += not parts
    print(f"{same} figures as before, within {MOST:.1%}; {count} moved")
    return count
