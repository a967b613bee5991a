/* SPDX-License-Identifier: MIT */
/*
 * A loader that lies: what it left is made wrong in one way, on request.
 *
 * So that a real boot can show that pvk refuses it with one line and powers
 * off (tests/pvk). The parsers themselves are fuzzed in tests/fuzz.
 */
#include "boot/boot.h"

#include <string.h>

#include "arch/layout.h"
#include "boot/abi.h"
#include "core/text.h"

static const uint32_t absurd = 0x7fffffff;
static const uint64_t wild = UINT64_C(0x7ffffffffffff000);

/* Where a PC has no RAM, and a loader could still point. */
#define BEYOND_RAM 0xfed00000

/* A loader's own map may lie in memory that is not ours to change. */
static struct hvm_memmap_table_entry map[3];
static char endless[2 * BOOT_CMDLINE_BYTES];

/* As the entry code mapped it. */
static void *at_paddr(uint64_t paddr)
{
    return (void *)((uintptr_t)LAYOUT_EARLY + (uintptr_t)paddr);
}

static bool damage_pvh(const char *way, struct hvm_start_info *start)
{
    static const struct hvm_modlist_entry modlist = { BEYOND_RAM, 16, 0, 0 };

    start->version = 1;
    start->memmap_paddr = layout_paddr(map);
    start->memmap_entries = 3;
    for (unsigned i = 0; i < 3; i++)
        map[i] =
            (struct hvm_memmap_table_entry){ i << 26, 1 << 26, MEMORY_RAM, 0 };
    if (text_equal(way, "overlap")) {
        map[1].addr = 1 << 20;
    } else if (text_equal(way, "empty")) {
        start->memmap_entries = 1;
        map[0].size = 0;
    } else if (text_equal(way, "huge")) {
        map[2].size = ~UINT64_C(0) - 5;
    } else if (text_equal(way, "count")) {
        start->memmap_entries = absurd;
    } else if (text_equal(way, "modules")) {
        start->nr_modules = absurd;
    } else if (text_equal(way, "module")) {
        start->nr_modules = 1;
        start->modlist_paddr = layout_paddr(&modlist);
    } else if (text_equal(way, "modlist")) {
        start->nr_modules = 1;
        start->modlist_paddr = wild;
    } else if (text_equal(way, "pointer")) {
        start->memmap_paddr = wild;
    } else if (text_equal(way, "cmdline")) {
        memset(endless, 'x', sizeof(endless));
        start->cmdline_paddr = layout_paddr(endless);
    } else if (text_equal(way, "magic")) {
        start->magic++;
    } else {
        return false;
    }
    return true;
}

static bool damage_multiboot1(const char *way, struct multiboot1_info *mb)
{
    static struct multiboot1_mmap entries[2] = {
        { 20, 0, 1 << 26, MEMORY_RAM },
        { 20, 1 << 26, 1 << 26, MEMORY_RAM },
    };
    static const struct multiboot1_module modules = { BEYOND_RAM,
                                                      BEYOND_RAM + 16, 0, 0 };

    mb->flags |= MULTIBOOT1_INFO_MMAP;
    mb->mmap_addr = (uint32_t)layout_paddr(entries);
    mb->mmap_length = sizeof(entries);
    if (text_equal(way, "overlap")) {
        entries[1].addr = 1 << 20;
    } else if (text_equal(way, "empty")) {
        mb->mmap_length = 0;
    } else if (text_equal(way, "huge")) {
        entries[1].len = ~UINT64_C(0) - 5;
    } else if (text_equal(way, "count")) {
        mb->mmap_length = absurd;
    } else if (text_equal(way, "modules")) {
        mb->flags |= MULTIBOOT1_INFO_MODS;
        mb->mods_count = absurd;
    } else if (text_equal(way, "module")) {
        mb->flags |= MULTIBOOT1_INFO_MODS;
        mb->mods_count = 1;
        mb->mods_addr = (uint32_t)layout_paddr(&modules);
    } else if (text_equal(way, "modlist")) {
        mb->flags |= MULTIBOOT1_INFO_MODS;
        mb->mods_count = 1;
        mb->mods_addr = UINT32_MAX - 3;
    } else if (text_equal(way, "pointer")) {
        mb->mmap_addr = UINT32_MAX - 3;
    } else if (text_equal(way, "cmdline")) {
        memset(endless, 'x', sizeof(endless));
        mb->flags |= MULTIBOOT1_INFO_CMDLINE;
        mb->cmdline = (uint32_t)layout_paddr(endless);
    } else {
        return false;
    }
    return true;
}

/* In place: changes the tag that it needs, if the loader left one. */
static bool damage_multiboot2(const char *way, uint64_t info)
{
    const struct multiboot2_info *mb = at_paddr(info);
    uint64_t at = info + sizeof(*mb), end = info + mb->total_size;
    bool known = text_equal(way, "empty") || text_equal(way, "module");
    struct multiboot2_tag *tag;

    for (; known && at < end; at += (tag->size + 7) & ~7u) {
        struct multiboot2_module *module;

        tag = at_paddr(at);
        module = (struct multiboot2_module *)tag;
        if (tag->type == MULTIBOOT2_TAG_END)
            break;
        if (text_equal(way, "empty") && tag->type == MULTIBOOT2_TAG_MMAP)
            tag->type = absurd;
        if (text_equal(way, "module") && tag->type == MULTIBOOT2_TAG_MODULE) {
            module->mod_start = BEYOND_RAM;
            module->mod_end = BEYOND_RAM + 16;
        }
    }
    return known;
}

static bool damage_xen_pv(const char *way, struct start_info *start)
{
    if (text_equal(way, "empty")) {
        start->nr_pages = 0;
    } else if (text_equal(way, "huge")) {
        start->nr_pages = wild;
    } else if (text_equal(way, "count")) {
        start->nr_pt_frames = wild;
    } else if (text_equal(way, "module")) {
        start->mod_start = start->nr_pages;
        start->mod_len = 16;
        start->flags |= SIF_MOD_START_PFN;
    } else if (text_equal(way, "modlist")) {
        start->mod_start = wild;
        start->mod_len = wild;
        start->flags &= ~SIF_MOD_START_PFN;
    } else if (text_equal(way, "pointer")) {
        start->pt_base = wild;
    } else if (text_equal(way, "cmdline")) {
        memset(start->cmd_line, 'x', sizeof(start->cmd_line));
    } else if (text_equal(way, "magic")) {
        start->magic[0]++;
    } else {
        return false;
    }
    return true;
}

bool boot_damage(const char *way, unsigned door, uint64_t info)
{
    switch (door) {
    case DOOR_PVH:
        return damage_pvh(way, at_paddr(info));
    case DOOR_MULTIBOOT1:
        return damage_multiboot1(way, at_paddr(info));
    case DOOR_MULTIBOOT2:
        return damage_multiboot2(way, info);
    case DOOR_XEN_PV:
        return damage_xen_pv(way, layout_va(info));
    }
    return false;
}
