/* SPDX-License-Identifier: MIT */
/*
 * Tables of level 1: their entries follow the areas, one by one, or by another
 * table in place of the old one where that costs less.
 */
#include "mm/tree_private.h"

#include <string.h>

/*
 * When another table is put in place of the old one: if twice the changes are
 * more than what the old one holds, by so many. Counted under Xen PV (4.17): a
 * single store is about 720 instructions; another table 26,500, 420 for each
 * entry that it holds, and 120 less for each that is absent in it.
 */
enum { EXCHANGE_MORE = 56 };

/* What the entries of the table at hand shall be; see want(). */
static pvops_pte wanted[TABLE_ENTRIES];

struct changes {
    unsigned first, end; /* of wanted[] */
    unsigned count;      /* entries that change */
    unsigned removed;    /* of them: to 0 */
};

/* Whether what the CPU remembers of the old entry allows more than the new. */
static bool takes_away(pvops_pte old, pvops_pte new)
{
    if (!(old & ENTRY_PRESENT))
        return false;
    return (old & ~new &(ENTRY_PRESENT | ENTRY_WRITE)) ||
           (new & ~old &ENTRY_NO_EXECUTE) || (old ^ new) & ENTRY_ADDRESS;
}

static void note(struct changes *changes, unsigned index, pvops_pte old,
                 pvops_pte new)
{
    wanted[index] = new;
    if (old == new)
        return;
    changes->count++;
    if (!new)
        changes->removed++;
}

/* What the areas say of the entries for [start, end). */
static void want(struct changes *changes, const struct areas *areas,
                 const pvops_pte *table, uint64_t base, uint64_t start,
                 uint64_t end)
{
    const struct frame *frame = frame_of(table);
    bool shared = frame->holders > 1;
    size_t at;

    *changes = (struct changes){ 0 };
    tree_bounds(frame, 1, base, start, end, &changes->first, &changes->end);
    at = areas_from(areas, base + (uint64_t)changes->first * PAGE_BYTES);
    for (unsigned i = changes->first; i < changes->end; i++) {
        pvops_pte old = pvops_mmu_read_entry(&table[i]), new = 0;
        uint64_t address = base + (uint64_t)i * PAGE_BYTES;

        while (at < areas->count && areas->list[at].end <= address)
            at++;
        if (old && at < areas->count && areas->list[at].start <= address) {
            unsigned rights = areas->list[at].rights;
            bool own = !shared && frame_at(old & ENTRY_ADDRESS)->holders == 1;

            new = entry_of_page(old & ENTRY_ADDRESS, rights,
                                rights & SPACE_WRITE && own);
            if (new == entry_essence(old))
                new = old;
        }
        note(changes, i, old, new);
    }
}

/* Nothing but write bits that must go, and not that of 'except'. */
static void want_clean(struct changes *changes, const struct areas *areas,
                       const pvops_pte *table, uint64_t base, unsigned except)
{
    const struct frame *frame = frame_of(table);
    size_t at = areas_from(areas, base + (uint64_t)frame->first * PAGE_BYTES);

    *changes = (struct changes){ frame->first, frame->last + 1u, 0, 0 };
    for (unsigned i = frame->first; i <= frame->last; i++) {
        pvops_pte old = pvops_mmu_read_entry(&table[i]), new = old;
        uint64_t address = base + (uint64_t)i * PAGE_BYTES;

        while (at < areas->count && areas->list[at].end <= address)
            at++;
        if (i != except && old & ENTRY_WRITE &&
            (frame_at(old & ENTRY_ADDRESS)->holders > 1 || at == areas->count ||
             areas->list[at].start > address ||
             !(areas->list[at].rights & SPACE_WRITE)))
            new &= ~ENTRY_WRITE;
        note(changes, i, old, new);
    }
}

static void store_each(struct tree_work *work, pvops_pte *table, uint64_t base,
                       const struct changes *changes)
{
    struct frame *frame = frame_of(table);

    for (unsigned i = changes->first; i < changes->end; i++) {
        pvops_pte old = pvops_mmu_read_entry(&table[i]);
        uint64_t address = base + (uint64_t)i * PAGE_BYTES;

        if (old == wanted[i])
            continue;
        pvops_mmu_write_entry(&table[i], wanted[i]);
        if (takes_away(old, wanted[i]))
            tree_flush_later(work, address, address + PAGE_BYTES);
        if (!wanted[i]) {
            frame_put(frame_at(old & ENTRY_ADDRESS));
            frame_remove_entry(frame, i);
        }
    }
}

