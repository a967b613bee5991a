/* SPDX-License-Identifier: MIT */
/*
 * pvk's address space: from what the entry code or Xen's builder mapped to
 * what arch/layout.h says.
 */
#include "arch/paging.h"

#include <pvops/pvops.h>

#include "arch/insn.h"
#include "arch/layout.h"
#include "arch/window.h"
#include "boot/restart.h"
#include "core/log.h"
#include "core/main.h"
#include "core/pages.h"

extern char image_start[], read_only_stop[], image_stop[];

enum { LOW_MEMORY_END = 1 << 20 };

static bool is_set_up;
static uint64_t direct_end; /* physical: of the direct map */

bool paging_is_set_up(void)
{
    return is_set_up;
}

static struct boot_range image(void)
{
    return (struct boot_range){ layout_paddr(image_start),
                                (size_t)(image_stop - image_start) };
}

static bool meets(const struct boot_range *range, uint64_t base)
{
    return range->base < base + PAGE_BYTES && base < range->base + range->bytes;
}

/* Whether a byte of the page at 'base' is the image's or a module's. */
static bool is_loaded(const struct boot *boot, uint64_t base)
{
    const struct boot_range own = image();

    if (meets(&own, base))
        return true;
    for (size_t i = 0; i < boot->module_count; i++) {
        if (meets(&boot->modules[i], base))
            return true;
    }
    return false;
}

/* Or something that was mapped by window_map(). */
static bool in_use(const struct boot *boot, uint64_t base)
{
    if (is_loaded(boot, base))
        return true;
    for (size_t i = 0; i < window_early_count; i++) {
        if (meets(&window_early[i], base))
            return true;
    }
    return false;
}

static void add(uint64_t base, uint64_t end)
{
    restart_note_ram(base, end);
    pages_add((uintptr_t)layout_va(base), (uintptr_t)layout_va(end));
}

/* RAM in [from, to) that nobody uses goes to core/pages.c. */
static void add_free(const struct boot *boot, uint64_t from, uint64_t to)
{
    if (from < LOW_MEMORY_END)
        from = LOW_MEMORY_END;
    if (to > direct_end)
        to = direct_end;
    for (size_t i = 0; i < boot->region_count; i++) {
        const struct boot_range *range = &boot->regions[i].range;
        uint64_t base = range->base > from ? range->base : from;
        uint64_t end = range->base + range->bytes;

        if (!boot->regions[i].ram)
            continue;
        if (end > to)
            end = to;
        base = (base + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
        for (uint64_t at = base; at < end; at += PAGE_BYTES) {
            if (!in_use(boot, at))
                continue;
            add(base, at);
            base = at + PAGE_BYTES;
        }
        if (base < end)
            add(base, end);
    }
}

static void map_at(pvops_pte *root, uintptr_t offset, uint64_t paddr)
{
    bool read_only =
        (paddr >= layout_paddr(image_start) &&
         paddr < layout_paddr(read_only_stop)) ||
        (paging_is_table(paddr) && !(pvops_caps() & PVOPS_CAP_WRITABLE_TABLES));

    paging_map_in(root, offset + (uintptr_t)paddr, paddr,
                  read_only ? 0 : PAGING_WRITE);
}

/* Where a range of window_early[] begins in its window, in whole pages. */
static uint64_t early_start(const struct boot_range *range)
{
    return range->base & ~(uint64_t)(PAGE_BYTES - 1);
}

pvops_paddr paging_trampoline;

/*
 * RAM in one piece in which nothing was loaded. It may have been searched, on
 * i386 for a ROM: so window_early[] does not count.
 */
static bool is_free(const struct boot *boot, uint64_t base, uint64_t end)
{
    bool ram = false;

    for (size_t i = 0; i < boot->region_count; i++) {
        const struct boot_range *range = &boot->regions[i].range;

        if (boot->regions[i].ram && range->base <= base &&
            end <= range->base + range->bytes)
            ram = true;
    }
    for (uint64_t at = base; ram && at < end; at += PAGE_BYTES)
        ram = !is_loaded(boot, at);
    return ram;
}

/* Not in the first 64 KiB, in which some BIOSes write. */
static void keep_trampoline(const struct boot *boot)
{
    enum { BYTES = PVOPS_TRAMPOLINE_PAGES * PAGE_BYTES, FIRST = 0x10000 };
    uint64_t at = FIRST;

    while (at + BYTES <= LOW_MEMORY_END && !is_free(boot, at, at + BYTES))
        at += PAGE_BYTES;
    if (at + BYTES <= LOW_MEMORY_END)
        paging_trampoline = at;
}

/*
 * On bare metal: a root of pvk's own, with the direct map and early windows.
 * Where tables must be read-only they are so from the first: all are made
 * before anything is mapped.
 */
static void build(const struct boot *boot)
{
    pvops_pte *root;

    add_free(boot, image().base, direct_end);
    root = paging_new_root();
    paging_prepare_in(root, LAYOUT_DIRECT, (size_t)direct_end);
    for (size_t i = 0; i < window_early_count; i++) {
        const struct boot_range *range = &window_early[i];
        uint64_t at = early_start(range);

        for (; at < range->base + range->bytes; at += PAGE_BYTES)
            paging_prepare_in(root, LAYOUT_EARLY + (uintptr_t)at, PAGE_BYTES);
    }
    for (uint64_t at = PAGE_BYTES; at < direct_end; at += PAGE_BYTES)
        map_at(root, LAYOUT_DIRECT, at);
    for (size_t i = 0; i < window_early_count; i++) {
        const struct boot_range *range = &window_early[i];
        uint64_t at = early_start(range);

        for (; at < range->base + range->bytes; at += PAGE_BYTES)
            map_at(root, LAYOUT_EARLY, at);
    }
    pvops_mmu_write_cr3((uintptr_t)layout_paddr(root));
    x86_write_cr0(x86_read_cr0() | X86_CR0_PG | X86_CR0_WP);
    paging_use_root(root);
}

/* Under Xen PV: the builder's root, as far as it does not reach. */
static void extend(const struct boot *boot)
{
    uint64_t end = boot->regions[0].range.bytes;

    paging_use_root(layout_va(pvops_mmu_read_cr3()));
    if (end > direct_end)
        end = direct_end;
    add_free(boot, boot->xen_used_end, window_early_end());
    for (uint64_t at = boot->xen_mapped_end; at < end; at += PAGE_BYTES)
        paging_map((uintptr_t)layout_va(at), at, PAGING_WRITE);
    add_free(boot, boot->xen_mapped_end, end);

    paging_unmap(LAYOUT_DIRECT);
    for (char *at = image_start; at < read_only_stop; at += PAGE_BYTES)
        paging_protect((uintptr_t)at, false);
}

/* "ram=MIB": not less than without it, and not more than there can be. */
static uint64_t wanted_end(void)
{
    const char *text = option("ram");
    uint64_t end = 0;

    for (; text && *text >= '0' && *text <= '9' && end < LAYOUT_DIRECT_END;
         text++)
        end = end * 10 + ((uint64_t)(*text - '0') << 20);
    if (end < LAYOUT_DIRECT_LEAST)
        end = LAYOUT_DIRECT_LEAST;
    return end < LAYOUT_DIRECT_END ? end : LAYOUT_DIRECT_END;
}

void paging_setup(const struct boot *boot)
{
    direct_end = wanted_end();
    if (boot->door == DOOR_XEN_PV)
        extend(boot);
    else
        build(boot);
    if (boot->door != DOOR_XEN_PV)
        keep_trampoline(boot);
    is_set_up = true;
    log_line("paging: %zu pages of 4 KiB are free", pages_left());
}
