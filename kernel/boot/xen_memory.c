/* SPDX-License-Identifier: MIT */
/*
 * Xen's answer to "which memory do I have?", for its PVH dom0: hvm_start_info
 * of Xen 4.17 has no memory map there.
 *
 * Source: Xen xen/include/public/memory.h, XENMEM_memory_map; arch-x86/xen.h
 *         on hypercalls by VMCALL and VMMCALL.
 */
#include "boot/boot.h"

#include "arch/insn.h"
#include "boot/abi.h"

/* "Auth" of AuthenticAMD, "Hygo" of HygonGenuine, in EBX of leaf 0. */
#define VENDOR_AMD   0x68747541u
#define VENDOR_HYGON 0x6f677948u

static long memory_op(unsigned op, void *argument)
{
    struct x86_cpuid vendor = x86_cpuid(0, 0);

    return vendor.ebx == VENDOR_AMD || vendor.ebx == VENDOR_HYGON
               ? x86_vmmcall(__HYPERVISOR_memory_op, op, (uintptr_t)argument)
               : x86_vmcall(__HYPERVISOR_memory_op, op, (uintptr_t)argument);
}

const char *boot_ask_xen(struct boot *boot)
{
    static struct e820_entry entries[BOOT_MAX_REGIONS];
    struct xen_memory_map map = { BOOT_MAX_REGIONS, entries };

    if (memory_op(XENMEM_memory_map, &map) < 0)
        return "Xen refuses to tell the memory map";
    if (map.nr_entries > BOOT_MAX_REGIONS)
        return "the memory map has more than 256 regions";
    for (uint32_t i = 0; i < map.nr_entries; i++) {
        const char *why = boot_add_region(boot, entries[i].addr,
                                          entries[i].size, entries[i].type);
        if (why)
            return why;
    }
    return NULL;
}
