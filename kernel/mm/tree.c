/* SPDX-License-Identifier: MIT */
/*
 * The tree of page tables: ways to an entry, shared and own.
 */
#include "mm/tree_private.h"

#include <string.h>

enum { MOST_SINGLE_FLUSHES = 32 };

void tree_look(const pvops_pte *root, uint64_t address, struct tree_look *out)
{
    const pvops_pte *table = root;

    *out = (struct tree_look){ .writable = true };
    for (unsigned level = LEVEL_ROOT; level > 1; level--) {
        pvops_pte value =
            pvops_mmu_read_entry(&table[entry_index(address, level)]);

        if (!(value & ENTRY_PRESENT)) {
            out->writable = false;
            if (!out->shared)
                out->tables = level - 1;
            return;
        }
        if (!(value & ENTRY_WRITE))
            out->writable = false;
        if (!out->writable && !out->shared &&
            frame_at(value & ENTRY_ADDRESS)->holders > 1) {
            out->shared = true;
            out->tables = level - 1;
        }
        table = tree_below(value);
    }
    out->entry = (pvops_pte *)&table[entry_index(address, 1)];
    out->value = pvops_mmu_read_entry(out->entry);
}

void tree_begin(struct tree_work *work, const struct areas *areas,
                pvops_pte *root)
{
    *work = (struct tree_work){ .areas = areas,
                                .root = root,
                                .flush_from = UINT64_MAX };
    pvops_mmu_begin_batch();
}

void tree_end(struct tree_work *work, bool active)
{
    if (active && work->flush_from < work->flush_to) {
        size_t pages = (work->flush_to - work->flush_from) / PAGE_BYTES;

        if (pages == 1)
            pvops_mmu_flush_page(work->flush_from);
        else if (pages <= MOST_SINGLE_FLUSHES)
            pvops_mmu_flush_range(work->flush_from, pages);
        else
            pvops_mmu_flush_asid(0);
    }
    pvops_mmu_end_batch();
    frame_return();
    reserve_drop(&work->reserve);
}

/* A table of one entry. */
static pvops_pte *new_table(struct tree_work *work, unsigned level,
                            unsigned index, pvops_pte value)
{
    pvops_pte *table = reserve_take(&work->reserve);
    struct frame *frame = frame_of(table);

    memset(table, 0, PAGE_BYTES);
    table[index] = pvops_mmu_make_entry(value);
    frame_begin_table(frame, 1);
    frame_add_entry(frame, index);
    pvops_mmu_alloc_table(level, layout_paddr(table));
    return table;
}

/* A branch with nothing but 'value' at its end. */
static pvops_pte *new_branch(struct tree_work *work, unsigned level,
                             uint64_t address, pvops_pte value)
{
    pvops_pte *table = new_table(work, 1, entry_index(address, 1), value);

    for (unsigned above = 2; above <= level; above++)
        table = new_table(work, above, entry_index(address, above),
                          entry_of_table(layout_paddr(table)));
    return table;
}

pvops_pte *tree_copy(struct tree_work *work, pvops_pte *old, unsigned level,
                     unsigned index, pvops_pte value)
{
    pvops_pte *table = reserve_take(&work->reserve);
    struct frame *frame = frame_of(table), *old_frame = frame_of(old);

    memset(table, 0, PAGE_BYTES);
    *frame = *old_frame;
    frame->holders = 1;
    frame->stale = false;
    for (unsigned i = old_frame->first; i <= old_frame->last; i++) {
        pvops_pte entry = pvops_mmu_read_entry(&old[i]);

        if (!entry)
            continue;
        if (entry & ENTRY_WRITE)
            old_frame->stale = true;
        if (i == index)
            continue;
        frame_at(entry & ENTRY_ADDRESS)->holders++;
        table[i] = pvops_mmu_make_entry(entry & ~ENTRY_WRITE);
    }
    if (index != TREE_NO_INDEX) {
        if (!pvops_mmu_read_entry(&old[index]))
            frame_add_entry(frame, index);
        table[index] = pvops_mmu_make_entry(value);
    }
    pvops_mmu_alloc_table(level, layout_paddr(table));
    return table;
}

