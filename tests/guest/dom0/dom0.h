/* SPDX-License-Identifier: MIT */
/*
 * The parts of this guest, all in headers as a guest is one file.
 */
#ifndef DOM0_H
#define DOM0_H

#define PV_NAME "dom0"
#include <pv.h>

#include "abi/ioapic.h"
#include "abi/pci.h"
#include "abi/xen_grant.h"
#include "abi/xen_physdev.h"
#include "abi/xen_platform.h"

static struct shared_info *shared;
static uint8_t shared_page[PAGE] __attribute__((aligned(PAGE)));

static long physdev(unsigned command, void *argument)
{
    return call(__HYPERVISOR_physdev_op, command, (uintptr_t)argument, 0);
}

static long event(unsigned command, void *argument)
{
    return call(__HYPERVISOR_event_channel_op, command, (uintptr_t)argument, 0);
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
