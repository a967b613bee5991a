/* SPDX-License-Identifier: MIT */
/*
 * user-fork: what a fork costs a process that has touched ever more memory, to
 * be counted with pvlab run --where from bench_from to bench_to. Runs as /init.
 *
 * Each page is written before each fork: what a fork has made read-only costs
 * the next one less.
 *
 * Pages of 4 KiB: natively Linux would take such of 2 MiB for what it can,
 * which it has not got under Xen PV, and the two would not do the same.
 */
#include "system.h"

/* Source: Linux include/uapi/asm-generic/mman-common.h. */
enum { MADV_NOHUGEPAGE = 15 };

enum { ROUNDS = 8, ROUNDS_WRITTEN = 4 };

/* Far from everything else of the process, at a border of 1 GiB. */
#define PLACE ((volatile char *)(1l << 44))

/* struct sysinfo. Source: Linux include/uapi/linux/sysinfo.h. */
struct system {
    int64_t uptime_s;
    uint64_t loads[3];
    uint64_t total, free, shared, buffers, swap_total, swap_free;
    uint16_t processes, unused;
    uint64_t high_total, high_free;
    uint32_t unit_bytes;
    uint32_t pad;
};

static uint64_t free_bytes(void)
{
    struct system system;

    need(call3(SYS_SYSINFO, (long)&system, 0, 0), "sysinfo");
    return system.free * system.unit_bytes;
}

/* With its page tables, those of a child, and what a kernel itself wants. */
static int fits(size_t bytes)
{
    enum { SPARE = 4 << 20 };

    return bytes + bytes / 64 + SPARE <= free_bytes();
}

/* 'written': with what the parent's next writes cost, to all of it. */
static void rounds(volatile char *pages, size_t bytes, unsigned count,
                   int written)
{
    for (unsigned round = 0; round < count; round++) {
        touch(pages, bytes / PAGE_BYTES);
        bench_from();
        fork_exit_wait();
        if (written)
            touch(pages, bytes / PAGE_BYTES);
        bench_to();
    }
}

static void measure(size_t bytes, const char *name, const char *name_written)
{
    volatile char *pages;

    if (!fits(bytes)) {
        print("user-fork: no memory for: ");
        print(name);
        print("\n");
        return;
    }
    pages = map_at(PLACE, bytes);
    /* pvk has no such call, and no such pages. */
    call3(SYS_MADVISE, (long)pages, (long)bytes, MADV_NOHUGEPAGE);
    rounds(pages, bytes, ROUNDS, 0);
    bench_told(ROUNDS, 1, name);
    rounds(pages, bytes, ROUNDS_WRITTEN, 1);
    bench_told(ROUNDS_WRITTEN, 1, name_written);
    unmap(pages, bytes);
}

#define SIZE(kib, text)                                                        \
    {                                                                          \
        kib, "fork with " text, "fork with " text ", then written again"       \
    }

_Noreturn void begin(void)
{
    static const struct {
        size_t kib;
        const char *name, *name_written;
    } sizes[] = {
        SIZE(64, "64 KiB"),          SIZE(256, "256 KiB"),
        SIZE(1024, "1 MiB"),         SIZE(4 * 1024, "4 MiB"),
        SIZE(16 * 1024, "16 MiB"),   SIZE(64 * 1024, "64 MiB"),
        SIZE(256 * 1024, "256 MiB"),
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        measure(sizes[i].kib * 1024, sizes[i].name, sizes[i].name_written);
    finish("bench-user-fork");
}
