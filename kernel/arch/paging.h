/* SPDX-License-Identifier: MIT */
/*
 * pvk's page tables. Every entry is read and stored by libpvops.
 */
#ifndef PVK_ARCH_PAGING_H
#define PVK_ARCH_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include <pvops/mmu.h>

#include "boot/boot.h"

#define PAGING_WRITE  1u
#define PAGING_DEVICE 2u /* uncached; under Xen PV the machine's address */

/*
 * RAM below 64 MiB is in the direct map (arch/layout.h), or below what the
 * command line says ("ram=MIB"); the kernel's text and constants read-only. It
 * goes to core/pages.c if it is free. Tables of pvk's own; under Xen PV those
 * that its builder made, extended.
 *
 * Context: after pvops_setup(), before pvops_cpu_setup(), once.
 */
void paging_setup(const struct boot *boot);
bool paging_is_set_up(void);

/*
 * The root that has the kernel's mappings and no program's. On x86-64 the roots
 * of processes copy its slots 272 to 511 once: each that the kernel ever uses
 * has its table of level 3, and keeps it. Context: after paging_setup().
 */
pvops_pte *paging_kernel_root(void);

/*
 * One page at 'va', in the kernel's root. Panics if there is no page for a
 * table.
 */
void paging_map(uintptr_t va, pvops_paddr paddr, unsigned flags);
void paging_protect(uintptr_t va, bool writable);
void paging_unmap(uintptr_t va);
/* Its entry, for a check that changes it by itself and flushes itself. */
pvops_pte *paging_entry(uintptr_t va);
bool paging_is_writable(uintptr_t va);
/* All of them are mapped; no CPU knows them any more when they go back. */
void paging_unmap_and_free(uintptr_t va, size_t pages);

/*
 * PVOPS_TRAMPOLINE_PAGES below 1 MiB that nobody else is given; 0: there are
 * none. Context: after paging_setup().
 */
extern pvops_paddr paging_trampoline;

/*
 * Make the tables for [va, va + bytes), so that mapping a page there never
 * needs one.
 */
void paging_prepare(uintptr_t va, size_t bytes);

/* False if nothing is mapped at 'va'. */
bool paging_translate(uintptr_t va, pvops_paddr *out_paddr);

/* For space.c: a root that is not active yet, and which is the kernel's. */
pvops_pte *paging_new_root(void);
void paging_use_root(pvops_pte *root);
void paging_map_in(pvops_pte *root, uintptr_t va, pvops_paddr paddr,
                   unsigned flags);
void paging_prepare_in(pvops_pte *root, uintptr_t va, size_t bytes);
/* Of those that are made here. */
bool paging_is_table(pvops_paddr paddr);

#endif /* PVK_ARCH_PAGING_H */
