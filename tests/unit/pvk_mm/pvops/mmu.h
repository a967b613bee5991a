/* SPDX-License-Identifier: MIT */
/*
 * In place of the library's: the ops that address spaces use are functions of
 * the model, with the same names and rules.
 */
#ifndef PVOPS_MMU_H
#define PVOPS_MMU_H

#include <stddef.h>
#include <stdint.h>

#include <pvops/types.h>

typedef uintptr_t pvops_pte;

void pvops_mmu_write_cr3(uintptr_t root);
pvops_pte pvops_mmu_read_entry(const pvops_pte *entry);
pvops_pte pvops_mmu_make_entry(pvops_pte value);
pvops_pte pvops_mmu_entry_value(pvops_pte stored);
void pvops_mmu_write_entry(pvops_pte *entry, pvops_pte value);
void pvops_mmu_write_root(pvops_pte *entry, pvops_pte value);
unsigned pvops_mmu_root_pages(void);
void pvops_mmu_alloc_table(uintptr_t level, uintptr_t table);
void pvops_mmu_release_table(uintptr_t level, uintptr_t table);
void pvops_mmu_begin_batch(void);
void pvops_mmu_end_batch(void);
void pvops_mmu_flush_page(uintptr_t address);
void pvops_mmu_flush_range(uintptr_t address, size_t pages);
void pvops_mmu_flush_asid(unsigned asid);

#endif /* PVOPS_MMU_H */
