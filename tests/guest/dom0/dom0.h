/* SPDX-License-Identifier: MIT */
/*
 * The parts of this guest, all in headers as a guest is one file; and how it
 * speaks to Xen: SYSCALL, without a page of hypercalls.
 */
#ifndef DOM0_H
#define DOM0_H

#include <guest.h>

#include "abi/ioapic.h"
#include "abi/pci.h"
#include "abi/xen_grant.h"
#include "abi/xen_memory.h"
#include "abi/xen_physdev.h"
#include "abi/xen_platform.h"

enum { PAGE = 4096, ENTRY = 0x67 };

/* start/start.h, whose names are those of the facts above. */
struct boot_private {
    const struct start_info *xen_start_info;
};
extern struct boot_private boot_private;

static struct shared_info *shared;
static uint8_t shared_page[PAGE] __attribute__((aligned(PAGE)));

static long call(unsigned number, uint64_t a1, uint64_t a2, uint64_t a3)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3)
                     : "a"(number)
                     : "rcx", "r11", "r10", "r8", "r9", "memory");
    return result;
}

static long physdev(unsigned command, void *argument)
{
    return call(__HYPERVISOR_physdev_op, command, (uintptr_t)argument, 0);
}

static long event(unsigned command, void *argument)
{
    return call(__HYPERVISOR_event_channel_op, command, (uintptr_t)argument, 0);
}

/* "NAME: what it was", or a pass if it is as it should be. */
static bool is(const char *what, long result, long wanted)
{
    if (result != wanted)
        guest_fail("dom0", "%s: %d, not %d", what, (int)result, (int)wanted);
    return result == wanted;
}

/* This guest is mapped where its pseudo-physical memory is. */
static uint64_t frame_of(const void *at)
{
    const uint64_t *list =
        (const uint64_t *)boot_private.xen_start_info->mfn_list;

    return list[(uintptr_t)at / PAGE];
}

static bool map(void *at, uint64_t entry)
{
    return is(
        "update_va_mapping",
        call(__HYPERVISOR_update_va_mapping, (uintptr_t)at, entry, UVMF_INVLPG),
        0);
}

static inline bool dom0_begin(void)
{
    const struct start_info *start = boot_private.xen_start_info;
    struct physdev_set_iopl iopl = { 1 };

    if (!(start->flags & SIF_INITDOMAIN)) {
        guest_skip("dom0", "no dom0");
        return false;
    }
    shared = (struct shared_info *)shared_page;
    return map(shared_page, start->shared_info | ENTRY) &&
           is("set_iopl", physdev(PHYSDEVOP_set_iopl, &iopl), 0);
}

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port));
    return value;
}

static inline void outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port));
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port));
    return value;
}

#include "lines.h"
#include "machine.h"
#include "memory.h"
#include "messages.h"

#endif /* DOM0_H */