/* 'page' with what the entries of 'old' become; counts them for 'frame'. */
static void fill(struct tree_work *work, pvops_pte *page, struct frame *frame,
                 const pvops_pte *old, uint64_t base,
                 const struct changes *changes, pvops_pte keep)
{
    const struct frame *old_frame = frame_of(old);

    memset(page, 0, PAGE_BYTES);
    for (unsigned i = old_frame->first; i <= old_frame->last; i++) {
        pvops_pte value = pvops_mmu_read_entry(&old[i]), new = value &keep;
        uint64_t address = base + (uint64_t)i * PAGE_BYTES;

        if (i >= changes->first && i < changes->end)
            new = wanted[i];
        if (takes_away(value, new))
            tree_flush_later(work, address, address + PAGE_BYTES);
        if (!new)
            continue;
        page[i] = pvops_mmu_make_entry(new);
        frame_add_entry(frame, i);
    }
}

/* Whether it is worth it, and there is a page; the new table is not hooked. */
static pvops_pte *exchange(struct tree_work *work, pvops_pte *old,
                           uint64_t base, const struct changes *changes)
{
    struct frame *frame = frame_of(old);
    pvops_pte *table;

    if (changes->count * 2 < frame->held + (unsigned)EXCHANGE_MORE)
        return NULL;
    table = page_alloc_raw();
    if (!table)
        return NULL;
    frame_begin_table(frame_of(table), 1);
    frame_of(table)->stale = frame->stale;
    fill(work, table, frame_of(table), old, base, changes, ~(pvops_pte)0);
    for (unsigned i = changes->first; i < changes->end; i++) {
        pvops_pte value = wanted[i] ? 0 : pvops_mmu_read_entry(&old[i]);

        if (value)
            frame_put(frame_at(value & ENTRY_ADDRESS));
    }
    /* What the CPU remembers of the way to the old one must go too. */
    tree_flush_later(work, base, base + PAGE_BYTES);
    pvops_mmu_alloc_table(1, layout_paddr(table));
    return table;
}

static void retire(pvops_pte *table)
{
    pvops_mmu_release_table(1, layout_paddr(table));
    frame_discard(frame_of(table));
}

pvops_pte *tree_level1_clean(struct tree_work *work, pvops_pte *above,
                             uint64_t base, unsigned except)
{
    pvops_pte *table = tree_below(pvops_mmu_read_entry(above));
    struct changes changes;
    pvops_pte *other;

    want_clean(&changes, work->areas, table, base, except);
    frame_of(table)->stale = false;
    if (!changes.count)
        return table;
    other = exchange(work, table, base, &changes);
    if (!other) {
        store_each(work, table, base, &changes);
        return table;
    }
    tree_hook(above, 2, other);
    retire(table);
    return other;
}

/* The other holders keep the old one. */
static void follow_apart(struct tree_work *work, pvops_pte *above,
                         pvops_pte *old, uint64_t base,
                         const struct changes *changes)
{
    pvops_pte *table = reserve_take(&work->reserve);
    struct frame *frame = frame_of(table), *old_frame = frame_of(old);

    frame_begin_table(frame, 1);
    fill(work, table, frame, old, base, changes, ~ENTRY_WRITE);
    for (unsigned i = old_frame->first; i <= old_frame->last; i++) {
        pvops_pte value = pvops_mmu_read_entry(&old[i]);
        bool in = i >= changes->first && i < changes->end;

        if (!value || (in && !wanted[i]))
            continue;
        frame_at(value & ENTRY_ADDRESS)->holders++;
        if (value & ENTRY_WRITE)
            old_frame->stale = true;
    }
    pvops_mmu_alloc_table(1, layout_paddr(table));
    tree_hook(above, 2, table);
    old_frame->holders--;
    tree_flush_later(work, base, base + PAGE_BYTES);
}

void tree_level1_follow(struct tree_work *work, pvops_pte *above,
                        struct frame *above_frame, uint64_t base,
                        uint64_t start, uint64_t end)
{
    pvops_pte value = pvops_mmu_read_entry(above);
    pvops_pte *table = tree_below(value);
    struct frame *frame = frame_of(table);
    struct changes changes;
    pvops_pte *other;

    want(&changes, work->areas, table, base, start, end);
    if (!changes.count)
        return;
    if (changes.removed == frame->held) {
        pvops_mmu_write_entry(above, 0);
        frame_remove_entry(above_frame, entry_index(base, 2));
        tree_flush_later(work, base + (uint64_t)changes.first * PAGE_BYTES,
                         base + (uint64_t)changes.end * PAGE_BYTES);
        tree_drop(table, 1);
        return;
    }
    if (frame->holders > 1) {
        follow_apart(work, above, table, base, &changes);
        return;
    }
    other = exchange(work, table, base, &changes);
    if (!other) {
        store_each(work, table, base, &changes);
        return;
    }
    pvops_mmu_write_entry(above,
                          (value & ~ENTRY_ADDRESS) | layout_paddr(other));
    retire(table);
}
