/* SPDX-License-Identifier: MIT */
/*
 * A CPU that uses the tables, through the TLB of tests/unit/fake/tlb.h: it
 * remembers each translation, and the way to each table below the root, until
 * it is told to forget.
 */
#include "model.h"

#include <pvops/mmu.h>

#include "pvtest.h"
#include "tlb.h"

#include "arch/layout.h"
#include "arch/user.h"
#include "model_inside.h"

enum { LEVELS = 4, INDEX_BITS = 9 };

static uint64_t read_entry(uint64_t table, unsigned level, unsigned index)
{
    const pvops_pte *entries = layout_va(table);

    if (model_level(table) != level)
        FAIL("the CPU uses as a table of level %u what is none", level);
    return pvops_mmu_entry_value(entries[index]);
}

void model_cpu_setup(void)
{
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
}

void model_forget(uint64_t address, size_t pages)
{
    if (pages == MODEL_ALL) {
        fake_tlb_invpcid(INVPCID_CONTEXT, 0, 0);
        return;
    }
    for (; pages; pages--, address += MODEL_PAGE)
        fake_tlb_invlpg(address);
}

void pvops_mmu_write_cr3(uintptr_t root)
{
    if (model_level(root) != LEVELS)
        FAIL("given-first: CR3 is loaded with what is no root");
    fake_tlb_write_cr3(root);
}

uint64_t model_active_root(void)
{
    return fake_tlb.cpus[fake_tlb.cpu].root;
}

uint8_t *model_access(uint64_t address, enum model_access access)
{
    uint64_t paddr;

    if (!fake_tlb_access(address, (enum fake_access)access, &paddr))
        return NULL;
    if (!model_pages[paddr / MODEL_PAGE].used)
        FAIL("the program reaches a page that is free");
    if (model_level(paddr))
        FAIL("the program reaches a page table");
    return layout_va(paddr);
}

bool user_copy_in(void *to, uint64_t from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const uint8_t *byte = model_access(from + i, MODEL_READ);

        if (!byte)
            return false;
        ((uint8_t *)to)[i] = *byte;
    }
    return true;
}

bool user_copy_out(uint64_t to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t *byte = model_access(to + i, MODEL_WRITE);

        if (!byte)
            return false;
        *byte = ((const uint8_t *)from)[i];
    }
    return true;
}
