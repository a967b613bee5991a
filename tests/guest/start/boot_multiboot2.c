/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot2 loader hands over: GRUB, from an ISO.
 */
#include "boot_abi.h"
#include "start.h"

static void read_mmap(const struct multiboot2_mmap *map)
{
    uintptr_t end = (uintptr_t)map + map->tag.size;

    for (uintptr_t at = (uintptr_t)(map + 1); at < end; at += map->entry_size) {
        const struct multiboot2_mmap_entry *entry = (const void *)at;

        if (entry->type == MEMORY_RAM)
            boot_add_memory(entry->len);
    }
}

static void read_tag(const struct multiboot2_tag *tag)
{
    const struct multiboot2_module *module = (const void *)tag;

    switch (tag->type) {
    case MULTIBOOT2_TAG_CMDLINE:
        guest_boot.cmdline = (const char *)(tag + 1);
        break;
    case MULTIBOOT2_TAG_MODULE:
        boot_add_module(module->mod_start, module->mod_end - module->mod_start);
        break;
    case MULTIBOOT2_TAG_MMAP:
        read_mmap((const void *)tag);
        break;
    case MULTIBOOT2_TAG_ACPI_OLD:
    case MULTIBOOT2_TAG_ACPI_NEW:
        /* The tag holds a copy of the RSDP. */
        boot_private.rsdp = (uintptr_t)(tag + 1);
        break;
    }
}

bool boot_read_multiboot2(uintptr_t info, uint32_t magic)
{
    const struct multiboot2_info *mb = (const void *)info;
    uintptr_t at = info + sizeof(*mb);

    if (magic != MULTIBOOT2_LOADER_MAGIC)
        return false;
    while (at < info + mb->total_size) {
        const struct multiboot2_tag *tag = (const void *)at;

        if (tag->type == MULTIBOOT2_TAG_END)
            break;
        read_tag(tag);
        at += (tag->size + 7) & ~UINT32_C(7);
    }
    return true;
}
