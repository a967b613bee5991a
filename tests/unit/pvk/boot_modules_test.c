/* SPDX-License-Identifier: MIT */
/*
 * Modules, as each loader tells of them: their ranges, in its order; what
 * cannot be true is refused with one sentence.
 *
 * Source: as in kernel/boot/abi.h.
 *
 * Tried, each fails here: "mod_end - mod_start" without the minus (two files);
 *        the empty module kept; the frame's number not multiplied; virt_base
 *        not subtracted, or from a frame's number too; either bound of a
 *        module in xen_pv.c left out, or off by one; each check of
 *        check_modules() left out.
 */
#include "pvtest.h"

#include "boot/abi.h"
#include "boot/boot.h"

enum {
    FIRST = 0x200000, /* where what the loader left begins */
    BYTES = 8192,
    MAP = 0x800,
    MODULES = 0x1000,
    FRAME = 4096,
};

/* RAM up to 128 MiB, in two regions that touch. */
static const struct boot_range image = { 0x100000, 0x80000 };

static uint8_t memory[BYTES];
static struct boot boot;
static uint64_t virt_base; /* what Xen's builder adds to an address */

static void put(size_t at, const void *bytes, size_t size)
{
    memcpy(memory + at, bytes, size);
}

static const char *read_it(unsigned door, uint32_t magic)
{
    const struct boot_reach reach = {
        .view = memory,
        .first = FIRST,
        .bytes = sizeof(memory),
        .virt_base = virt_base,
    };
    const char *why = boot_read(&reach, door, FIRST, magic, &boot);

    memset(memory, 0, sizeof(memory));
    if (!why)
        why = boot_check(&boot, image);
    return why ? why : "good";
}

/* Each puts what its loader would leave, with these modules, and reads it. */
struct range {
    uint64_t base, bytes;
};

static const char *by_pvh(const struct range *modules, uint32_t count)
{
    const struct hvm_start_info start = {
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .version = 1,
        .nr_modules = count,
        .modlist_paddr = FIRST + MODULES,
        .memmap_paddr = FIRST + MAP,
        .memmap_entries = 2,
    };
    const struct hvm_memmap_table_entry map[] = {
        { 0, 0x4000000, MEMORY_RAM, 0 },
        { 0x4000000, 0x4000000, MEMORY_RAM, 0 },
    };

    put(0, &start, sizeof(start));
    put(MAP, map, sizeof(map));
    for (uint32_t i = 0; i < count; i++) {
        const struct hvm_modlist_entry entry = { modules[i].base,
                                                 modules[i].bytes, 0, 0 };

        put(MODULES + i * sizeof(entry), &entry, sizeof(entry));
    }
    return read_it(DOOR_PVH, 0);
}

static const char *by_multiboot1(const struct range *modules, uint32_t count)
{
    const struct multiboot1_info info = {
        .flags = MULTIBOOT1_INFO_MODS | MULTIBOOT1_INFO_MMAP,
        .mods_count = count,
        .mods_addr = FIRST + MODULES,
        .mmap_length = 2 * sizeof(struct multiboot1_mmap),
        .mmap_addr = FIRST + MAP,
    };
    const struct multiboot1_mmap map[] = {
        { 20, 0, 0x4000000, MEMORY_RAM },
        { 20, 0x4000000, 0x4000000, MEMORY_RAM },
    };

    put(0, &info, sizeof(info));
    put(MAP, map, sizeof(map));
    for (uint32_t i = 0; i < count; i++) {
        const struct multiboot1_module module = {
            (uint32_t)modules[i].base,
            (uint32_t)(modules[i].base + modules[i].bytes), 0, 0
        };

        put(MODULES + i * sizeof(module), &module, sizeof(module));
    }
    return read_it(DOOR_MULTIBOOT1, MULTIBOOT1_LOADER_MAGIC);
}

