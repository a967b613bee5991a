/* SPDX-License-Identifier: MIT */
/*
 * Physical memory outside the direct map, and a writable view of the text.
 */
#include "arch/window.h"

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/log.h"
#include "core/pages.h"

enum { TEXT_ALIAS_PAGES = 2 };

/* The entry code maps the first 4 GiB. */
#define BELOW_4G UINT64_C(0xfffff000)

struct boot_range window_early[WINDOW_EARLY];
size_t window_early_count;

static uint64_t early_end;
static uintptr_t early_view; /* where physical address 0 would be */
static bool is_xen_pv;
static uintptr_t next = LAYOUT_WINDOW;

void window_setup(const struct boot *boot, uint64_t least_end)
{
    is_xen_pv = boot->door == DOOR_XEN_PV;
    early_view = is_xen_pv ? LAYOUT_DIRECT : LAYOUT_EARLY;
    early_end = is_xen_pv ? boot->xen_mapped_end : BELOW_4G;
    if (!early_end)
        early_end = least_end;
}

uint64_t window_early_end(void)
{
    return early_end;
}

static bool given_already(pvops_paddr paddr, size_t bytes)
{
    for (size_t i = 0; i < window_early_count; i++) {
        const struct boot_range *range = &window_early[i];

        if (paddr >= range->base && paddr + bytes <= range->base + range->bytes)
            return true;
    }
    return false;
}

static void *map_early(pvops_paddr paddr, size_t bytes)
{
    if (bytes > early_end || paddr > early_end - bytes)
        return NULL;
    if (given_already(paddr, bytes))
        return (void *)(early_view + (uintptr_t)paddr);
    if (window_early_count == WINDOW_EARLY)
        return NULL;
#ifndef __x86_64__
    /* There pvk's own mappings will be. */
    if (paddr + bytes > LAYOUT_OWN && paddr < LAYOUT_OWN + LAYOUT_OWN_BYTES)
        return NULL;
#endif
    window_early[window_early_count++] = (struct boot_range){ paddr, bytes };
    return (void *)(early_view + (uintptr_t)paddr);
}

void *window_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    pvops_paddr first = paddr & ~(pvops_paddr)(PAGE_BYTES - 1);
    size_t offset = (size_t)(paddr - first);
    uintptr_t at = next;
    pvops_paddr there;

    /* Before pvops_setup() no op maps a machine address. */
    if (!paging_is_set_up())
        return is_xen_pv && how == PVOPS_MAP_DEVICE ? NULL
                                                    : map_early(paddr, bytes);
    if (how == PVOPS_MAP_MEMORY && paddr + bytes <= LAYOUT_DIRECT_END &&
        paging_translate((uintptr_t)layout_va(paddr), &there) && there == paddr)
        return layout_va(paddr);

    bytes += offset;
    if (bytes > LAYOUT_WINDOW + LAYOUT_WINDOW_BYTES - next ||
        (sizeof(uintptr_t) == 4 && paddr + bytes > UINT64_C(0x100000000)))
        return NULL;
    for (size_t done = 0; done < bytes; done += PAGE_BYTES) {
        paging_map(next, first + done,
                   how == PVOPS_MAP_DEVICE ? PAGING_WRITE | PAGING_DEVICE
                                           : PAGING_WRITE);
        next += PAGE_BYTES;
    }
    return (void *)(at + offset);
}

/*
 * Up to 16 bytes may lie across two pages. What was asked for last stays
 * mapped: sites lie side by side, and under Xen PV to map is a hypercall.
 */
void *window_text(const void *text, size_t bytes)
{
    static pvops_paddr mapped[TEXT_ALIAS_PAGES];
    uintptr_t first = (uintptr_t)text & ~(uintptr_t)(PAGE_BYTES - 1);
    uintptr_t offset = (uintptr_t)text - first;

    for (unsigned i = 0; i * PAGE_BYTES < offset + bytes; i++) {
        pvops_paddr paddr;

        if (i == TEXT_ALIAS_PAGES || !paging_is_set_up() ||
            !paging_translate(first + i * PAGE_BYTES, &paddr))
            return NULL;
        if (paddr == mapped[i])
            continue;
        paging_map(LAYOUT_TEXT_ALIAS + i * PAGE_BYTES, paddr, PAGING_WRITE);
        mapped[i] = paddr;
    }
    return (void *)(LAYOUT_TEXT_ALIAS + offset);
}
