# SPDX-License-Identifier: MIT
"""
What is compared: each bench is a list of boots, the same work on several
subjects and platforms.

raw         pvk built with PVOPS_FULL=0: hot ops are the instruction written out
            and cold ones calls, as everywhere
pvk         pvk through libpvops, sealed
unsealed    the same before sealing: every op through its table
rom         pvk-abi, whose backend comes as a ROM
linux       Debian's Linux, mitigations=off
i386, i386 rom   the same of 32 bits
interface   Xen's own, by a guest of neither library nor kernel
library     tests/bench/mmu, which has no kernel
by hand, sealed, table   the blocks of tests/bench/ops; "i386 " in front
"""
import os
from dataclasses import dataclass
from typing import Callable

from boots import Boot, by_block, by_pairs, by_reading, by_start

PLATFORMS = ("native", "xen_pv", "xen_pvh", "kvm", "hyperv", "vmware")
# Native on the CPU model of the guests by SVM; xen_pv has native's own.
BY_SVM = PLATFORMS[2:]
NATIVE_SVM = "native~epyc"
USER_PLATFORMS = (*PLATFORMS, NATIVE_SVM)
SHIM = "shim"  # beside xen_pv: the same interface, another below it
ALL_PLATFORMS = (*USER_PLATFORMS, SHIM)
LINUX_WORDS = "nokaslr norandmaps mitigations=off"

# The backend as a ROM, where there is one of the same source.
ROMS = {"native": "vmi64-native.rom", "kvm": "vmi64-kvm.rom",
        "xen_pv": "vmi64-xen_pv.rom"}
ROMS_32 = {"native": "vmi-native.rom", "kvm": "vmi-kvm.rom"}

SEAL_SITES = (10, 1000, 10000, 100000)


@dataclass(frozen=True)
class Bench:
    name: str
    about: str
    boots: Callable  # of the build's folder: a list of Boot


def pvk(build, flavour):
    return os.path.join(build, "kernel", flavour, "pvk.elf")


def with_rom(build, rom):
    path = os.path.join(build, "rom", rom)
    return {"options": ("--rom", path), "files": (path,)}


def joined(first, *more):
    """Options and files of several sources; the command line is one word."""
    both = {"options": (), "files": ()}
    for one in (first, *more):
        for key in both:
            both[key] += one.get(key, ())
    return both


def append(words):
    return {"options": ("--append", words)}


def ops(build):
    """Each op by itself, in the kernel: kernel/bench/ops.c."""
    def boot(subject, platform, flavour, words="bench nochecks", rom=None):
        more = with_rom(build, rom) if rom else {}
        return Boot("ops", subject, platform, pvk(build, flavour),
                    **joined(append(words), more))

    return [
        boot("raw", "native", "x86_64-raw"),
        *(boot("pvk", on, "x86_64") for on in PLATFORMS),
        *(boot("unsealed", on, "x86_64", "bench nochecks unsealed")
          for on in PLATFORMS),
        *(boot("rom", on, "x86_64-abi", rom=rom) for on, rom in ROMS.items()),
        *(boot("i386", on, "i386") for on in ROMS_32),
        *(boot("i386 rom", on, "i386-abi", rom=rom)
          for on, rom in ROMS_32.items()),
    ]


def program(build, name):
    """/init of an initrd, and what names its places."""
    base = os.path.join(build, "tests", "bench", name)
    return {"options": ("--initrd", f"{base}.cpio", "--symbols", base),
            "files": (f"{base}.cpio",)}


def programs(build):
    """tests/bench/user for pvk, and for Linux."""
    given = program(build, "user")
    return (joined(append("nochecks"), given),
            joined(append(LINUX_WORDS), given))


def user(build):
    """The same program under pvk and under Linux: tests/bench/user."""
    ours, theirs = programs(build)
    return [
        Boot("user", "raw", "native", pvk(build, "x86_64-raw"), **ours),
        *(Boot("user", "pvk", on, pvk(build, "x86_64"), **ours)
          for on in USER_PLATFORMS),
        *(Boot("user", "rom", on, pvk(build, "x86_64-abi"),
               **joined(ours, with_rom(build, rom)))
          for on, rom in ROMS.items()),
        *(Boot("user", "linux", on, "debian", **theirs)
          for on in USER_PLATFORMS),
    ]


def fork(build):
    """fork() as the memory grows that the process has touched."""
    given = program(build, "user-fork")
    mem = {"options": ("--mem", "1024")}
    ours = joined(append("nochecks ram=384"), given, mem)
    theirs = joined(append(LINUX_WORDS), given, mem)

    return [
        *(Boot("fork", "pvk", on, pvk(build, "x86_64"), **ours)
          for on in PLATFORMS),
        *(Boot("fork", "linux", on, "debian", **theirs)
          for on in PLATFORMS),
    ]


# Elsewhere eight VCPUs spin for one another on one processor: that takes from
# minutes to no end.
ON_EIGHT = ("native", "xen_pv", "kvm")


def smp(cpus):
    """
    What CPUs cost each other: kernel/bench/smp.c. Before sealing there is one
    CPU alone.
    """
    def boots(build):
        # Only under -icount do several CPUs take the same turns each time.
        given = joined(append("bench-smp nochecks"),
                       {"options": ("--cpus", str(cpus), "--icount")})
        on = ON_EIGHT if cpus == 8 else PLATFORMS
        return [Boot(f"smp-{cpus}", "pvk", platform, pvk(build, "x86_64"),
                     **given) for platform in on]
    return boots


