/* SPDX-License-Identifier: MIT */
/*
 * Spaces that have ended are kept, with their roots, for the next fork(): a
 * root that is given to a hypervisor anew is looked at entry by entry.
 */
#include "mm/space_private.h"

#include <stddef.h>

#include "arch/paging.h"
#include "core/heap.h"

enum { MOST_READY = 8 };

static struct space *ready;
static size_t ready_count;

/* Its lower half is empty; the upper one is the kernel's. */
static pvops_pte *new_root(void)
{
    const pvops_pte *kernel = paging_kernel_root();
    pvops_pte *root = pages_alloc_adjacent(pvops_mmu_root_pages());

    if (!root)
        return NULL;
    for (unsigned i = KERNEL_SLOT; i < TABLE_ENTRIES; i++) {
        pvops_pte value = pvops_mmu_read_entry(&kernel[i]);

        if (value)
            root[i] = pvops_mmu_make_entry(value);
    }
    pvops_mmu_alloc_table(LEVEL_ROOT, layout_paddr(root));
    frame_begin_table(frame_of(root), 0);
    return root;
}

static void free_root(pvops_pte *root)
{
    pvops_mmu_release_table(LEVEL_ROOT, layout_paddr(root));
    for (unsigned i = 0; i < pvops_mmu_root_pages(); i++)
        page_free((uint8_t *)root + (size_t)i * PAGE_BYTES);
}

static void destroy(struct space *space)
{
    free_root(space->root);
    heap_free(space);
}

struct space *space_take(void)
{
    struct space *space = ready;

    if (space) {
        ready = space->next;
        ready_count--;
        return space;
    }
    space = heap_alloc(sizeof(*space));
    if (!space)
        return NULL;
    space->root = new_root();
    if (!space->root) {
        heap_free(space);
        return NULL;
    }
    areas_setup(&space->areas);
    space->brk_start = space->brk_end = 0;
    space->row_end = 0;
    space->near_table = NULL;
    return space;
}

void space_return(struct space *space)
{
    if (ready_count == MOST_READY) {
        destroy(space);
        return;
    }
    space->brk_start = space->brk_end = 0;
    space->row_end = 0;
    space->next = ready;
    ready = space;
    ready_count++;
}

size_t space_pages_cached(void)
{
    return ready_count * pvops_mmu_root_pages();
}

void space_drop_cache(void)
{
    while (ready) {
        struct space *space = ready;

        ready = space->next;
        ready_count--;
        destroy(space);
    }
}
