/* SPDX-License-Identifier: MIT */
/*
 * Where areas changed, the tables follow.
 */
#include "mm/tree_private.h"

/*
 * Where a table's entry lies, and what it leads to. Level 1 has its own file;
 * here 'level' is 2 or more.
 */
struct step {
    pvops_pte *entry;
    pvops_pte value;
    uint64_t base; /* of what the entry maps */
    pvops_pte *table;
    struct frame *frame; /* of that table */
};

static bool take_step(struct step *step, const pvops_pte *table, unsigned level,
                      uint64_t base, unsigned index)
{
    step->entry = (pvops_pte *)&table[index];
    step->value = pvops_mmu_read_entry(step->entry);
    if (!step->value)
        return false;
    step->base = base + index * entry_span(level);
    step->table = tree_below(step->value);
    step->frame = frame_of(step->table);
    return true;
}

static size_t need_below(const pvops_pte *table, unsigned level, uint64_t base,
                         uint64_t start, uint64_t end, bool gone, bool shared)
{
    unsigned first, stop;
    size_t need = 0;

    tree_bounds(frame_of(table), level, base, start, end, &first, &stop);
    for (unsigned i = first; i < stop; i++) {
        struct step step;
        bool apart;

        if (!take_step(&step, table, level, base, i) ||
            (gone && tree_covers(step.frame, level - 1, step.base, start, end)))
            continue;
        apart = shared || step.frame->holders > 1;
        need += apart;
        if (level > 2)
            need += need_below(step.table, level - 1, step.base, start, end,
                               gone, apart);
    }
    return need;
}

size_t tree_need(const pvops_pte *root, uint64_t start, uint64_t end, bool gone)
{
    return need_below(root, LEVEL_ROOT, 0, start, end, gone, false);
}

/*
 * What this table, of 'level', may be remembered for. One that is empty was
 * emptied just now: what its entries are flushed for takes the way to it too.
 */
static void flush_held(struct tree_work *work, const struct step *step,
                       unsigned level)
{
    uint64_t span = entry_span(level);

    if (step->frame->held)
        tree_flush_later(work, step->base + step->frame->first * span,
                         step->base + (step->frame->last + 1u) * span);
}

/* The entry becomes 0; what it led to has a holder less. */
static void unhook(struct tree_work *work, const struct step *step,
                   pvops_pte *table, unsigned level, unsigned index)
{
    tree_store(step->entry, level, 0);
    frame_remove_entry(frame_of(table), index);
    flush_held(work, step, level - 1);
    tree_drop(step->table, level - 1);
}

static void follow_below(struct tree_work *work, pvops_pte *table,
                         unsigned level, uint64_t base, uint64_t start,
                         uint64_t end, bool gone)
{
    unsigned first, stop;

    tree_bounds(frame_of(table), level, base, start, end, &first, &stop);
    for (unsigned i = first; i < stop; i++) {
        struct step step;

        if (!take_step(&step, table, level, base, i))
            continue;
        if (gone && tree_covers(step.frame, level - 1, step.base, start, end)) {
            unhook(work, &step, table, level, i);
            continue;
        }
        if (level == 2) {
            tree_level1_follow(work, step.entry, frame_of(table), step.base,
                               start, end);
            continue;
        }
        if (step.frame->holders > 1) {
            pvops_pte *own =
                tree_copy(work, step.table, level - 1, TREE_NO_INDEX, 0);

            tree_hook(step.entry, level, own);
            step.frame->holders--;
            step.table = own;
            step.frame = frame_of(own);
            tree_flush_later(work, step.base, step.base + PAGE_BYTES);
        }
        follow_below(work, step.table, level - 1, step.base, start, end, gone);
        if (!step.frame->held)
            unhook(work, &step, table, level, i);
    }
}

void tree_follow(struct tree_work *work, uint64_t start, uint64_t end,
                 bool gone)
{
    follow_below(work, work->root, LEVEL_ROOT, 0, start, end, gone);
}

/*
 * 'reached': write bits lead to this table. Where they do not, stores can wait
 * until they do again: stale says so.
 */
static void write_below(struct tree_work *work, pvops_pte *table,
                        unsigned level, uint64_t base, uint64_t start,
                        uint64_t end, bool less, bool reached)
{
    unsigned first, stop;

    tree_bounds(frame_of(table), level, base, start, end, &first, &stop);
    for (unsigned i = first; i < stop; i++) {
        struct step step;
        bool on;

        if (!take_step(&step, table, level, base, i))
            continue;
        on = reached && step.value & ENTRY_WRITE;
        if (!on && !less)
            continue;
        if (on && less &&
            tree_covers(step.frame, level - 1, step.base, start, end)) {
            tree_store(step.entry, level, step.value & ~ENTRY_WRITE);
            flush_held(work, &step, level - 1);
            on = false;
        }
        if (!on)
            step.frame->stale = true;
        if (level > 2)
            write_below(work, step.table, level - 1, step.base, start, end,
                        less, on);
        else if (on)
            tree_level1_follow(work, step.entry, frame_of(table), step.base,
                               start, end);
    }
}

void tree_follow_write(struct tree_work *work, uint64_t start, uint64_t end,
                       bool less)
{
    write_below(work, work->root, LEVEL_ROOT, 0, start, end, less, true);
}
