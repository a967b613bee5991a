/* SPDX-License-Identifier: MIT */
/*
 * The model's TLB: lists, of which a flush leaves what it need not take.
 */
#include "tlb.h"

#include <stdlib.h>
#include <string.h>

#include "pvtest.h"

#include "abi/x86.h"

#define PRESENT    UINT64_C(1)
#define WRITE      UINT64_C(2)
#define GLOBAL     UINT64_C(0x100)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS    UINT64_C(0x000ffffffffff000)
#define CR3_KEEP   (UINT64_C(1) << 63)

enum { PAGE_BITS = 12, PCID_MASK = 4095 };

struct fake_tlb fake_tlb;

void fake_tlb_reset(unsigned levels, unsigned index_bits,
                    uint64_t (*read_entry)(uint64_t table, unsigned level,
                                           unsigned index))
{
    static struct fake_tlb_entry entries[FAKE_TLB_LEVELS][FAKE_TLB_ENTRIES];

    memset(&fake_tlb, 0, sizeof(fake_tlb));
    fake_tlb.levels = levels;
    fake_tlb.index_bits = index_bits;
    fake_tlb.read_entry = read_entry;
    for (unsigned i = 0; i < FAKE_TLB_LEVELS; i++)
        fake_tlb.kept[i].entries = entries[i];
}

static unsigned asid(void)
{
    return fake_tlb.cpus[fake_tlb.cpu].asid;
}

/* In terms of what a table of 'level' maps; 0: pages. */
static uint64_t number_of(uint64_t va, unsigned level)
{
    return va >> (PAGE_BITS + level * fake_tlb.index_bits);
}

static const struct fake_tlb_entry *find(unsigned level, uint64_t va)
{
    const struct fake_tlb_list *list = &fake_tlb.kept[level];
    uint64_t number = number_of(va, level);

    for (unsigned i = list->count; i-- > 0;) {
        const struct fake_tlb_entry *entry = &list->entries[i];

        if (entry->number == number && entry->cpu == fake_tlb.cpu &&
            (entry->global || entry->asid == asid()))
            return entry;
    }
    return NULL;
}

static void keep(unsigned level, uint64_t va, const struct fake_tlb_entry *way)
{
    struct fake_tlb_list *list = &fake_tlb.kept[level];

    if (list->count == FAKE_TLB_ENTRIES)
        FAIL("the model's TLB is full");
    list->entries[list->count] = *way;
    list->entries[list->count++].number = number_of(va, level);
}

/* One level down; false: not present. */
static bool step(struct fake_tlb_entry *way, uint64_t va, unsigned level)
{
    unsigned index =
        number_of(va, level - 1) & ((1u << fake_tlb.index_bits) - 1);
    uint64_t value = fake_tlb.read_entry(way->paddr, level, index);

    if (!(value & PRESENT))
        return false;
    way->paddr = value & ADDRESS;
    way->write = way->write && value & WRITE;
    way->execute = way->execute && !(value & NO_EXECUTE);
    way->global =
        level == 1 && value & GLOBAL && fake_tlb.cpus[fake_tlb.cpu].pge;
    return true;
}

/* From the lowest table that is remembered. */
static bool walk(struct fake_tlb_entry *way, uint64_t va)
{
    const struct fake_tlb_entry *known = NULL;
    unsigned level = 1;

    while (level < fake_tlb.levels && !(known = find(level, va)))
        level++;
    if (known)
        *way = *known;
    else
        *way =
            (struct fake_tlb_entry){ .paddr = fake_tlb.cpus[fake_tlb.cpu].root,
                                     .cpu = fake_tlb.cpu,
                                     .asid = asid(),
                                     .write = true,
                                     .execute = true };
    for (; level > 0; level--) {
        if (!step(way, va, level))
            return false;
        keep(level - 1, va, way);
    }
    return true;
}

bool fake_tlb_access(uint64_t va, enum fake_access access, uint64_t *out_paddr)
{
    const struct fake_tlb_entry *entry = find(0, va);
    struct fake_tlb_entry new;

    if (!entry) {
        if (!walk(&new, va))
            return false;
        entry = &new;
    }
    *out_paddr = entry->paddr | (va & ((1u << PAGE_BITS) - 1));
    if (access == FAKE_WRITE)
        return entry->write;
    return access != FAKE_FETCH || entry->execute;
}

/* What of this CPU's one flush takes. */
struct taken {
    bool every_asid, global;
    unsigned asid;
    bool every_page;
    uint64_t page;
};

static void take(const struct taken *taken)
{
    for (unsigned level = 0; level < fake_tlb.levels; level++) {
        struct fake_tlb_list *list = &fake_tlb.kept[level];
        unsigned count = 0;

        for (unsigned i = 0; i < list->count; i++) {
            const struct fake_tlb_entry *entry = &list->entries[i];
            bool asids = entry->global
                             ? taken->global
                             : taken->every_asid || entry->asid == taken->asid;
            bool pages =
                level > 0 || taken->every_page || entry->number == taken->page;

            if (entry->cpu != fake_tlb.cpu || !asids || !pages)
                list->entries[count++] = *entry;
        }
        list->count = count;
    }
}

void fake_tlb_write_cr3(uint64_t value)
{
    struct taken taken = { .every_page = true };
    bool pcide = fake_tlb.cpus[fake_tlb.cpu].pcide;

    taken.asid = pcide ? value & PCID_MASK : 0;
    fake_tlb.cpus[fake_tlb.cpu].root = value & ADDRESS;
    fake_tlb.cpus[fake_tlb.cpu].asid = taken.asid;
    if (!pcide || !(value & CR3_KEEP))
        take(&taken);
}

void fake_tlb_write_cr4(uint64_t value)
{
    bool pge = value & X86_CR4_PGE, pcide = value & X86_CR4_PCIDE;
    bool pge_was = fake_tlb.cpus[fake_tlb.cpu].pge;
    bool pcide_was = fake_tlb.cpus[fake_tlb.cpu].pcide;

    if (pge != pge_was || (pcide_was && !pcide))
        fake_tlb_invpcid(INVPCID_ALL, 0, 0);
    fake_tlb.cpus[fake_tlb.cpu].pge = pge;
    fake_tlb.cpus[fake_tlb.cpu].pcide = pcide;
    if (!pcide)
        fake_tlb.cpus[fake_tlb.cpu].asid = 0;
}

void fake_tlb_invlpg(uint64_t va)
{
    take(&(struct taken){
        .asid = asid(), .global = true, .page = number_of(va, 0) });
}

void fake_tlb_invpcid(unsigned type, unsigned pcid, uint64_t va)
{
    take(&(struct taken){ .every_asid = type >= INVPCID_ALL,
                          .global = type == INVPCID_ALL,
                          .asid = pcid,
                          .every_page = type != INVPCID_ADDRESS,
                          .page = number_of(va, 0) });
}
