/* SPDX-License-Identifier: MIT */
/*
 * A space's page tables: a tree that shares its branches with others.
 *
 * A table has as many holders as entries point to it (mm/frame.h). One with
 * several is changed by nobody: who wants to change something below it makes a
 * copy of it, and so of every table on the way down. What both then point to
 * has one holder more.
 *
 * Write bits. Let a table be clean if it is not marked stale. Then always
 *
 *   in a clean table, and in a root, an entry has a write bit only if what it
 *   points to has one holder, and is clean if it is a table, and at level 1
 *   only if the area allows writing.
 *
 * So from the root on nothing but write bits lead to what is this space's alone
 * to write. To share a branch it is enough to take one write bit above it;
 * those below stay as they are. A copy has no write bits, but what was copied
 * keeps its own, and becomes stale: when it has one holder left, and is to be
 * written below, its entries are looked at first (tree_set()). To take the
 * right to write from a whole table is, likewise, one write bit above, and
 * stale. Neither costs anything if nobody writes there again.
 *
 * The areas are the truth, the entries of level 1 follow: the calls below make
 * them what the areas say now. The other rights are exact at any time.
 *
 * What this needs: no other CPU uses the tables meanwhile (space_private.h), or
 * its TLB would have to be flushed before a table that was exchanged is freed;
 * one with several holders is changed by nobody, and may be used by several.
 * And nobody who reads accessed and dirty bits: a copy begins with those of the
 * moment, what the CPU sets in the old table afterwards is lost.
 */
#ifndef PVK_MM_TREE_H
#define PVK_MM_TREE_H

#include "mm/area.h"
#include "mm/entry.h"
#include "mm/frame.h"

/* One change of a space's tables, from tree_begin() to tree_end(). */
struct tree_work {
    const struct areas *areas;
    pvops_pte *root;
    struct reserve reserve;
    /* What the CPU must forget if it uses this space; none if empty. */
    uint64_t flush_from, flush_to;
};

/* What leads to an address. */
struct tree_look {
    pvops_pte *entry; /* of level 1; NULL: its table is missing */
    pvops_pte value;
    bool shared;     /* a table on the way has several holders */
    bool writable;   /* all the entries above have write bits */
    unsigned tables; /* how many must be made for an entry of one's own */
};
void tree_look(const pvops_pte *root, uint64_t address, struct tree_look *out);

/* Opens a batch; 'reserve' is filled by what follows, or by the caller. */
void tree_begin(struct tree_work *work, const struct areas *areas,
                pvops_pte *root);
/*
 * Flushes if 'active', ends the batch; pages that are free now, or were set
 * aside and not needed, go back.
 */
void tree_end(struct tree_work *work, bool active);

/*
 * The entry of level 1 for 'address' becomes 'value', in tables that are this
 * space's own. Takes as many pages of the reserve as tree_look() said. Who has
 * a page that the entry points or pointed to is the caller's to count: if the
 * table was shared, the old entry stays where it was.
 */
void tree_set(struct tree_work *work, uint64_t address, pvops_pte value);

/*
 * How many pages of the reserve tree_follow() takes; 'gone': there is no area
 * in [start, end) any more.
 */
size_t tree_need(const pvops_pte *root, uint64_t start, uint64_t end,
                 bool gone);
/* The entries for [start, end) become what the areas say. */
void tree_follow(struct tree_work *work, uint64_t start, uint64_t end,
                 bool gone);

/*
 * The same if nothing but the right to write was changed; 'less': somewhere it
 * was taken. Takes nothing of the reserve.
 */
void tree_follow_write(struct tree_work *work, uint64_t start, uint64_t end,
                       bool less);

/*
 * 'to', an empty root, gets all that 'from' has, shared; whether a write bit
 * of 'from' was taken and it must be flushed. Context: in a batch.
 */
bool tree_share(pvops_pte *to, pvops_pte *from);

/* All of it goes; the root stays, empty. */
void tree_clear(struct tree_work *work);

#endif /* PVK_MM_TREE_H */
