/* SPDX-License-Identifier: MIT */
/*
 * Pages made when they are touched, and copied when they are written by one of
 * those that share them.
 *
 * Who touches one page after the other gets ever more at once: a fault is
 * dearer than a page, and all the entries go out in one batch.
 */
#include "mm/space_private.h"

#include <string.h>

/* Source: Intel SDM volume 3, 4.7. */
enum { ERROR_WRITE = 1 << 1, ERROR_FETCH = 1 << 4 };

/* Pages made at once at most; not if that would leave fewer than so many. */
enum { ROW_MOST = 16, ROW_LEAVES = 256 };

static bool allows(const struct area *area, bool write, bool fetch)
{
    if (write)
        return area->rights & SPACE_WRITE;
    if (fetch)
        return area->rights & SPACE_EXEC || !entry_no_execute;
    return area->rights;
}

/* A page as it is before it is touched, or NULL. */
static void *first_page(const struct area *area, uint64_t address)
{
    uint64_t offset = address - area->start;
    uint8_t *page;
    size_t bytes;

    if (offset >= area->file_bytes)
        return page_alloc();
    page = page_alloc_raw();
    if (!page)
        return NULL;
    bytes = area->file_bytes - offset < PAGE_BYTES
                ? (size_t)(area->file_bytes - offset)
                : PAGE_BYTES;
    memcpy(page, area->file + offset, bytes);
    memset(page + bytes, 0, PAGE_BYTES - bytes);
    return page;
}

static void *copy_of(pvops_pte value)
{
    void *page = page_alloc_raw();

    if (page)
        memcpy(page, layout_va(value & ENTRY_ADDRESS), PAGE_BYTES);
    return page;
}

/* As tree_look(); one level is enough where the last fault was. */
static void look_at(struct space *space, uint64_t address,
                    struct tree_look *look)
{
    uint64_t base = address & ~(entry_span(2) - 1);

    if (space->near_table && space->near_base == base) {
        *look = (struct tree_look){
            .entry = &space->near_table[entry_index(address, 1)],
            .writable = true,
        };
        look->value = pvops_mmu_read_entry(look->entry);
        return;
    }
    tree_look(space->root, address, look);
    if (look->entry && look->writable) {
        space->near_table = look->entry - entry_index(address, 1);
        space->near_base = base;
    }
}

/* Whether a page's entry can be stored as it is: its table is our own. */
static bool is_in_place(const struct tree_look *look, bool write)
{
    return look->entry && !look->shared && (look->writable || !write);
}

/* The entry was 0. */
static void fill_entry(pvops_pte *entry, pvops_pte value)
{
    const pvops_pte *table =
        (void *)((uintptr_t)entry & ~(uintptr_t)(PAGE_BYTES - 1));

    frame_add_entry(frame_of(table), (unsigned)(entry - table));
    pvops_mmu_write_entry(entry, value);
}

/* False if there is no page for a table. */
static bool set(struct space *space, const struct tree_look *look,
                uint64_t address, pvops_pte value)
{
    bool other_page = look->value && (look->value ^ value) & ENTRY_ADDRESS;
    struct tree_work work;

    if (!other_page && is_in_place(look, value & ENTRY_WRITE)) {
        if (look->value)
            pvops_mmu_write_entry(look->entry, value);
        else
            fill_entry(look->entry, value);
        return true;
    }
    space_begin(space, &work);
    if (!reserve_fill(&work.reserve, look->tables)) {
        tree_end(&work, false);
        return false;
    }
    tree_set(&work, address, value);
    if (other_page) {
        work.flush_from = address;
        work.flush_to = address + PAGE_BYTES;
    }
    tree_end(&work, space_is_active(space));
    return true;
}

/*
 * The page is there, and nobody else's if it is to be written. Its entry has
 * every right but perhaps that to write, or the CPU remembers another.
 */
