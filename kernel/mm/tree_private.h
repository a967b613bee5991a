/* SPDX-License-Identifier: MIT */
/*
 * What the files of the tree share: tables of level 1, one at a time, and
 * copies.
 */
#ifndef PVK_MM_TREE_PRIVATE_H
#define PVK_MM_TREE_PRIVATE_H

#include "mm/tree.h"

static inline pvops_pte *tree_below(pvops_pte entry)
{
    return layout_va(entry & ENTRY_ADDRESS);
}

static inline void tree_store(pvops_pte *entry, unsigned level, pvops_pte value)
{
    if (level == LEVEL_ROOT)
        pvops_mmu_write_root(entry, value);
    else
        pvops_mmu_write_entry(entry, value);
}

/* The entry of 'level' leads to 'table' from now on. */
static inline void tree_hook(pvops_pte *entry, unsigned level,
                             const pvops_pte *table)
{
    tree_store(entry, level, entry_of_table(layout_paddr(table)));
}

static inline void tree_flush_later(struct tree_work *work, uint64_t from,
                                    uint64_t to)
{
    if (from < work->flush_from)
        work->flush_from = from;
    if (to > work->flush_to)
        work->flush_to = to;
}

/* Which entries of the table at 'base' are about [start, end), and used. */
static inline void tree_bounds(const struct frame *frame, unsigned level,
                               uint64_t base, uint64_t start, uint64_t end,
                               unsigned *out_first, unsigned *out_end)
{
    uint64_t span = entry_span(level);
    uint64_t first = start > base ? (start - base) / span : 0;
    uint64_t stop = (end - base + span - 1) / span;

    *out_first = first > frame->first ? (unsigned)first : frame->first;
    *out_end = stop <= frame->last ? (unsigned)stop : frame->last + 1u;
}

/* Whether [start, end) has all that the table of 'level' at 'base' holds. */
static inline bool tree_covers(const struct frame *frame, unsigned level,
                               uint64_t base, uint64_t start, uint64_t end)
{
    uint64_t span = entry_span(level);

    return start <= base + frame->first * span &&
           end >= base + (frame->last + UINT64_C(1)) * span;
}

/* One entry less points to this table: the last one was there. */
void tree_drop(pvops_pte *table, unsigned level);

/*
 * A copy of the table; its entry 'index', if that is one, becomes 'value'. The
 * caller hooks it, and takes one holder from the old one.
 */
pvops_pte *tree_copy(struct tree_work *work, pvops_pte *old, unsigned level,
                     unsigned index, pvops_pte value);
enum { TREE_NO_INDEX = TABLE_ENTRIES };

/*
 * level1.c. The table of level 1 at 'base', which 'above' points to, an entry
 * of level 2 in the table 'above_frame'.
 *
 * tree_level1_clean(): write bits go which the areas or further holders forbid,
 * but for 'except', which the caller stores. The table, or another in its
 * place.
 *
 * tree_level1_follow(): entries for [start, end) become what the areas say.
 */
pvops_pte *tree_level1_clean(struct tree_work *work, pvops_pte *above,
                             uint64_t base, unsigned except);
void tree_level1_follow(struct tree_work *work, pvops_pte *above,
                        struct frame *above_frame, uint64_t base,
                        uint64_t start, uint64_t end);

#endif /* PVK_MM_TREE_PRIVATE_H */
