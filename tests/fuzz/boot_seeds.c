/* SPDX-License-Identifier: MIT */
/*
 * Seeds for boot_fuzz: boot_seeds FOLDER writes what good loaders leave.
 */
#include "boot/boot.h"
#include "seed_file.h"

#include <string.h>

#include "boot/abi.h"

enum {
    FIRST = 0x1000,
    BYTES = 8192,
    MAP = 0x400,
    MODULES = 0x800,
    TEXT = 0xc00
};

static uint8_t memory[BYTES];

static void put(size_t at, const void *bytes, size_t size)
{
    memcpy(memory + at, bytes, size);
}

static void write_seed(const char *folder, const char *name, uint8_t door)
{
    /* Xen's start_info lies behind the kernel and the module. */
    const bool xen_pv = (door & 0x7f) == DOOR_XEN_PV;
    const uint8_t head[4] = { door, 0, 0, xen_pv ? 0x20 : 0 };

    seed_file_write(folder, name, head, sizeof(head), memory, sizeof(memory));
    memset(memory, 0, sizeof(memory));
}

/* Two modules that touch, or overlap. */
static void pvh(const char *folder, const char *name, uint64_t second)
{
    const struct hvm_start_info start = {
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .version = 1,
        .nr_modules = 2,
        .modlist_paddr = FIRST + MODULES,
        .cmdline_paddr = FIRST + TEXT,
        .memmap_paddr = FIRST + MAP,
        .memmap_entries = 3,
    };
    const struct hvm_memmap_table_entry map[] = {
        { 0, 0xa0000, MEMORY_RAM, 0 },
        { 0xf0000, 0x10000, 2, 0 },
        { 0x100000, 0x7f00000, MEMORY_RAM, 0 },
    };
    const struct hvm_modlist_entry modules[] = {
        { 0x400000, 0x1000, 0, 0 },
        { second, 0x2000, 0, 0 },
    };

    put(0, &start, sizeof(start));
    put(MAP, map, sizeof(map));
    put(MODULES, modules, sizeof(modules));
    put(TEXT, "one two", 8);
    write_seed(folder, name, DOOR_PVH);
}

static void multiboot1(const char *folder)
{
    const struct multiboot1_info info = {
        .flags = MULTIBOOT1_INFO_CMDLINE | MULTIBOOT1_INFO_MODS |
                 MULTIBOOT1_INFO_MMAP,
        .cmdline = FIRST + TEXT,
        .mods_count = 1,
        .mods_addr = FIRST + MODULES,
        .mmap_length = 48,
        .mmap_addr = FIRST + MAP,
    };
    const struct multiboot1_mmap map[] = {
        { 20, 0, 0x9fc00, MEMORY_RAM },
        { 20, 0x100000, 0x7f00000, MEMORY_RAM },
    };
    const struct multiboot1_module module = { 0x400000, 0x401000, 0, 0 };

    put(0, &info, sizeof(info));
    put(MAP, map, sizeof(map));
    put(MODULES, &module, sizeof(module));
    put(TEXT, "one two", 8);
    write_seed(folder, "multiboot1", DOOR_MULTIBOOT1);
}

static void multiboot2(const char *folder)
{
    struct {
        struct multiboot2_info info;
        struct multiboot2_tag cmdline;
        char text[8];
        struct multiboot2_module module;
        struct multiboot2_mmap map;
        struct multiboot2_mmap_entry entries[2];
        struct multiboot2_tag end;
    } all = {
        .info = { sizeof(all), 0 },
        .cmdline = { MULTIBOOT2_TAG_CMDLINE, 16 },
        .text = "one two",
        .module = { { MULTIBOOT2_TAG_MODULE, 16 }, 0x400000, 0x401000 },
        .map = { { MULTIBOOT2_TAG_MMAP, 64 }, 24, 0 },
        .entries = { { 0, 0xa0000, MEMORY_RAM, 0 },
                     { 0x100000, 0x7f00000, MEMORY_RAM, 0 } },
        .end = { MULTIBOOT2_TAG_END, 8 },
    };

    put(0, &all, sizeof(all));
    write_seed(folder, "multiboot2", DOOR_MULTIBOOT2);
}

/* More regions than there is room for. */
static void regions(const char *folder)
{
    enum { COUNT = BOOT_MAX_REGIONS + 40 };
    struct multiboot2_mmap_entry entry = { 0, 0x1000, MEMORY_RAM, 0 };
    const struct multiboot2_mmap map = {
        { MULTIBOOT2_TAG_MMAP, sizeof(map) + COUNT * sizeof(entry) },
        sizeof(entry),
        0
    };
    const struct multiboot2_tag end = { MULTIBOOT2_TAG_END, 8 };
    struct multiboot2_info info = { 0 };
    size_t at = sizeof(info);

    put(at, &map, sizeof(map));
    at += sizeof(map);
    for (unsigned i = 0; i < COUNT; i++) {
        entry.addr = i * UINT64_C(0x2000);
        put(at, &entry, sizeof(entry));
        at += sizeof(entry);
    }
    put(at, &end, sizeof(end));
    info.total_size = (uint32_t)(at + sizeof(end));
    put(0, &info, sizeof(info));
    write_seed(folder, "regions", DOOR_MULTIBOOT2);
}

static void xen_pv(const char *folder)
{
    struct start_info start = {
        .magic = "xen-3.0-x86_64",
        .nr_pages = 0x8000,
        .flags = SIF_INITDOMAIN,
        .pt_base = 0x210000,
        .nr_pt_frames = 8,
        .mod_start = 0x180000,
        .mod_len = 0x1000,
        .cmd_line = "one two",
    };

    put(0, &start, sizeof(start));
    write_seed(folder, "xen_pv", DOOR_XEN_PV);
    start.flags |= SIF_MOD_START_PFN;
    start.mod_start = 0x7ff0;
    put(0, &start, sizeof(start));
    write_seed(folder, "xen_pv_unmapped", DOOR_XEN_PV);
    start.pt_base += UINT64_C(0xffffffff80000000);
    put(0, &start, sizeof(start));
    write_seed(folder, "xen_pv_high", 0x80 | DOOR_XEN_PV);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: boot_seeds FOLDER\n");
        return 2;
    }
    pvh(argv[1], "pvh", 0x401000);
    pvh(argv[1], "pvh_overlap", 0x400fff);
    multiboot1(argv[1]);
    multiboot2(argv[1]);
    regions(argv[1]);
    xen_pv(argv[1]);
    return 0;
}
