/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot1 loader hands over: QEMU, to the 32-bit image.
 */
#include "boot/boot.h"

#include "boot/abi.h"

static const char *read_modules(const struct boot_reach *reach,
                                const struct multiboot1_info *mb,
                                struct boot *boot)
{
    struct multiboot1_module module;
    const char *why;

    if (mb->mods_count > BOOT_MAX_MODULES)
        return "there are more than 16 modules";
    for (uint32_t i = 0; i < mb->mods_count; i++) {
        if (!boot_copy(reach, mb->mods_addr + (uint64_t)i * sizeof(module),
                       &module, sizeof(module)))
            return "the list of modules lies out of reach";
        if (module.mod_end < module.mod_start)
            return "a module ends before it begins";
        why = boot_add_module(boot, module.mod_start,
                              module.mod_end - module.mod_start);
        if (!why && i == 0 && module.string)
            why = boot_take_module_text(boot, reach, module.string, UINT64_MAX);
        if (why)
            return why;
    }
    return NULL;
}

static const char *read_memory(const struct boot_reach *reach,
                               const struct multiboot1_info *mb,
                               struct boot *boot)
{
    uint64_t at = mb->mmap_addr;
    uint64_t end = at + mb->mmap_length;
    struct multiboot1_mmap entry;
    const char *why;

    while (at < end) {
        if (end - at < sizeof(entry) ||
            !boot_copy(reach, at, &entry, sizeof(entry)))
            return "the memory map lies out of reach";
        /* Each turn adds a region, moves on, or ends. */
        if (entry.size < sizeof(entry) - sizeof(entry.size))
            return "the memory map has an entry that is too small";
        why = boot_add_region(boot, entry.addr, entry.len, entry.type);
        if (why)
            return why;
        at += (uint64_t)entry.size + sizeof(entry.size);
    }
    return NULL;
}

const char *boot_read_multiboot1(const struct boot_reach *reach, uint64_t info,
                                 uint32_t magic, struct boot *boot)
{
    struct multiboot1_info mb;
    const char *why = NULL;

    if (magic != MULTIBOOT1_LOADER_MAGIC)
        return "the loader is no Multiboot1 loader";
    if (!boot_copy(reach, info, &mb, sizeof(mb)))
        return "Multiboot's information lies out of reach";

    if (mb.flags & MULTIBOOT1_INFO_CMDLINE)
        why = boot_take_cmdline(boot, reach, mb.cmdline, UINT64_MAX);
    if (!why && mb.flags & MULTIBOOT1_INFO_MODS)
        why = read_modules(reach, &mb, boot);
    if (!why && mb.flags & MULTIBOOT1_INFO_MMAP)
        why = read_memory(reach, &mb, boot);
    return why;
}
