/* SPDX-License-Identifier: MIT */
/*
 * What all loaders have in common: bounds, the memory map, modules, the
 * command line.
 */
#include "boot/boot.h"

#include <string.h>

#include "boot/abi.h"

bool boot_copy(const struct boot_reach *reach, uint64_t at, void *out,
               size_t bytes)
{
    if (at < reach->first || at - reach->first > reach->bytes ||
        bytes > reach->bytes - (at - reach->first))
        return false;
    memcpy(out, reach->view + (at - reach->first), bytes);
    return true;
}

const char *boot_add_region(struct boot *boot, uint64_t base, uint64_t bytes,
                            uint32_t type)
{
    if (!bytes)
        return NULL;
    if (base > BOOT_PADDR_END || bytes > BOOT_PADDR_END - base)
        return "the memory map has a region beyond 52 bits of address";
    if (boot->region_count == BOOT_MAX_REGIONS)
        return "the memory map has more than 256 regions";
    boot->regions[boot->region_count++] =
        (struct boot_region){ { base, bytes }, type, type == MEMORY_RAM };
    return NULL;
}

const char *boot_add_module(struct boot *boot, uint64_t base, uint64_t bytes)
{
    if (!bytes)
        return NULL;
    if (base > BOOT_PADDR_END || bytes > BOOT_PADDR_END - base)
        return "a module lies beyond 52 bits of address";
    if (boot->module_count == BOOT_MAX_MODULES)
        return "there are more than 16 modules";
    boot->modules[boot->module_count++] = (struct boot_range){ base, bytes };
    return NULL;
}

static const char *take_text(char out[BOOT_CMDLINE_BYTES],
                             const struct boot_reach *reach, uint64_t at,
                             uint64_t most)
{
    for (size_t i = 0; i < most; i++) {
        if (i == BOOT_CMDLINE_BYTES)
            return "the command line is longer than 2047 bytes, or has no end";
        if (!boot_copy(reach, at + i, &out[i], 1))
            return "the command line lies out of reach";
        if (!out[i])
            return NULL;
    }
    return "the command line has no end within its bounds";
}

const char *boot_take_cmdline(struct boot *boot, const struct boot_reach *reach,
                              uint64_t at, uint64_t most)
{
    return take_text(boot->cmdline, reach, at, most);
}

const char *boot_take_module_text(struct boot *boot,
                                  const struct boot_reach *reach, uint64_t at,
                                  uint64_t most)
{
    if (boot->module_count != 1)
        return NULL;
    return take_text(boot->module_text, reach, at, most);
}

static bool overlap(const struct boot_range *a, const struct boot_range *b)
{
    return a->base < b->base + b->bytes && b->base < a->base + a->bytes;
}

/* Regions that touch count as one: a range may lie across them. */
static bool lies_in_ram(const struct boot *boot, struct boot_range range)
{
    uint64_t at = range.base, end = range.base + range.bytes;
    bool grew = true;

    while (at < end && grew) {
        grew = false;
        for (size_t i = 0; i < boot->region_count; i++) {
            const struct boot_region *region = &boot->regions[i];

            if (!region->ram || at < region->range.base ||
                at - region->range.base >= region->range.bytes)
                continue;
            at = region->range.base + region->range.bytes;
            grew = true;
        }
    }
    return at >= end;
}

static const char *check_modules(const struct boot *boot,
                                 const struct boot_range *image)
{
    for (size_t i = 0; i < boot->module_count; i++) {
        if (!lies_in_ram(boot, boot->modules[i]))
            return "a module does not lie in RAM";
        if (overlap(&boot->modules[i], image))
            return "a module overlaps the kernel";
        for (size_t k = i + 1; k < boot->module_count; k++) {
            if (overlap(&boot->modules[i], &boot->modules[k]))
                return "modules overlap";
        }
    }
    return NULL;
}

const char *boot_check(const struct boot *boot, struct boot_range image)
{
    bool any_ram = false;

    for (size_t i = 0; i < boot->region_count; i++) {
        const struct boot_region *one = &boot->regions[i];

        any_ram |= one->ram;
        for (size_t k = i + 1; k < boot->region_count; k++) {
            const struct boot_region *other = &boot->regions[k];

            if ((one->ram || other->ram) && overlap(&one->range, &other->range))
                return "regions of the memory map overlap";
        }
    }
    if (!any_ram)
        return "the memory map is empty: it has no RAM";
    if (!lies_in_ram(boot, image))
        return "by the memory map the kernel itself does not lie in RAM";
    return check_modules(boot, &image);
}

const char *boot_read(const struct boot_reach *reach, unsigned door,
                      uint64_t info, uint32_t magic, struct boot *out_boot)
{
    static const char *const names[] = { "", "pvh", "multiboot1", "multiboot2",
                                         "xen_pv" };

    memset(out_boot, 0, sizeof(*out_boot));
    out_boot->door = door;
    out_boot->door_name = door <= DOOR_XEN_PV ? names[door] : "";
    switch (door) {
    case DOOR_PVH:
        return boot_read_pvh(reach, info, out_boot);
    case DOOR_MULTIBOOT1:
        return boot_read_multiboot1(reach, info, magic, out_boot);
    case DOOR_MULTIBOOT2:
        return boot_read_multiboot2(reach, info, magic, out_boot);
    case DOOR_XEN_PV:
        return boot_read_xen_pv(reach, info, out_boot);
    }
    return "the entry code passed no known door";
}