static enum space_fault reach_again(struct space *space,
                                    const struct tree_look *look,
                                    uint64_t address, bool write)
{
    if (!write || (look->writable && look->value & ENTRY_WRITE)) {
        if (space_is_active(space))
            pvops_mmu_flush_page(address);
        return SPACE_FAULT_DONE;
    }
    return set(space, look, address, look->value | ENTRY_WRITE)
               ? SPACE_FAULT_DONE
               : SPACE_FAULT_NO_MEMORY;
}

/* How many pages to make from 'address' on, in one table of level 1. */
static unsigned row_from(struct space *space, const struct area *area,
                         uint64_t address)
{
    uint64_t most = (area->end - address) / PAGE_BYTES;
    unsigned count = 1;

    if (address == space->row_end && pages_left() > ROW_LEAVES)
        count = space->row_pages * 2;
    if (count > ROW_MOST)
        count = ROW_MOST;
    if (count > TABLE_ENTRIES - entry_index(address, 1))
        count = TABLE_ENTRIES - entry_index(address, 1);
    return count < most ? count : (unsigned)most;
}

/* The first of a row is touched; all are to be zero, and there is a table. */
static enum space_fault make_row(struct space *space, const struct area *area,
                                 uint64_t address, pvops_pte *entry)
{
    bool writable = area->rights & SPACE_WRITE;
    unsigned count = row_from(space, area, address), made = 0;

    if (count > 1)
        pvops_mmu_begin_batch();
    for (; made < count; made++, entry++) {
        void *page;

        if (made && pvops_mmu_read_entry(entry))
            break;
        page = page_alloc();
        if (!page)
            break;
        frame_of(page)->holders = 1;
        fill_entry(entry,
                   entry_of_page(layout_paddr(page), area->rights, writable));
    }
    if (count > 1)
        pvops_mmu_end_batch();
    if (!made)
        return SPACE_FAULT_NO_MEMORY;
    space->row_pages = made;
    space->row_end = address + (uint64_t)made * PAGE_BYTES;
    return SPACE_FAULT_DONE;
}

/* A page of its own at 'address', whatever leads there. */
static enum space_fault make_one(struct space *space, const struct area *area,
                                 const struct tree_look *look, uint64_t address)
{
    void *page = look->value ? copy_of(look->value) : first_page(area, address);

    if (!page)
        return SPACE_FAULT_NO_MEMORY;
    if (!set(space, look, address,
             entry_of_page(layout_paddr(page), area->rights,
                           area->rights & SPACE_WRITE))) {
        page_free(page);
        return SPACE_FAULT_NO_MEMORY;
    }
    frame_of(page)->holders = 1;
    if (look->value && !look->shared)
        frame_at(look->value & ENTRY_ADDRESS)->holders--;
    if (address != space->row_end)
        space->row_pages = 1;
    space->row_end = address + PAGE_BYTES;
    return SPACE_FAULT_DONE;
}

enum space_fault space_make_page(struct space *space, const struct area *area,
                                 uint64_t address, bool write)
{
    struct tree_look look;

    address &= ~(uint64_t)(PAGE_BYTES - 1);
    look_at(space, address, &look);
    if (look.value &&
        (!write ||
         (!look.shared && frame_at(look.value & ENTRY_ADDRESS)->holders == 1)))
        return reach_again(space, &look, address, write);
    if (!look.value && address - area->start >= area->file_bytes &&
        is_in_place(&look, area->rights & SPACE_WRITE))
        return make_row(space, area, address, look.entry);
    return make_one(space, area, &look, address);
}

enum space_fault space_fault(struct space *space, uint64_t address,
                             uint64_t error)
{
    const struct area *area = areas_at(&space->areas, address);

    if (!area || !allows(area, error & ERROR_WRITE, error & ERROR_FETCH))
        return SPACE_FAULT_ILLEGAL;
    return space_make_page(space, area, address, error & ERROR_WRITE);
}
