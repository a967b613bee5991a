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
#include "core/log.h"
#include "core/pages.h"

extern char image_start[], read_only_stop[], image_stop[];

enum { LOW_MEMORY_END = 1 << 20 };

static bool is_set_up;

bool paging_is_set_up(void)
{
    return is_set_up;
}

static bool meets(const struct boot_range *range, uint64_t base)
{
    return range->base < base + PAGE_BYTES && base < range->base + range->bytes;
}

/* Whether a byte of the page at 'base' is the image's or the loader's. */
static bool in_use(const struct boot *boot, uint64_t base)
{
    const struct boot_range image = {
        (uintptr_t)image_start, (uintptr_t)image_stop - (uintptr_t)image_start
    };

    if (meets(&image, base))
        return true;
    for (size_t i = 0; i < boot->module_count; i++) {
        if (meets(&boot->modules[i], base))
            return true;
    }
    for (size_t i = 0; i < window_early_count; i++) {
        if (meets(&window_early[i], base))
            return true;
    }
    return false;
}

/* RAM in [from, to) that nobody uses goes to core/pages.c. */
static void add_free(const struct boot *boot, uint64_t from, uint64_t to)
{
    if (from < LOW_MEMORY_END)
        from = LOW_MEMORY_END;
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
            pages_add((uintptr_t)base, (uintptr_t)at);
            base = at + PAGE_BYTES;
        }
        if (base < end)
            pages_add((uintptr_t)base, (uintptr_t)end);
    }
}

static unsigned flags_at(uintptr_t va)
{
    bool read_only =
        va >= (uintptr_t)image_start && va < (uintptr_t)read_only_stop;

    return read_only ? 0 : PAGING_WRITE;
}

/* On bare metal: a root of pvk's own, with the direct map and early windows. */
static void build(const struct boot *boot)
{
    pvops_pte *root;

    add_free(boot, (uintptr_t)image_start, LAYOUT_DIRECT_END);
    root = paging_new_root();
    for (uintptr_t va = PAGE_BYTES; va < LAYOUT_DIRECT_END; va += PAGE_BYTES)
        paging_map_in(root, va, va, flags_at(va));
    for (size_t i = 0; i < window_early_count; i++) {
        const struct boot_range *range = &window_early[i];
        uint64_t va = range->base & ~(uint64_t)(PAGE_BYTES - 1);

        for (; va < range->base + range->bytes; va += PAGE_BYTES)
            paging_map_in(root, (uintptr_t)va, va, flags_at((uintptr_t)va));
    }
    pvops_mmu_write_cr3((uintptr_t)root);
    x86_write_cr0(x86_read_cr0() | X86_CR0_PG | X86_CR0_WP);
}

/* Under Xen PV: the builder's root, as far as it does not reach. */
static void extend(const struct boot *boot)
{
    uint64_t end = boot->regions[0].range.bytes;
    uintptr_t va;

    if (end > LAYOUT_DIRECT_END)
        end = LAYOUT_DIRECT_END;
    add_free(boot, boot->xen_used_end, window_early_end());
    for (va = (uintptr_t)boot->xen_mapped_end; va < end; va += PAGE_BYTES)
        paging_map(va, va, PAGING_WRITE);
    add_free(boot, boot->xen_mapped_end, end);

    paging_unmap(0);
    for (va = (uintptr_t)image_start; va < (uintptr_t)read_only_stop;
         va += PAGE_BYTES)
        paging_protect(va, false);
}

void paging_setup(const struct boot *boot)
{
    if (boot->door == DOOR_XEN_PV)
        extend(boot);
    else
        build(boot);
    is_set_up = true;
    log_line("paging: %zu pages of 4 KiB are free", pages_left());
}
