/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot1 loader hands over.
 */
#include "boot_abi.h"
#include "start.h"

bool boot_read_multiboot1(uintptr_t info, uint32_t magic)
{
    const struct multiboot1_info *mb = (const void *)info;

    if (magic != MULTIBOOT1_LOADER_MAGIC)
        return false;
    if (mb->flags & MULTIBOOT1_INFO_CMDLINE)
        guest_boot.cmdline = (const char *)(uintptr_t)mb->cmdline;

    if (mb->flags & MULTIBOOT1_INFO_MODS) {
        const struct multiboot1_module *modules =
            (const void *)(uintptr_t)mb->mods_addr;

        for (uint32_t i = 0; i < mb->mods_count; i++)
            boot_add_module(modules[i].mod_start,
                            modules[i].mod_end - modules[i].mod_start);
    }

    if (mb->flags & MULTIBOOT1_INFO_MMAP) {
        uintptr_t at = mb->mmap_addr;

        while (at < (uintptr_t)mb->mmap_addr + mb->mmap_length) {
            const struct multiboot1_mmap *entry = (const void *)at;

            if (entry->type == MEMORY_RAM)
                boot_add_memory(entry->len);
            at += entry->size + sizeof(entry->size);
        }
    }
    return true;
}