/* Of this table and those below on the way to 'address'. */
static pvops_pte *copy_branch(struct tree_work *work, pvops_pte *old,
                              unsigned level, uint64_t address, pvops_pte value)
{
    unsigned index = entry_index(address, level);
    pvops_pte below;
    pvops_pte *table;

    if (level == 1)
        return tree_copy(work, old, level, index, value);
    below = pvops_mmu_read_entry(&old[index]);
    table =
        below ? copy_branch(work, tree_below(below), level - 1, address, value)
              : new_branch(work, level - 1, address, value);
    return tree_copy(work, old, level, index,
                     entry_of_table(layout_paddr(table)));
}

/* Above level 1: write bits to what is shared or stale go. */
static void clean_table(pvops_pte *table, unsigned except)
{
    struct frame *frame = frame_of(table);

    frame->stale = false;
    for (unsigned i = frame->first; i <= frame->last; i++) {
        pvops_pte entry = pvops_mmu_read_entry(&table[i]);
        const struct frame *below = frame_at(entry & ENTRY_ADDRESS);

        if (i != except && entry & ENTRY_WRITE &&
            (below->holders > 1 || below->stale))
            pvops_mmu_write_entry(&table[i], entry & ~ENTRY_WRITE);
    }
}

/*
 * What is shared is copied, with all that is below it on the way; what is not,
 * but was, gets its write bits back if 'value' has one.
 */
void tree_set(struct tree_work *work, uint64_t address, pvops_pte value)
{
    bool write = value & ENTRY_WRITE;
    pvops_pte *table = work->root;
    pvops_pte *entry;

    for (unsigned level = LEVEL_ROOT; level > 1; level--) {
        unsigned index = entry_index(address, level);
        struct frame *frame;
        pvops_pte above;

        entry = &table[index];
        above = pvops_mmu_read_entry(entry);
        if (!above) {
            frame_add_entry(frame_of(table), index);
            tree_hook(entry, level,
                      new_branch(work, level - 1, address, value));
            return;
        }
        table = tree_below(above);
        frame = frame_of(table);
        if (frame->holders > 1) {
            tree_hook(entry, level,
                      copy_branch(work, table, level - 1, address, value));
            frame->holders--;
            tree_flush_later(work, address, address + PAGE_BYTES);
            return;
        }
        if (!write)
            continue;
        index = entry_index(address, level - 1);
        if (frame->stale && level > 2)
            clean_table(table, index);
        else if (frame->stale)
            table = tree_level1_clean(work, entry,
                                      address & ~(entry_span(2) - 1), index);
        if (!(above & ENTRY_WRITE) && frame == frame_of(table))
            tree_hook(entry, level, table);
    }
    entry = &table[entry_index(address, 1)];
    if (!pvops_mmu_read_entry(entry))
        frame_add_entry(frame_of(table), entry_index(address, 1));
    pvops_mmu_write_entry(entry, value);
}

/*
 * A table is given back before those that it points to: it is an ordinary page
 * then, and its entries are read as such.
 */
void tree_drop(pvops_pte *table, unsigned level)
{
    struct frame *frame = frame_of(table);

    if (--frame->holders)
        return;
    pvops_mmu_release_table(level, layout_paddr(table));
    for (unsigned i = frame->first; i <= frame->last; i++) {
        pvops_pte entry = pvops_mmu_entry_value(table[i]);

        if (!entry)
            continue;
        if (level == 1)
            frame_put(frame_at(entry & ENTRY_ADDRESS));
        else
            tree_drop(tree_below(entry), level - 1);
    }
    frame_discard(frame);
}

bool tree_share(pvops_pte *to, pvops_pte *from)
{
    struct frame *frame = frame_of(from);
    bool taken = false;

    *frame_of(to) = *frame;
    for (unsigned i = frame->first; i <= frame->last; i++) {
        pvops_pte entry = pvops_mmu_read_entry(&from[i]);

        if (!entry)
            continue;
        frame_at(entry & ENTRY_ADDRESS)->holders++;
        if (entry & ENTRY_WRITE) {
            entry &= ~ENTRY_WRITE;
            pvops_mmu_write_root(&from[i], entry);
            taken = true;
        }
        pvops_mmu_write_root(&to[i], entry);
    }
    return taken;
}

void tree_clear(struct tree_work *work)
{
    struct frame *frame = frame_of(work->root);

    for (unsigned i = frame->first; i <= frame->last; i++) {
        pvops_pte entry = pvops_mmu_read_entry(&work->root[i]);

        if (!entry)
            continue;
        pvops_mmu_write_root(&work->root[i], 0);
        tree_drop(tree_below(entry), LEVEL_ROOT - 1);
    }
    frame_begin_table(frame, 0);
}