def start(build):
    """The library's life cycle up to sealed, call by call."""
    places = (("pvops_probe", "pvops_console_setup"),
              ("pvops_setup", "cpu_load_descriptors"),
              ("pvops_cpu_setup", "entry_setup"),
              ("pvops_seal", "main_sealed"))

    def boot(subject, platform, flavour, **more):
        # A hypervisor's first sight of a page, and its own ticks, are not
        # the library's: of several starts the one with the fewest.
        words = "nochecks restart=5" if platform in BY_SVM else "nochecks"
        return Boot("start", subject, platform, pvk(build, flavour),
                    places=places, read=by_start,
                    **joined(append(words), more))

    return [
        *(boot("pvk", on, "x86_64") for on in PLATFORMS),
        *(boot("rom", on, "x86_64-abi", **with_rom(build, rom))
          for on, rom in ROMS.items()),
    ]


def seal(build):
    """pvops_seal() and its proof as call sites grow: tests/bench/seal."""
    places = tuple((f"begin_{what}_{count}", f"end_{what}_{count}")
                   for what in ("seal", "verify") for count in SEAL_SITES)
    base = os.path.join(build, "tests", "bench")
    return [Boot("seal", subject, "native", os.path.join(base, kernel),
                 places=places, read=by_pairs)
            for subject, kernel in (("x86-64", "seal.elf"),
                                    ("i386", "seal-32.elf"))]


# tests/bench/ops/ops.S; a boot follows at most 16 pairs of places.
HAND_OPS = (
    ("save_flags", "disable", "enable", "entry", "iret", "sysret",
     "set_kernel_stack", "lock"),
    ("read_cr2", "read_cr3", "write_cr3", "read_entry", "write_entry",
     "write_root", "make_entry", "entry_value", "flush_page", "alloc_table",
     "release_table", "begin_batch", "end_batch"),
)
HAND_OPS_64 = ("swapgs", "set_fs_base")
# Written by hand, they are nothing; on i386 two more.
NOTHING = ("entry", "sysret", "alloc_table", "release_table", "begin_batch",
           "end_batch")
NOTHING_32 = NOTHING + ("make_entry", "entry_value")
WAYS = ("by hand", "sealed", "table")
HAND_WIDTHS = (("", "ops.elf", NOTHING), ("i386 ", "ops-32.elf", NOTHING_32))


def hand(build):
    """Each hot op on bare metal, as a person would write it, and as ours."""
    boots = []
    for prefix, kernel, nothing in HAND_WIDTHS:
        for way in WAYS:
            for ops in HAND_OPS:
                if ops is HAND_OPS[0] and not prefix:
                    ops += HAND_OPS_64
                word = way.split()[-1]
                places = tuple((f"begin_{word}_{op}", f"end_{word}_{op}")
                               for op in ops
                               if word != "hand" or op not in nothing)
                boots.append(Boot(
                    "hand", prefix + way, "native",
                    os.path.join(build, "tests", "bench", kernel),
                    places=places, read=by_block))
    return boots


def clock(build):
    """The tier clock, alone: one reading. i386 has no Xen PV here."""
    places = (("begin_nothing", "end_nothing"), ("begin_read", "end_read"))
    return [Boot("clock", subject, on,
                 os.path.join(build, "tests", "guest", kernel),
                 places=places, read=by_reading)
            for subject, kernel in (("x86-64", "clock.elf"),
                                    ("i386", "clock-32.elf"))
            for on in PLATFORMS if subject != "i386" or on != "xen_pv"]


def mmu(build):
    """Page tables under Xen PV, without a kernel: tests/bench/mmu."""
    return [Boot("mmu", "library", "xen_pv",
                 os.path.join(build, "tests", "bench", "mmu.elf"))]


def shim(build):
    """Xen and the shim; what Xen executes for programs is in "user", "mmu"."""
    def guest(name):
        return os.path.join(build, "tests", "bench", f"{name}.elf")

    below = {"files": (os.path.join(build, "shim", "shim.elf"),)}
    ours, theirs = programs(build)
    return [
        Boot("shim", "interface", "xen_pv", guest("hypercall")),
        Boot("shim", "interface", SHIM, guest("hypercall"), **below),
        Boot("shim", "library", SHIM, guest("mmu"), **below),
        Boot("shim", "pvk", SHIM, pvk(build, "x86_64"), **joined(ours, below)),
        Boot("shim", "linux", SHIM, "debian", **joined(theirs, below)),
    ]


BENCHES = (
    Bench("hand", "each hot op on bare metal, by hand and sealed", hand),
    Bench("ops", "each op by itself, sealed and before", ops),
    Bench("user", "system calls, faults and switches of a program", user),
    Bench("fork", "fork as memory grows", fork),
    Bench("smp-2", "IPIs, flushes, locks, timer with 2 CPUs", smp(2)),
    Bench("smp-4", "the same with 4", smp(4)),
    Bench("smp-8", "the same with 8", smp(8)),
    Bench("start", "from the probe to sealed", start),
    Bench("seal", "sealing, 10 to 100,000 sites", seal),
    Bench("clock", "one reading of the tier clock, alone", clock),
    Bench("mmu", "page tables under Xen PV", mmu),
    Bench("shim", "Xen's interface by Xen and by the shim", shim),
)
