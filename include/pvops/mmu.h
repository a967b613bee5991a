/* SPDX-License-Identifier: MIT */
/*
 * Page tables: entries read and stored, the root, flushes.
 *
 * Tier full. Before pvops_setup() calling any of them panics with its name.
 * With PVOPS_FULL=0 none does: the hot ones are the plain instruction, the cold
 * ones call what bare metal does.
 *
 * The rules are the same everywhere and are those of 64-bit Xen PV:
 *  - An entry is read and stored by these ops only. What they take and give
 *    has the guest's own physical address in it.
 *  - pvops_host_paddr() can tell the physical address of where an entry lies.
 *  - A page is given to alloc_table(), zeroed or filled, before an entry
 *    points to it as to a table, and to release_table() after none does. In
 *    between it has no writable mapping (alloc_table sees to the one at
 *    pvops_host_va()).
 *  - Large and global pages only if pvops_caps() has PVOPS_CAP_LARGE_PAGES.
 *  - What is mapped is RAM of this kernel's, or the entry has
 *    PVOPS_PTE_MACHINE.
 *  - Above level 1, bit 2 (user) of a present entry may be read as set though
 *    it was stored clear. Bit 52 of a present entry is a hypervisor's.
 *  - What an entry that is not present holds is kept. Its bits 12 to 51 are a
 *    number below 2^30, or all set; bit 7 is set at level 1 only. (They are
 *    stored inverted: an entry that could lead a processor with the L1TF flaw
 *    to real memory may end the domain.)
 *  - x86-64: from 0xffff800000000000 to 0xffff87ffffffffff (slots 256 to 271 of
 *    a root) the address space is a hypervisor's. Those slots are not touched,
 *    nor copied from one root to another.
 */
#ifndef PVOPS_MMU_H
#define PVOPS_MMU_H

#include <pvops/site.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/* A page-table entry of any level: 64 bits on x86-64, 32 on i386 (no PAE). */
typedef uintptr_t pvops_pte;

/*
 * In a level-1 entry: the address is the machine's, of a device's registers or
 * of a page that a hypervisor lent. One of the bits that processors leave to
 * software; without Xen PV it means nothing.
 */
#define PVOPS_PTE_MACHINE ((pvops_pte)0x800)

/*
 * read_cr2, read_cr3 and read_entry are of the quick convention (site.h):
 * write them in assembly, or behind a thunk.
 */
struct pvops_mmu_table {
    PVOPS_OP_CALL uintptr_t (*read_cr2)(void);
    PVOPS_OP_CALL uintptr_t (*read_cr3)(void);
    PVOPS_OP_CALL void (*write_cr3)(uintptr_t root);
    PVOPS_OP_CALL pvops_pte (*read_entry)(const pvops_pte *entry);
    PVOPS_OP_CALL void (*write_entry)(pvops_pte *entry, pvops_pte value);
    PVOPS_OP_CALL void (*flush_page)(uintptr_t address);
    PVOPS_OP_CALL void (*flush_all)(void);
    PVOPS_OP_CALL void (*alloc_table)(unsigned level, pvops_paddr table);
    PVOPS_OP_CALL void (*release_table)(unsigned level, pvops_paddr table);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_mmu_table pvops_mmu_table;

/*
 * The address whose access raised the last page fault on this CPU.
 *
 * Class:   hot.
 * Context: the page-fault handler, before another fault can happen.
 * Native:  MOV from CR2.
 */
static inline uintptr_t pvops_mmu_read_cr2(void)
{
    uintptr_t value;

#if PVOPS_FULL
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "=a"(value)
                     : PVOPS_SITE_OP(mmu_read_cr2)
                     : "memory", "cc");
#else
    __asm__ volatile("mov %%cr2, %0" : "=r"(value) : : "memory");
#endif
    return value;
}

/*
 * The active root: its physical address, and the low flag bits of CR3.
 *
 * Class:   hot.
 * Context: any.
 * Native:  MOV from CR3.
 */
static inline uintptr_t pvops_mmu_read_cr3(void)
{
    uintptr_t value;

#if PVOPS_FULL
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "=a"(value)
                     : PVOPS_SITE_OP(mmu_read_cr3)
                     : "memory", "cc");
#else
    __asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
#endif
    return value;
}

/*
 * Activate the address space of 'root', a table of the top level.
 *
 * Class:   hot, C's convention.
 * Context: preemption off.
 * Native:  MOV to CR3.
 */
static inline void pvops_mmu_write_cr3(uintptr_t root)
{
#if PVOPS_FULL
#ifdef __x86_64__
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "+D"(root)
                     : PVOPS_SITE_OP(mmu_write_cr3)
                     : "rax", "rsi", PVOPS_C_CLOBBERS);
#else
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "+a"(root)
                     : PVOPS_SITE_OP(mmu_write_cr3)
                     : "edx", "ecx", PVOPS_C_CLOBBERS);
#endif
#else
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
#endif
}

/*
 * The value of an entry of any level.
 *
 * Class:   hot.
 * Context: any.
 * Native:  MOV.
 */
static inline pvops_pte pvops_mmu_read_entry(const pvops_pte *entry)
{
#if PVOPS_FULL
    pvops_pte value;

#ifdef __x86_64__
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "=a"(value)
                     : PVOPS_SITE_OP(mmu_read_entry), "D"(entry)
                     : "memory", "cc");
#else
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "=a"(value)
                     : PVOPS_SITE_OP(mmu_read_entry), "a"(entry)
                     : "memory", "cc");
#endif
    return value;
#else
    return *(const volatile pvops_pte *)entry;
#endif
}

/*
 * Store an entry of any level. The TLB is not flushed.
 *
 * Class:   hot, C's convention.
 * Context: any but NMI.
 * Native:  MOV.
 */
static inline void pvops_mmu_write_entry(pvops_pte *entry, pvops_pte value)
{
#if PVOPS_FULL
#ifdef __x86_64__
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "+D"(entry), "+S"(value)
                     : PVOPS_SITE_OP(mmu_write_entry)
                     : "rax", PVOPS_C_CLOBBERS);
#else
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")
                     : "+a"(entry), "+d"(value)
                     : PVOPS_SITE_OP(mmu_write_entry)
                     : "ecx", PVOPS_C_CLOBBERS);
#endif
#else
    *(volatile pvops_pte *)entry = value;
#endif
}

/*
 * Forget the translation of one address on this CPU, global ones too.
 *
 * Class:   cold.
 * Context: preemption off.
 * Native:  INVLPG.
 */
static inline void pvops_mmu_flush_page(uintptr_t address)
{
    pvops_mmu_table.flush_page(address);
}

/*
 * Forget every translation on this CPU, global ones too.
 *
 * Class:   cold.
 * Context: preemption off.
 * Native:  CR4.PGE changed and changed back: every PCID; CR3 written where
 *          the CPU has no global pages.
 */
static inline void pvops_mmu_flush_all(void)
{
    pvops_mmu_table.flush_all();
}

/*
 * The page at 'table' becomes a page table of 'level' (1: its entries map
 * pages; 4, or 2 on i386: a root). Its entries are zero, or point to tables
 * that were given before.
 *
 * Class:   cold.
 * Native:  nothing.
 */
static inline void pvops_mmu_alloc_table(unsigned level, pvops_paddr table)
{
    pvops_mmu_table.alloc_table(level, table);
}

/* It becomes an ordinary, writable page again. Class: cold. */
static inline void pvops_mmu_release_table(unsigned level, pvops_paddr table)
{
    pvops_mmu_table.release_table(level, table);
}

PVOPS_END_DECLS

#endif /* PVOPS_MMU_H */
