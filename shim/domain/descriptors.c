/* SPDX-License-Identifier: MIT */
/*
 * GDT, LDT, TSS of each CPU.
 *
 * Source: Xen 4.17 xen/arch/x86/include/asm/config.h (the selectors);
 *         Intel SDM volume 3, 3.5 and 7.2.3.
 */
#include "domain/descriptors.h"

#include "abi/x86_gate.h"
#include "boot/map.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/memory.h"
#include "mm/table.h"

#include <x86/insn.h>
#include <x86/system.h>

enum { LDT_PAGES = 16, ENTRIES_A_PAGE = 512 };

#define CODE_0_64 0x00af9b000000ffffull
#define DATA_0    0x00cf93000000ffffull
#define CODE_3_32 0x00cffb000000ffffull
#define DATA_3    0x00cff3000000ffffull
#define CODE_3_64 0x00affb000000ffffull
/* Data, limit 0 in pages: its bits 16 on are of ID_SHIFT and above. */
#define ID       0x00c0930000000000ull
#define ID_SHIFT 4

static uint64_t *own_page(const struct vcpu *vcpu)
{
    return (uint64_t *)(SHIM_TABLES + (uint64_t)vcpu->id * TABLES_BYTES +
                        FIRST_RESERVED_GDT_PAGE * PAGE_BYTES);
}

static uint64_t *entry(const struct vcpu *vcpu, unsigned selector)
{
    return own_page(vcpu) + (selector - FIRST_RESERVED_GDT_ENTRY * 8) / 8;
}

static void set_system(uint64_t *at, uint64_t base, unsigned limit,
                       unsigned type)
{
    at[0] = limit | (base & 0xffffff) << 16 |
            (uint64_t)type << X86_DESCRIPTOR_TYPE_SHIFT |
            X86_DESCRIPTOR_PRESENT | (base >> 24 & 0xff) << 56;
    at[1] = base >> 32;
}

void descriptors_load(struct vcpu *vcpu)
{
    uint64_t base = SHIM_TABLES + (uint64_t)vcpu->id * TABLES_BYTES;
    struct x86_descriptor_table table = { SHIM_GDT_LAST - 1, base };

    *entry(vcpu, SHIM_CS) = CODE_0_64;
    *entry(vcpu, SHIM_SS) = DATA_0;
    *entry(vcpu, FLAT_RING3_CS32 & ~3) = CODE_3_32;
    *entry(vcpu, FLAT_RING3_SS64 & ~3) = DATA_3;
    *entry(vcpu, FLAT_RING3_CS64 & ~3) = CODE_3_64;
    *entry(vcpu, SHIM_ID) = ID | (uint64_t)vcpu->id << ID_SHIFT;
    set_system(entry(vcpu, SHIM_TSS), (uintptr_t)&vcpu->tss,
               sizeof(vcpu->tss) - 1, X86_TYPE_TSS_AVAILABLE);
    x86_lgdt(&table);
    x86_load_segments(SHIM_CS, SHIM_SS);
    __asm__ volatile("mov %0, %%fs\n\tmov %0, %%gs" : : "r"(0));
    x86_ltr(SHIM_TSS);
    __asm__ volatile("lldt %w0" : : "r"(0));
}

static void map_page(const struct vcpu *vcpu, unsigned page, uint64_t frame)
{
    uint64_t *at = map_tables_entry(vcpu->id, page);
    uint64_t address = SHIM_TABLES + (uint64_t)vcpu->id * TABLES_BYTES +
                       (uint64_t)page * PAGE_BYTES;

    *at = frame ? frame << PAGE_BITS | MAP_DATA : map_zero_page | MAP_READ;
    x86_invlpg(address);
}

static void put_frames(const uint64_t *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i])
            frame_put(list[i]);
    }
}

int descriptors_set_gdt(struct vcpu *vcpu, const uint64_t *frame_list,
                        unsigned entries)
{
    unsigned pages = (entries + ENTRIES_A_PAGE - 1) / ENTRIES_A_PAGE;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    lock_take(&mm_lock);
    for (unsigned i = 0; i < pages; i++) {
        if (frame_get(frame_list[i], FRAME_DESCRIPTORS) < 0) {
            put_frames(frame_list, i);
            lock_release(&mm_lock);
            return -XEN_EINVAL;
        }
    }
    put_frames(vcpu->gdt_frames, vcpu->gdt_frame_count);
    for (unsigned i = 0; i < FIRST_RESERVED_GDT_PAGE; i++) {
        vcpu->gdt_frames[i] = i < pages ? frame_list[i] : 0;
        map_page(vcpu, i, vcpu->gdt_frames[i]);
    }
    vcpu->gdt_frame_count = pages;
    vcpu->gdt_entries = entries;
    lock_release(&mm_lock);
    return 0;
}

/* 0: none that may be in an LDT. */
static uint64_t ldt_frame(uint64_t address)
{
    const uint64_t *at = table_find(vcpu_this()->kernel_root, address);
    uint64_t frame;

    if (!at || !(*at & X86_PTE_PRESENT))
        return 0;
    frame = (*at & X86_PTE_ADDRESS) >> PAGE_BITS;
    return frame_get(frame, FRAME_DESCRIPTORS) < 0 ? 0 : frame;
}

int descriptors_set_ldt(uint64_t base, unsigned entries)
{
    struct vcpu *vcpu = vcpu_this();
    unsigned pages = (entries + ENTRIES_A_PAGE - 1) / ENTRIES_A_PAGE;

    if (vcpu->ldt_base == base && vcpu->ldt_entries == entries)
        return 0;
    lock_take(&mm_lock);
    put_frames(vcpu->ldt_frames, LDT_PAGES);
    for (unsigned i = 0; i < LDT_PAGES; i++) {
        vcpu->ldt_frames[i] =
            i < pages ? ldt_frame(base + (uint64_t)i * PAGE_BYTES) : 0;
        map_page(vcpu, TABLES_LDT / PAGE_BYTES + i, vcpu->ldt_frames[i]);
    }
    lock_release(&mm_lock);
    vcpu->ldt_base = base;
    vcpu->ldt_entries = entries;
    if (entries)
        set_system(entry(vcpu, SHIM_LDT),
                   SHIM_TABLES + (uint64_t)vcpu->id * TABLES_BYTES + TABLES_LDT,
                   entries * 8 - 1, X86_TYPE_LDT);
    __asm__ volatile("lldt %w0" : : "r"(entries ? SHIM_LDT : 0));
    return 0;
}
