/* SPDX-License-Identifier: MIT */
/*
 * How a guest that is a PV domain speaks to Xen: SYSCALL, without a page of
 * hypercalls. It says first what its checks are called: PV_NAME.
 */
#ifndef PV_H
#define PV_H

#include <guest.h>

#include "abi/xen_memory.h"
#include "abi/xen_pv.h"

enum { PAGE = 4096, ENTRY = 0x67 };

/* start/start.h, whose names are those of the facts above. */
struct boot_private {
    const struct start_info *xen_start_info;
};
extern struct boot_private boot_private;

static inline long call4(unsigned number, uint64_t a1, uint64_t a2, uint64_t a3,
                         uint64_t a4)
{
    register uint64_t r10 __asm__("r10") = a4;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10)
                     : "a"(number)
                     : "rcx", "r11", "r8", "r9", "memory");
    return result;
}

static inline long call(unsigned number, uint64_t a1, uint64_t a2, uint64_t a3)
{
    return call4(number, a1, a2, a3, 0);
}

/* "NAME: what it was", or a pass if it is as it should be. */
static bool is(const char *what, long result, long wanted)
{
    if (result != wanted)
        guest_fail(PV_NAME, "%s: %d, not %d", what, (int)result, (int)wanted);
    return result == wanted;
}

/* This guest is mapped where its pseudo-physical memory is. */
static inline const uint64_t *p2m(void)
{
    return (const uint64_t *)boot_private.xen_start_info->mfn_list;
}

static inline uint64_t frame_of(const void *at)
{
    return p2m()[(uintptr_t)at / PAGE];
}

static inline uint64_t pseudo_of(uint64_t frame)
{
    return ((const uint64_t *)MACH2PHYS_VIRT_START)[frame];
}

static inline long try_map(void *at, uint64_t entry)
{
    return call(__HYPERVISOR_update_va_mapping, (uintptr_t)at, entry,
                UVMF_INVLPG);
}

static inline bool map(void *at, uint64_t entry)
{
    return is("update_va_mapping", try_map(at, entry), 0);
}

#endif /* PV_H */
