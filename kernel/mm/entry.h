/* SPDX-License-Identifier: MIT */
/*
 * What is in an entry of a page table, and which one an address meets.
 *
 * Source: Intel SDM volume 3, 4.5.
 */
#ifndef PVK_MM_ENTRY_H
#define PVK_MM_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <pvops/mmu.h>

#include "core/pages.h"
#include "mm/space.h"

#define ENTRY_PRESENT    ((pvops_pte)1 << 0)
#define ENTRY_WRITE      ((pvops_pte)1 << 1)
#define ENTRY_USER       ((pvops_pte)1 << 2)
#define ENTRY_NO_EXECUTE ((pvops_pte)1 << 63)
#define ENTRY_ADDRESS    UINT64_C(0x000ffffffffff000)

enum {
    TABLE_ENTRIES = 512,
    INDEX_BITS = 9,
    PAGE_SHIFT = 12,
    LEVEL_ROOT = 4,
    /* Entries of a root: a program's, and the kernel's that every root has. */
    USER_SLOTS = 256,
    KERNEL_SLOT = 272,
};

/* How many bytes an entry of 'level' maps. */
static inline uint64_t entry_span(unsigned level)
{
    return UINT64_C(1) << (PAGE_SHIFT + (level - 1) * INDEX_BITS);
}

static inline unsigned entry_index(uint64_t address, unsigned level)
{
    return address >> (PAGE_SHIFT + (level - 1) * INDEX_BITS) &
           (TABLE_ENTRIES - 1);
}

/*
 * What forbids instructions to be fetched from a page: 0 if this CPU cannot.
 * Found by entry_setup(): under Xen PV the bit is Xen's to set and the CPU's
 * answer says it all; else EFER.NXE is set here.
 */
extern pvops_pte entry_no_execute;
void entry_setup(void);

/*
 * An entry of level 1 for the page at 'paddr'. Without any right it is absent
 * and keeps the page's address.
 */
static inline pvops_pte entry_of_page(pvops_paddr paddr, unsigned rights,
                                      bool writable)
{
    pvops_pte entry = paddr;

    if (rights)
        entry |= ENTRY_PRESENT | ENTRY_USER;
    if (rights && writable)
        entry |= ENTRY_WRITE;
    if (rights && !(rights & SPACE_EXEC))
        entry |= entry_no_execute;
    return entry;
}

/* An entry above: what is below may do everything its own entry allows. */
static inline pvops_pte entry_of_table(pvops_paddr paddr)
{
    return paddr | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER;
}

/* The bits that are ours: without accessed, dirty, or a hypervisor's. */
static inline pvops_pte entry_essence(pvops_pte entry)
{
    return entry & (ENTRY_ADDRESS | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER |
                    ENTRY_NO_EXECUTE);
}

#endif /* PVK_MM_ENTRY_H */
