/* SPDX-License-Identifier: MIT */
/*
 * Machine memory in a Xen PV domain: ACPI's tables, for dom0's power-off.
 *
 * Before pvops_setup() libpvops has no op that maps it: so this asks Xen.
 *
 * Source: Xen xen/include/public/xen.h, HYPERVISOR_update_va_mapping, and
 *         arch-x86/xen-x86_64.h on SYSCALL: number in RAX, arguments in RDI,
 *         RSI, RDX; RCX and R11 are lost.
 */
#include "arch/xen_machine.h"

#ifdef __x86_64__

enum {
    HYPERVISOR_update_va_mapping = 14,
    UVMF_INVLPG = 2,
    PRESENT_WRITE_UNCACHED = 0x1b,
};

bool xen_machine_map(uintptr_t va, pvops_paddr machine)
{
    long result = HYPERVISOR_update_va_mapping;
    uint64_t entry = machine | PRESENT_WRITE_UNCACHED;
    unsigned long flags = UVMF_INVLPG;

    __asm__ volatile("syscall"
                     : "+a"(result), "+D"(va), "+S"(entry), "+d"(flags)
                     :
                     : "rcx", "r11", "r10", "r8", "memory");
    return result == 0;
}

#else

/* Xen PV enters only the 64-bit image. */
bool xen_machine_map(uintptr_t va, pvops_paddr machine)
{
    (void)va;
    (void)machine;
    return false;
}

#endif
