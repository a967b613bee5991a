/* SPDX-License-Identifier: MIT */
/*
 * Page tables mapped read-only, as Xen wants them, on bare metal.
 *
 * A loader's tables were not given, and may have large pages: while they are
 * active, nothing is made read-only. The first root that was given is right by
 * its own entries: none of them maps a table writable.
 */
#include "debug_mmu.h"

#if PVOPS_DEBUG_MMU

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include <x86/system.h>

pvops_paddr pvi_debug_active_root(void)
{
    pvops_paddr root;
    const struct pvi_frame *frame;

    if (!(x86_read_cr0() & X86_CR0_PG))
        return 0;
    root = pvi_debug_address(x86_read_cr3());
    frame = pvi_debug_frame(root);
    return frame && frame->is == PVI_LEVELS ? root : 0;
}

pvops_pte *pvi_debug_find(uintptr_t va)
{
    pvops_paddr table = pvi_debug_active_root();

    if (!table)
        return NULL;
    for (unsigned level = PVI_LEVELS;; level--) {
        unsigned shift = PVI_PAGE_BITS + (level - 1) * PVI_LEVEL_BITS;
        pvops_pte *entries = pvops_host_va(table);
        pvops_pte value;

        if (!entries)
            return NULL;
        entries += va >> shift & (PVI_ENTRIES - 1);
        value = *(volatile pvops_pte *)entries;
        if (!(value & X86_PTE_PRESENT))
            return NULL;
        if (level == 1)
            return entries;
        table = pvi_debug_address(value);
    }
}

/* CR0.WP is clear for some instructions of this CPU, interrupts being off. */
uintptr_t pvi_debug_open(void)
{
    uintptr_t cr0 = x86_read_cr0();

    if (cr0 & X86_CR0_WP)
        x86_write_cr0(cr0 & ~(uintptr_t)X86_CR0_WP);
    return cr0;
}

void pvi_debug_close(uintptr_t opened)
{
    if (opened & X86_CR0_WP)
        x86_write_cr0(opened);
}

void pvi_debug_protect(pvops_paddr table, bool writable)
{
    void *va = pvops_host_va(table);
    pvops_pte *entry = va ? pvi_debug_find((uintptr_t)va) : NULL;
    struct pvi_frame *frame = pvi_debug_frame(table);
    uintptr_t opened;

    if (!entry || !frame || pvi_debug_address(*entry) != table ||
        !(*entry & X86_PTE_WRITE) == !writable)
        return;
    opened = pvi_debug_open();
    (void)__atomic_fetch_xor(entry, (pvops_pte)X86_PTE_WRITE, __ATOMIC_SEQ_CST);
    pvi_debug_close(opened);
    x86_invlpg((uintptr_t)va);
    if (writable)
        (void)__atomic_fetch_add(&frame->writable, 1, __ATOMIC_RELAXED);
    else
        (void)__atomic_fetch_sub(&frame->writable, 1, __ATOMIC_RELAXED);
}

const char *pvops_mmu_explain_fault(uintptr_t address)
{
    const pvops_pte *entry = pvi_debug_find(address);
    const struct pvi_frame *frame;

    if (!entry)
        return NULL;
    frame = pvi_debug_frame(pvi_debug_address(*entry));
    if (!frame || frame->is == PVI_FRAME_ORDINARY)
        return NULL;
    return frame->is == PVI_FRAME_RELEASED ? "in-order" : "entry-by-op";
}

#endif