static const char *by_multiboot2(const struct range *modules, uint32_t count)
{
    const struct multiboot2_mmap map = { { MULTIBOOT2_TAG_MMAP, 64 }, 24, 0 };
    const struct multiboot2_mmap_entry entries[] = {
        { 0, 0x4000000, MEMORY_RAM, 0 },
        { 0x4000000, 0x4000000, MEMORY_RAM, 0 },
    };
    const struct multiboot2_tag end = { MULTIBOOT2_TAG_END, 8 };
    struct multiboot2_info info = { sizeof(info), 0 };

    put(info.total_size, &map, sizeof(map));
    put(info.total_size + sizeof(map), entries, sizeof(entries));
    info.total_size += sizeof(map) + sizeof(entries);
    for (uint32_t i = 0; i < count; i++) {
        /* With a command line of three bytes, and padding. */
        const struct multiboot2_module module = {
            { MULTIBOOT2_TAG_MODULE, sizeof(module) + 3 },
            (uint32_t)modules[i].base,
            (uint32_t)(modules[i].base + modules[i].bytes),
        };

        put(info.total_size, &module, sizeof(module));
        put(info.total_size + sizeof(module), "ab", 3);
        info.total_size += sizeof(module) + 8;
    }
    put(info.total_size, &end, sizeof(end));
    info.total_size += sizeof(end);
    put(0, &info, sizeof(info));
    return read_it(DOOR_MULTIBOOT2, MULTIBOOT2_LOADER_MAGIC);
}

typedef const char *loader(const struct range *modules, uint32_t count);
static loader *const loaders[] = { by_pvh, by_multiboot1, by_multiboot2 };

enum { LOADERS = sizeof(loaders) / sizeof(loaders[0]) };

PVTEST(ranges, "physical address and length of each, in the loader's order")
{
    static const struct range modules[] = {
        { 0x5000000, 5 },
        { 0x400000, 0 }, /* an empty one is nothing */
        { 0x3fff000, 0x2001 },
    };

    for (unsigned i = 0; i < LOADERS; i++) {
        EXPECT_STR("good", loaders[i](modules, 3));
        EXPECT_EQ(2, boot.module_count);
        EXPECT_EQ(0x5000000, boot.modules[0].base);
        EXPECT_EQ(5, boot.modules[0].bytes);
        EXPECT_EQ(0x3fff000, boot.modules[1].base);
        EXPECT_EQ(0x2001, boot.modules[1].bytes);
    }
}

PVTEST(none, "no module is as good")
{
    for (unsigned i = 0; i < LOADERS; i++) {
        EXPECT_STR("good", loaders[i](NULL, 0));
        EXPECT_EQ(0, boot.module_count);
    }
}

PVTEST(wild, "outside RAM, in the kernel, in one another, or too many")
{
    static const struct {
        struct range modules[2];
        const char *why;
    } rows[] = {
        /* clang-format off */
        { { { 0x8000000, 1 } },               "a module does not lie in RAM" },
        { { { 0x7ffffff, 1 } },               "good" },
        { { { 0x7ffffff, 2 } },               "a module does not lie in RAM" },
        { { { 0xfed00000, 16 } },             "a module does not lie in RAM" },
        { { { 0x100000, 1 } },                "a module overlaps the kernel" },
        { { { 0xff000, 0x1000 } },            "good" },
        { { { 0xff000, 0x1001 } },            "a module overlaps the kernel" },
        { { { 0x17ffff, 1 } },                "a module overlaps the kernel" },
        { { { 0x180000, 1 } },                "good" },
        { { { 0x50000, 0x200000 } },          "a module overlaps the kernel" },
        { { { 0x400000, 9 }, { 0x400008, 1 } }, "modules overlap" },
        { { { 0x400008, 1 }, { 0x400000, 9 } }, "modules overlap" },
        { { { 0x400000, 8 }, { 0x400008, 1 } }, "good" },
        /* clang-format on */
    };

    for (unsigned i = 0; i < LOADERS; i++)
        for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
            EXPECT_STR(rows[k].why, loaders[i](rows[k].modules, 2));
}

PVTEST(too_many, "sixteen are, seventeen are not")
{
    struct range modules[BOOT_MAX_MODULES + 1];

    for (unsigned i = 0; i <= BOOT_MAX_MODULES; i++)
        modules[i] = (struct range){ 0x400000 + i * FRAME, FRAME };
    for (unsigned i = 0; i < LOADERS; i++) {
        EXPECT_STR("good", loaders[i](modules, BOOT_MAX_MODULES));
        EXPECT_EQ(BOOT_MAX_MODULES, boot.module_count);
        EXPECT_STR("there are more than 16 modules",
                   loaders[i](modules, BOOT_MAX_MODULES + 1));
    }
}

