/* SPDX-License-Identifier: MIT */
/*
 * What the library asks of a guest: physical memory, mapped; and what a
 * compiler may ask of anybody, memset() and memcpy().
 *
 * Everything below 4 GiB is mapped where it is, but in a PV domain, where that
 * holds for the domain's own memory alone.
 */
#include <pvops/host.h>

#include "insn.h"
#include "start.h"

enum { PAGE = 4096, PAGES = 128 };

/* Addresses of a PV dom0's to map the machine's memory at; never given back. */
static uint8_t window[PAGES][PAGE] __attribute__((aligned(PAGE)));
static size_t window_used;

static void *map_machine(pvops_paddr paddr, size_t bytes)
{
    size_t offset = (size_t)paddr % PAGE;
    size_t pages = (offset + bytes + PAGE - 1) / PAGE;
    size_t first = window_used;

    if (pages > PAGES - window_used)
        return NULL;
    for (size_t i = 0; i < pages; i++) {
        if (!xen_map_machine(window[first + i], paddr - offset + i * PAGE))
            return NULL;
    }
    window_used += pages;
    return &window[first][offset];
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (guest_boot.xen_pv && how == PVOPS_MAP_DEVICE)
        return map_machine(paddr, bytes);
    if ((paddr + bytes) >> 32)
        return NULL;
    return (void *)(uintptr_t)paddr;
}

void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);

void *memset(void *to, int byte, size_t bytes)
{
    x86_stosb(to, (uint8_t)byte, bytes);
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    x86_movsb(to, from, bytes);
    return to;
}
