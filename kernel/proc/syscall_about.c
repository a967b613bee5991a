/* SPDX-License-Identifier: MIT */
/*
 * System calls that tell what this is and how much memory it has.
 *
 * Source: Linux include/uapi/linux/utsname.h, include/uapi/linux/sysinfo.h.
 */
#include <pvops/time.h>

#include "core/heap.h"
#include "core/pages.h"
#include "proc/errno.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#define NS_PER_S UINT64_C(1000000000)

enum { NAME_BYTES = 65 };

/* struct new_utsname */
struct names {
    char system[NAME_BYTES], node[NAME_BYTES], release[NAME_BYTES];
    char version[NAME_BYTES], machine[NAME_BYTES], domain[NAME_BYTES];
};
_Static_assert(sizeof(struct names) == 390, "new_utsname");

/* A C library refuses to run on a release that it thinks too old a Linux. */
long call_uname(struct trap_frame *frame)
{
    static const struct names names = {
        .system = "pvk",
        .node = "pvk",
        .release = "6.1.0-pvk",
        .version = "libpvops",
        .machine = "x86_64",
        .domain = "(none)",
    };

    return space_copy_out(process_current()->space, frame->di, &names,
                          sizeof(names));
}

/* struct sysinfo */
struct system {
    int64_t uptime_s;
    uint64_t loads[3];
    uint64_t total, free, shared, buffers, swap_total, swap_free;
    uint16_t processes, unused;
    uint64_t high_total, high_free;
    uint32_t unit_bytes;
    uint32_t pad;
};
_Static_assert(sizeof(struct system) == 112, "sysinfo");

/* Free is what is kept ready to be used again, too. */
long call_sysinfo(struct trap_frame *frame)
{
    struct system system = {
        .uptime_s = (int64_t)(pvops_time_now_ns() / NS_PER_S),
        .processes = (uint16_t)process_count(),
        .unit_bytes = PAGE_BYTES,
    };

    process_drop_cache();
    space_drop_cache();
    heap_trim();
    system.free = pages_left() + heap_bytes_free() / PAGE_BYTES;
    system.total = pages_total();
    return space_copy_out(process_current()->space, frame->di, &system,
                          sizeof(system));
}
