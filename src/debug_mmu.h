/* SPDX-License-Identifier: MIT */
/*
 * A build that checks the rules of pvops/mmu.h on bare metal (docs/mmu.md):
 * what its files share.
 *
 * For each page of RAM it is kept what it is, and how many entries of tables
 * that were given lead to it. A page beyond PVOPS_DEBUG_FRAMES is not checked.
 */
#ifndef PVOPS_DEBUG_MMU_H
#define PVOPS_DEBUG_MMU_H

#include "internal.h"

#if PVOPS_DEBUG_MMU

#ifdef __x86_64__
enum { PVI_LEVELS = 4, PVI_LEVEL_BITS = 9 };
#else
enum { PVI_LEVELS = 2, PVI_LEVEL_BITS = 10 };
#endif

enum {
    PVI_PAGE_BYTES = 4096,
    PVI_PAGE_BITS = 12,
    PVI_ENTRIES = 1 << PVI_LEVEL_BITS,
};

/* pvi_frame.is; a table is its level, 1 to PVI_LEVELS. */
enum {
    PVI_FRAME_ORDINARY = 0,
    PVI_FRAME_SECOND = 6,   /* page of a root */
    PVI_FRAME_RELEASED = 7, /* in a batch that has not ended */
};

struct pvi_frame {
    uint32_t entries;  /* that point to it as to a table */
    uint32_t writable; /* entries of level 1 that map it so */
    uint32_t active;   /* CPUs whose root it is */
    uint32_t is;
};

/* NULL: not checked. */
struct pvi_frame *pvi_debug_frame(pvops_paddr paddr);

static inline bool pvi_debug_is_table(const struct pvi_frame *frame)
{
    return frame->is >= 1 && frame->is <= PVI_FRAME_SECOND;
}

static inline pvops_paddr pvi_debug_address(pvops_pte value)
{
#ifdef __x86_64__
    return value & UINT64_C(0x000ffffffffff000);
#else
    return value & UINT32_C(0xfffff000);
#endif
}

/* Where an entry lies. */
struct pvi_place {
    unsigned level;
    pvops_paddr paddr;
};

/*
 * debug_mmu_rules.c: panics with the rule's name if 'value' may not be stored
 * there; then counts what it leads to. The other takes that back.
 */
void pvi_debug_check(const struct pvi_place *at, pvops_pte value);
void pvi_debug_count(const struct pvi_place *at, pvops_pte value);
void pvi_debug_uncount(const struct pvi_place *at, pvops_pte value);
/* Where CPUID says that physical addresses end. */
void pvi_debug_rules_setup(void);

/* debug_mmu_map.c: the active root, if it was given; else 0. */
pvops_paddr pvi_debug_active_root(void);
/* The level-1 entry of 'va' in the active tables, if they were given. */
pvops_pte *pvi_debug_find(uintptr_t va);
/* The mapping of a table at pvops_host_va(), which is the library's. */
void pvi_debug_protect(pvops_paddr table, bool writable);
/* Between the two, tables may be stored to. Interrupts are off. */
uintptr_t pvi_debug_open(void);
void pvi_debug_close(uintptr_t opened);

#endif

#endif /* PVOPS_DEBUG_MMU_H */
