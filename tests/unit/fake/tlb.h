/* SPDX-License-Identifier: MIT */
/*
 * A TLB: it remembers each translation, and the way to each table below a root,
 * apart by CPU and ASID, until a flush comes of which the architecture says
 * that it takes them. It takes nothing back by itself, not even where an access
 * failed.
 *
 * Source: Intel SDM volume 3, 4.10: what may be cached; 4.10.4.1: what each
 *         instruction takes, INVLPG and INVPCID all ways of that ASID too.
 */
#ifndef FAKE_TLB_H
#define FAKE_TLB_H

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_TLB_CPUS = 4, FAKE_TLB_LEVELS = 4, FAKE_TLB_ENTRIES = 16384 };

/* As INVPCID counts them. */
enum { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL, INVPCID_NOT_GLOBAL };

enum fake_access { FAKE_READ, FAKE_WRITE, FAKE_FETCH };

struct fake_tlb_entry {
    uint64_t number; /* of the page; of a way: of what its table maps */
    uint64_t paddr;  /* of the page, or the table */
    unsigned cpu, asid;
    bool global, write, execute; /* all entries on the way allow it */
};

struct fake_tlb_list {
    unsigned count;
    struct fake_tlb_entry *entries;
};

struct fake_tlb {
    unsigned levels, index_bits;
    /* What the CPU finds in the table at a physical address. */
    uint64_t (*read_entry)(uint64_t table, unsigned level, unsigned index);
    unsigned cpu; /* the one that runs */
    struct {
        uint64_t root;
        unsigned asid;
        bool pge, pcide; /* of CR4 */
    } cpus[FAKE_TLB_CPUS];
    /* [0]: translations; [N]: ways to tables of level N. */
    struct fake_tlb_list kept[FAKE_TLB_LEVELS];
};

extern struct fake_tlb fake_tlb;

/* Empty, all bits of CR4 clear. */
void fake_tlb_reset(unsigned levels, unsigned index_bits,
                    uint64_t (*read_entry)(uint64_t table, unsigned level,
                                           unsigned index));

/* False: a page fault. */
bool fake_tlb_access(uint64_t va, enum fake_access access, uint64_t *out_paddr);

/* What the CPU that runs does to the TLB by these. */
void fake_tlb_write_cr3(uint64_t value);
void fake_tlb_write_cr4(uint64_t value);
void fake_tlb_invlpg(uint64_t va);
void fake_tlb_invpcid(unsigned type, unsigned asid, uint64_t va);

#endif /* FAKE_TLB_H */