PVTEST(far, "beyond every address; by PVH, which has 64 bits for it")
{
    static const struct range far[] = {
        { UINT64_MAX - 7, 16 },
        { 0x400000, UINT64_MAX },
        { BOOT_PADDR_END, 1 },
    };

    for (unsigned i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        EXPECT_STR("a module lies beyond 52 bits of address",
                   by_pvh(&far[i], 1));
}

PVTEST(backwards, "a module that ends before it begins")
{
    static const struct range module = { 0x400000, (uint64_t)-16 };

    EXPECT_STR("a module ends before it begins", by_multiboot1(&module, 1));
    EXPECT_STR("a module ends before it begins", by_multiboot2(&module, 1));
}

/* 128 MiB; start_info at 2 MiB, page tables behind it, mapped up to 4 MiB. */
static const char *by_xen(uint32_t flags, uint64_t start, uint64_t bytes)
{
    const struct start_info info = {
        .magic = "xen-3.0-x86_64",
        .nr_pages = 0x8000,
        .flags = flags,
        .pt_base = virt_base + 0x210000,
        .nr_pt_frames = 8,
        .mod_start = start,
        .mod_len = bytes,
    };

    put(0, &info, sizeof(info));
    return read_it(DOOR_XEN_PV, 0);
}

PVTEST(xen_mapped, "by its virtual address, which is its physical one")
{
    static const char *const beside =
        "Xen's module does not lie before start_info";

    EXPECT_STR("good", by_xen(SIF_INITDOMAIN, 0x180000, 0x80000));
    EXPECT_EQ(1, boot.module_count);
    EXPECT_EQ(0x180000, boot.modules[0].base);
    EXPECT_EQ(0x80000, boot.modules[0].bytes);
    EXPECT_STR(beside, by_xen(0, 0x180000, 0x80001));
    EXPECT_STR(beside, by_xen(0, 0x200001, 1));
    EXPECT_STR(beside, by_xen(0, 0x7ffffff000, 0x1000));
    EXPECT_STR(beside, by_xen(0, 0x180000, UINT64_MAX));
    EXPECT_STR("a module overlaps the kernel", by_xen(0, 0x17f000, 0x1001));
}

PVTEST(xen_high, "its virtual address counts from where the image asked for")
{
    static const uint64_t high = UINT64_C(0xffffffff80000000);

    virt_base = high;
    EXPECT_STR("good", by_xen(0, high + 0x180000, 0x80000));
    EXPECT_EQ(0x180000, boot.modules[0].base);
    EXPECT_STR("Xen's module does not lie before start_info",
               by_xen(0, 0x180000, 0x1000));
    EXPECT_STR("good", by_xen(SIF_MOD_START_PFN, 0x400, 0x1000));
    EXPECT_EQ(0x400000, boot.modules[0].base);
    virt_base = 0;
}

PVTEST(xen_frame, "by its frame, behind all that is mapped")
{
    static const char *const mapped =
        "Xen's module lies in what its builder says it mapped";
    static const uint32_t frame = SIF_INITDOMAIN | SIF_MOD_START_PFN;

    EXPECT_STR("good", by_xen(frame, 0x400, 0x2001));
    EXPECT_EQ(1, boot.module_count);
    EXPECT_EQ(0x400000, boot.modules[0].base);
    EXPECT_EQ(0x2001, boot.modules[0].bytes);
    EXPECT_STR("good", by_xen(frame, 0x7fff, FRAME));
    EXPECT_STR(mapped, by_xen(frame, 0x3ff, 1));
    EXPECT_STR(mapped, by_xen(frame, 0, 1));
    EXPECT_STR("a module does not lie in RAM", by_xen(frame, 0x8000, 1));
    EXPECT_STR("a module does not lie in RAM",
               by_xen(frame, 0x7fff, FRAME + 1));
    EXPECT_STR("a module lies beyond 52 bits of address",
               by_xen(frame, UINT64_C(0x10000000000400), 1));
}

PVTEST(xen_none, "no length, no module, wherever it is said to be")
{
    EXPECT_STR("good", by_xen(SIF_MOD_START_PFN, UINT64_MAX, 0));
    EXPECT_EQ(0, boot.module_count);
    EXPECT_STR("good", by_xen(0, UINT64_MAX, 0));
    EXPECT_EQ(0, boot.module_count);
}

PVTEST(xen_package, "several in one is refused, not lost")
{
    EXPECT_STR("Xen's module is a package of several: not supported",
               by_xen(SIF_MULTIBOOT_MOD, 0x180000, 0x1000));
}
