/* SPDX-License-Identifier: MIT */
/*
 * Pages made when they are touched, and copied when they are written by one of
 * those that share them.
 */
#include "mm/space_private.h"

#include <string.h>

/* Source: Intel SDM volume 3, 4.7. */
enum { ERROR_WRITE = 1 << 1, ERROR_FETCH = 1 << 4 };

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

/* The entry can be stored as it is: its table is this space's own. */
static void set_in_place(const struct tree_look *look, pvops_pte value)
{
    if (!look->value) {
        const pvops_pte *table =
            (void *)((uintptr_t)look->entry & ~(uintptr_t)(PAGE_BYTES - 1));

        frame_add_entry(frame_of(table), (unsigned)(look->entry - table));
    }
    pvops_mmu_write_entry(look->entry, value);
}

/* False if there is no page for a table. */
static bool set(struct space *space, const struct tree_look *look,
                uint64_t address, pvops_pte value)
{
    bool other_page = look->value && (look->value ^ value) & ENTRY_ADDRESS;
    struct tree_work work;

    if (look->entry && !look->shared && !other_page &&
        (look->writable || !(value & ENTRY_WRITE))) {
        set_in_place(look, value);
        return true;
    }
    tree_begin(&work, &space->areas, space->root);
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

enum space_fault space_make_page(struct space *space, const struct area *area,
                                 uint64_t address, bool write)
{
    struct tree_look look;
    struct frame *old;
    void *page;

    address &= ~(uint64_t)(PAGE_BYTES - 1);
    tree_look(space->root, address, &look);
    old = frame_at(look.value & ENTRY_ADDRESS);
    if (look.value && (!write || (!look.shared && old->holders == 1)))
        return reach_again(space, &look, address, write);

    page = look.value ? copy_of(look.value) : first_page(area, address);
    if (!page)
        return SPACE_FAULT_NO_MEMORY;
    if (!set(space, &look, address,
             entry_of_page(layout_paddr(page), area->rights,
                           area->rights & SPACE_WRITE))) {
        page_free(page);
        return SPACE_FAULT_NO_MEMORY;
    }
    frame_of(page)->holders = 1;
    if (look.value && !look.shared)
        old->holders--;
    return SPACE_FAULT_DONE;
}

enum space_fault space_fault(struct space *space, uint64_t address,
                             uint64_t error)
{
    const struct area *area = areas_at(&space->areas, address);

    if (!area || !allows(area, error & ERROR_WRITE, error & ERROR_FETCH))
        return SPACE_FAULT_ILLEGAL;
    return space_make_page(space, area, address, error & ERROR_WRITE);
}
