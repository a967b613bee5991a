/* SPDX-License-Identifier: MIT */
/*
 * What a PVH loader hands over: QEMU, Xen, or Xen's tools.
 */
#include "boot_abi.h"
#include "start.h"

bool boot_read_pvh(uintptr_t info)
{
    const struct hvm_start_info *start = (const void *)info;

    if (start->magic != XEN_HVM_START_MAGIC_VALUE)
        return false;
    boot_private.rsdp = start->rsdp_paddr;
    if (start->cmdline_paddr)
        guest_boot.cmdline = (const char *)(uintptr_t)start->cmdline_paddr;

    const struct hvm_modlist_entry *modules =
        (const void *)(uintptr_t)start->modlist_paddr;
    for (uint32_t i = 0; i < start->nr_modules; i++)
        boot_add_module(modules[i].paddr, modules[i].size);

    if (start->version >= 1 && start->memmap_paddr) {
        const struct hvm_memmap_table_entry *map =
            (const void *)(uintptr_t)start->memmap_paddr;

        for (uint32_t i = 0; i < start->memmap_entries; i++) {
            if (map[i].type == MEMORY_RAM)
                boot_add_memory(map[i].size);
        }
    }
    return true;
}
