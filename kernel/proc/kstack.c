/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks. One that overruns meets the page that is not mapped below it.
 */
#include "proc/kstack.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/pages.h"
#include "proc/process.h"

enum { STACK_PAGES = 3, SLOT_PAGES = STACK_PAGES + 1 };

_Static_assert((size_t)PROCESS_MOST *SLOT_PAGES *PAGE_BYTES <=
                   LAYOUT_STACKS_BYTES,
               "LAYOUT_STACKS is too small");

static bool used[PROCESS_MOST];

void kstack_prepare(void)
{
    paging_prepare(LAYOUT_STACKS,
                   (size_t)PROCESS_MOST * SLOT_PAGES * PAGE_BYTES);
}

static uintptr_t bottom_of(size_t slot)
{
    return LAYOUT_STACKS + (slot * SLOT_PAGES + 1) * PAGE_BYTES;
}

static bool map(uintptr_t bottom)
{
    for (size_t i = 0; i < STACK_PAGES; i++) {
        void *page = page_alloc();

        if (!page) {
            paging_unmap_and_free(bottom, i);
            return false;
        }
        paging_map(bottom + i * PAGE_BYTES, layout_paddr(page), PAGING_WRITE);
    }
    return true;
}

uintptr_t kstack_alloc(void)
{
    for (size_t slot = 0; slot < PROCESS_MOST; slot++) {
        if (used[slot])
            continue;
        if (!map(bottom_of(slot)))
            return 0;
        used[slot] = true;
        return bottom_of(slot) + (uintptr_t)STACK_PAGES * PAGE_BYTES;
    }
    return 0;
}

void kstack_free(uintptr_t top)
{
    uintptr_t bottom = top - (uintptr_t)STACK_PAGES * PAGE_BYTES;

    if (!top)
        return;
    paging_unmap_and_free(bottom, STACK_PAGES);
    used[(bottom - LAYOUT_STACKS) / PAGE_BYTES / SLOT_PAGES] = false;
}
