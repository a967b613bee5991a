/* SPDX-License-Identifier: MIT */
/*
 * boot: whatever a loader left in memory, pvk's parsers end with a struct that
 * keeps its promises, or with a sentence; and read nothing out of reach.
 *
 * An input is the door (and 0x80: Xen's builder tells high addresses), where
 * the information lies in memory, how many 64 KiB behind 0x1000 memory begins,
 * then memory. Seeds: tests/fuzz/boot_seeds.c.
 *
 * Damage tried, each found: boot_copy() without its last condition; the bound
 * of regions in boot_add_region(); "tag->size - sizeof" without the check of
 * tag.size; "grew" left true in lies_in_ram(); overlap() made false; either
 * bound of a module left out in xen_pv.c; each check of check_modules().
 */
#include "boot/boot.h"

#include <stdlib.h>
#include <string.h>

#include "boot/abi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIRST = 0x1000, HEAD_BYTES = 4 };

static struct boot boot;

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sentence(const char *why)
{
    require(*why && strlen(why) < 80 && !strchr(why, '\n'));
}

static void require_range(const struct boot_range *range)
{
    require(range->bytes > 0 && range->base <= BOOT_PADDR_END &&
            range->bytes <= BOOT_PADDR_END - range->base);
}

static bool meet(const struct boot_range *a, const struct boot_range *b)
{
    return a->base < b->base + b->bytes && b->base < a->base + a->bytes;
}

static void require_read(void)
{
    require(memchr(boot.cmdline, 0, sizeof(boot.cmdline)) != NULL);
    require(boot.region_count <= BOOT_MAX_REGIONS);
    require(boot.module_count <= BOOT_MAX_MODULES);
    for (size_t i = 0; i < boot.region_count; i++)
        require_range(&boot.regions[i].range);
    for (size_t i = 0; i < boot.module_count; i++)
        require_range(&boot.modules[i]);
    if (boot.door == DOOR_XEN_PV) {
        require(boot.xen_used_end <= boot.regions[0].range.bytes);
        require(boot.xen_used_end <= boot.xen_mapped_end);
        require(boot.xen_mapped_end <= boot.regions[0].range.bytes);
        require(boot.module_count <= 1);
    }
}

/* Xen's builder has nothing else where it put a module. */
static void require_xen_module(const struct boot_range *module, uint64_t info)
{
    require(module->base + module->bytes <= info ||
            module->base >= boot.xen_mapped_end);
}

static bool is_ram(uint64_t at)
{
    for (size_t i = 0; i < boot.region_count; i++) {
        const struct boot_region *region = &boot.regions[i];

        if (region->ram && at >= region->range.base &&
            at - region->range.base < region->range.bytes)
            return true;
    }
    return false;
}

static void require_modules(const struct boot_range *image)
{
    for (size_t i = 0; i < boot.module_count; i++) {
        const struct boot_range *module = &boot.modules[i];

        require(is_ram(module->base));
        require(is_ram(module->base + module->bytes - 1));
        require(!meet(module, image));
        for (size_t k = 0; k < i; k++)
            require(!meet(module, &boot.modules[k]));
    }
}

static void require_checked(const struct boot_range *image)
{
    bool ram = false;

    for (size_t i = 0; i < boot.region_count; i++) {
        ram = ram || boot.regions[i].ram;
        for (size_t k = 0; k < i; k++)
            require(!(boot.regions[i].ram || boot.regions[k].ram) ||
                    !meet(&boot.regions[i].range, &boot.regions[k].range));
    }
    require(ram);
    require_modules(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t magics[] = { 0, 0, MULTIBOOT1_LOADER_MAGIC,
                                       MULTIBOOT2_LOADER_MAGIC, 0 };
    const struct boot_range image = { 0x100000, 0x40000 };
    struct boot_reach reach = { 0 };
    const char *why;
    uint8_t *memory;
    uint64_t info;
    unsigned door;

    if (size < HEAD_BYTES)
        return 0;
    reach.virt_base = data[0] & 0x80 ? UINT64_C(0xffffffff80000000) : 0;
    reach.first = FIRST + ((uint64_t)data[3] << 16);
    reach.bytes = size - HEAD_BYTES;
    /* Ended by the allocation's end. */
    memory = malloc(reach.bytes ? reach.bytes : 1);
    require(memory != NULL);
    memcpy(memory, data + HEAD_BYTES, reach.bytes);
    reach.view = memory;

    door = (data[0] & 0x7f) % 6u;
    info = reach.first + (data[1] | (unsigned)data[2] << 8);
    why = boot_read(&reach, door, info, door < 5 ? magics[door] : 0, &boot);
    if (why) {
        require_sentence(why);
    } else {
        require_read();
        if (door == DOOR_XEN_PV && boot.module_count)
            require_xen_module(&boot.modules[0], info);
        why = boot_check(&boot, image);
        if (why)
            require_sentence(why);
        else
            require_checked(&image);
    }
    free(memory);
    return 0;
}
