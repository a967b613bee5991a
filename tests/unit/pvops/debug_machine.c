/* SPDX-License-Identifier: MIT */
/*
 * The machine of debug_machine.h and its memory, which the host functions know.
 */
#include <pvops/config.h>

#if PVOPS_DEBUG_MMU
#include "debug_machine.h"

#include <string.h>

#include <x86/system.h>

#include "pc.h"

#include "abi/x86.h"

table memory[MEMORY] __attribute__((aligned(0x10000)));

pvops_paddr pvops_host_paddr(const void *va)
{
    uintptr_t offset = (uintptr_t)va - (uintptr_t)memory;

    return offset < sizeof(memory) ? BASE + offset : (uintptr_t)va;
}

void *pvops_host_va(pvops_paddr paddr)
{
    return paddr >= BASE && paddr - BASE < sizeof(memory)
               ? (char *)memory + (paddr - BASE)
               : NULL;
}

void debug_power_on(void)
{
    pc_reset();
    memset(memory, 0, sizeof(memory));
    pc_start();
}

void debug_give_tables(void)
{
    unsigned which = LOWEST;

    debug_power_on();
    for (unsigned i = 0; i < MEMORY; i++)
        *mapping(i) = at(i) | PRESENT | (i > LOWEST ? WRITE : 0);
    pvops_mmu_alloc_table(1, at(LOWEST));
    for (unsigned level = 2; level < LEVEL_ROOT; level++) {
        memory[which - 1][index_at(level)] = to_table(which);
        which--;
        pvops_mmu_alloc_table(level, at(which));
    }
    memory[ROOT][index_at(LEVEL_ROOT)] = to_table(which);
    pvops_mmu_alloc_table(LEVEL_ROOT, at(ROOT));
}

void debug_activate(void)
{
    pvops_mmu_write_cr3(at(ROOT));
    fake_system.cr0 = X86_CR0_PG | X86_CR0_WP;
}
#endif
