/* SPDX-License-Identifier: MIT */
/*
 * What a PVH loader hands over: QEMU, Xen, or Xen's tools.
 */
#include "boot/boot.h"

#include "boot/abi.h"

static const char *read_modules(const struct boot_reach *reach,
                                const struct hvm_start_info *start,
                                struct boot *boot)
{
    struct hvm_modlist_entry entry;
    const char *why;

    if (start->nr_modules > BOOT_MAX_MODULES)
        return "there are more than 16 modules";
    for (uint32_t i = 0; i < start->nr_modules; i++) {
        if (!boot_copy(reach, start->modlist_paddr + i * sizeof(entry), &entry,
                       sizeof(entry)))
            return "the list of modules lies out of reach";
        why = boot_add_module(boot, entry.paddr, entry.size);
        if (why)
            return why;
    }
    return NULL;
}

static const char *read_memory(const struct boot_reach *reach,
                               const struct hvm_start_info *start,
                               struct boot *boot)
{
    struct hvm_memmap_table_entry entry;
    const char *why;

    if (start->memmap_entries > BOOT_MAX_REGIONS)
        return "the memory map has more than 256 regions";
    for (uint32_t i = 0; i < start->memmap_entries; i++) {
        if (!boot_copy(reach, start->memmap_paddr + i * sizeof(entry), &entry,
                       sizeof(entry)))
            return "the memory map lies out of reach";
        why = boot_add_region(boot, entry.addr, entry.size, entry.type);
        if (why)
            return why;
    }
    return NULL;
}

const char *boot_read_pvh(const struct boot_reach *reach, uint64_t info,
                          struct boot *boot)
{
    struct hvm_start_info start = { 0 };
    const char *why = NULL;

    if (!boot_copy(reach, info, &start, HVM_START_INFO_V0_BYTES))
        return "PVH's start_info lies out of reach";
    if (start.magic != XEN_HVM_START_MAGIC_VALUE)
        return "PVH's start_info has a wrong magic number";
    if (start.version >= 1 && !boot_copy(reach, info, &start, sizeof(start)))
        return "PVH's start_info lies out of reach";

    boot->rsdp = start.rsdp_paddr;
    if (start.cmdline_paddr)
        why = boot_take_cmdline(boot, reach, start.cmdline_paddr, UINT64_MAX);
    if (!why)
        why = read_modules(reach, &start, boot);
    if (!why && start.memmap_paddr)
        why = read_memory(reach, &start, boot);
    return why;
}
