/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot2 loader hands over: GRUB, by BIOS or UEFI.
 */
#include "boot/boot.h"

#include "boot/abi.h"

/* GRUB's is below 1 KiB; one tag holds a whole memory map of UEFI's. */
enum { MOST_BYTES = 1 << 20 };

static const char *read_memory(const struct boot_reach *reach, uint64_t at,
                               uint32_t tag_bytes, struct boot *boot)
{
    struct multiboot2_mmap map;
    struct multiboot2_mmap_entry entry;
    uint64_t end = at + tag_bytes;
    const char *why;

    if (tag_bytes < sizeof(map) || !boot_copy(reach, at, &map, sizeof(map)))
        return "the memory map lies out of reach";
    if (map.entry_size < sizeof(entry))
        return "the memory map has entries that are too small";
    for (at += sizeof(map); at < end; at += map.entry_size) {
        if (end - at < sizeof(entry) ||
            !boot_copy(reach, at, &entry, sizeof(entry)))
            return "the memory map lies out of reach";
        why = boot_add_region(boot, entry.addr, entry.len, entry.type);
        if (why)
            return why;
    }
    return NULL;
}

static const char *read_module(const struct boot_reach *reach, uint64_t at,
                               uint32_t tag_bytes, struct boot *boot)
{
    struct multiboot2_module module;
    const char *why;

    if (tag_bytes < sizeof(module) ||
        !boot_copy(reach, at, &module, sizeof(module)))
        return "a module's tag lies out of reach";
    if (module.mod_end < module.mod_start)
        return "a module ends before it begins";
    why = boot_add_module(boot, module.mod_start,
                          module.mod_end - module.mod_start);
    if (why || tag_bytes == sizeof(module))
        return why;
    return boot_take_module_text(boot, reach, at + sizeof(module),
                                 tag_bytes - sizeof(module));
}

static const char *read_tag(const struct boot_reach *reach, uint64_t at,
                            const struct multiboot2_tag *tag, struct boot *boot)
{
    switch (tag->type) {
    case MULTIBOOT2_TAG_CMDLINE:
        return boot_take_cmdline(boot, reach, at + sizeof(*tag),
                                 tag->size - sizeof(*tag));
    case MULTIBOOT2_TAG_MODULE:
        return read_module(reach, at, tag->size, boot);
    case MULTIBOOT2_TAG_MMAP:
        return read_memory(reach, at, tag->size, boot);
    case MULTIBOOT2_TAG_ACPI_OLD:
    case MULTIBOOT2_TAG_ACPI_NEW:
        /* The tag holds a copy of the RSDP; the newer one comes last. */
        boot->rsdp = at + sizeof(*tag);
        return NULL;
    }
    return NULL;
}

const char *boot_read_multiboot2(const struct boot_reach *reach, uint64_t info,
                                 uint32_t magic, struct boot *boot)
{
    struct multiboot2_info mb;
    struct multiboot2_tag tag;
    uint64_t at = info + sizeof(mb), end;

    if (magic != MULTIBOOT2_LOADER_MAGIC)
        return "the loader is no Multiboot2 loader";
    if (!boot_copy(reach, info, &mb, sizeof(mb)))
        return "Multiboot2's information lies out of reach";
    if (mb.total_size > MOST_BYTES)
        return "Multiboot2's information is larger than 1 MiB";

    for (end = info + mb.total_size; at < end;
         at += ((uint64_t)tag.size + 7) & ~UINT64_C(7)) {
        const char *why;

        if (!boot_copy(reach, at, &tag, sizeof(tag)))
            return "Multiboot2's information lies out of reach";
        if (tag.type == MULTIBOOT2_TAG_END)
            return NULL;
        if (tag.size < sizeof(tag) || tag.size > end - at)
            return "Multiboot2's information has a tag of a wrong size";
        why = read_tag(reach, at, &tag, boot);
        if (why)
            return why;
    }
    return "Multiboot2's information has no end tag";
}
