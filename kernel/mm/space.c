/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: made, copied, ended; areas mapped, changed and taken out.
 */
#include "mm/space_private.h"

#include "arch/cpu.h"
#include "arch/paging.h"
#include "proc/errno.h"

enum { ALL_RIGHTS = SPACE_READ | SPACE_WRITE | SPACE_EXEC };

struct space *space_new(void)
{
    return space_take();
}

struct space *space_fork(struct space *space)
{
    struct space *child = space_take();

    if (!child)
        return NULL;
    if (!areas_copy(&child->areas, &space->areas)) {
        space_return(child);
        return NULL;
    }
    child->brk_start = space->brk_start;
    child->brk_end = space->brk_end;
    space->near_table = NULL;
    pvops_mmu_begin_batch();
    if (tree_share(child->root, space->root) && space_is_active(space))
        pvops_mmu_flush_asid(0);
    pvops_mmu_end_batch();
    return child;
}

void space_free(struct space *space)
{
    struct tree_work work;

    space_begin(space, &work);
    tree_clear(&work);
    tree_end(&work, false);
    areas_teardown(&space->areas);
    space_return(space);
}

void space_activate(struct space *space)
{
    struct percpu *cpu = this_cpu();

    if (space == cpu->space)
        return;
    cpu->space = space;
    pvops_mmu_write_cr3(
        layout_paddr(space ? space->root : paging_kernel_root()));
}

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

/* Whether a program may have [address, address + *bytes); rounds it up. */
static bool in_range(uint64_t address, uint64_t *bytes)
{
    if (address % PAGE_BYTES || address < SPACE_FIRST || address >= SPACE_END ||
        *bytes > SPACE_END - address)
        return false;
    *bytes = page_up(*bytes);
    return true;
}

/* [start, end) becomes free. -ENOMEM: nothing changed. */
static long take_out(struct space *space, uint64_t start, uint64_t end)
{
    struct tree_work work;

    if (areas_free(&space->areas, start, end))
        return 0;
    if (!areas_prepare(&space->areas,
                       areas_more_to_remove(&space->areas, start, end)))
        return -ENOMEM;
    space_begin(space, &work);
    if (!reserve_fill(&work.reserve,
                      tree_need(space->root, start, end, true))) {
        tree_end(&work, false);
        return -ENOMEM;
    }
    areas_remove(&space->areas, start, end);
    tree_follow(&work, start, end, true);
    tree_end(&work, space_is_active(space));
    return 0;
}

/* In place of what is there. */
static long put_in(struct space *space, const struct area *area)
{
    size_t more =
        1 + areas_more_to_remove(&space->areas, area->start, area->end);
    long result;

    if (!areas_prepare(&space->areas, more))
        return -ENOMEM;
    result = take_out(space, area->start, area->end);
    if (!result)
        areas_insert(&space->areas, area);
    return result;
}

long space_map(struct space *space, uint64_t address, uint64_t bytes,
               unsigned rights, const void *file, uint64_t file_bytes)
{
    struct area area = { .start = address, .rights = rights };

    if (!bytes || !in_range(address, &bytes) || rights & ~ALL_RIGHTS)
        return -EINVAL;
    area.end = address + bytes;
    if (file && file_bytes) {
        area.file = file;
        area.file_bytes = file_bytes < bytes ? file_bytes : bytes;
    }
    return put_in(space, &area);
}

long space_map_anywhere(struct space *space, uint64_t hint, uint64_t bytes,
                        unsigned rights)
{
    struct area area = { .start = hint, .rights = rights };
    long result;

    if (!bytes || rights & ~ALL_RIGHTS)
        return -EINVAL;
    if (bytes > SPACE_END)
        return -ENOMEM;
    bytes = page_up(bytes);
    if (!hint || !in_range(hint, &bytes) ||
        !areas_free(&space->areas, hint, hint + bytes)) {
        area.start =
            areas_find_room(&space->areas, SPACE_FIRST, SPACE_MMAP_TOP, bytes);
        area.apart = areas_is_big(bytes);
    }
    if (!area.start)
        area.start =
            areas_find_room(&space->areas, SPACE_FIRST, SPACE_END, bytes);
    if (!area.start)
        return -ENOMEM;
    area.end = area.start + bytes;
    result = put_in(space, &area);
    return result ? result : (long)area.start;
}

long space_unmap(struct space *space, uint64_t address, uint64_t bytes)
{
    if (!bytes || address % PAGE_BYTES || address > SPACE_END ||
        bytes > SPACE_END - address)
        return -EINVAL;
    return take_out(space, address, address + page_up(bytes));
}

/* What space_protect() changes in [start, end). */
struct change {
    bool write, less_write; /* the right to write; it is taken */
    bool other;
};

static struct change change_of(const struct areas *areas, uint64_t start,
                               uint64_t end, unsigned rights)
{
    struct change change = { 0 };

    for (size_t i = areas_from(areas, start);
         i < areas->count && areas->list[i].start < end; i++) {
        unsigned old = areas->list[i].rights, differ = old ^ rights;

        if (differ & SPACE_WRITE)
            change.write = true;
        if (differ & old & SPACE_WRITE)
            change.less_write = true;
        if (differ & SPACE_EXEC || (differ && (!old || !rights)))
            change.other = true;
    }
    return change;
}

long space_protect(struct space *space, uint64_t address, uint64_t bytes,
                   unsigned rights)
{
    struct tree_work work;
    struct change change;
    uint64_t end;
    size_t need;

    if (address % PAGE_BYTES || rights & ~ALL_RIGHTS)
        return -EINVAL;
    if (!bytes)
        return 0;
    if (!in_range(address, &bytes))
        return -ENOMEM;
    end = address + bytes;
    if (!areas_cover(&space->areas, address, end) ||
        !areas_prepare(&space->areas,
                       areas_more_to_set(&space->areas, address, end)))
        return -ENOMEM;
    change = change_of(&space->areas, address, end, rights);
    need = change.other ? tree_need(space->root, address, end, false) : 0;
    space_begin(space, &work);
    if (!reserve_fill(&work.reserve, need)) {
        tree_end(&work, false);
        return -ENOMEM;
    }
    areas_set_rights(&space->areas, address, end, rights);
    if (change.other)
        tree_follow(&work, address, end, false);
    else if (change.write)
        tree_follow_write(&work, address, end, change.less_write);
    tree_end(&work, space_is_active(space));
    return 0;
}

bool space_maps(const struct space *space, uint64_t address)
{
    return areas_at(&space->areas, address) != NULL;
}

void space_set_brk(struct space *space, uint64_t start)
{
    space->brk_start = space->brk_end = start;
}

long space_brk(struct space *space, uint64_t end)
{
    uint64_t old = page_up(space->brk_end), new = page_up(end);

    if (end < space->brk_start || end > SPACE_END)
        return (long)space->brk_end;
    if (new > old &&
        (!areas_free(&space->areas, old, new) ||
         space_map(space, old, new - old, SPACE_READ | SPACE_WRITE, NULL, 0)))
        return (long)space->brk_end;
    if (new < old && space_unmap(space, new, old - new))
        return (long)space->brk_end;
    space->brk_end = end;
    return (long)end;
}
