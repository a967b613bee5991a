/* SPDX-License-Identifier: MIT */
/*
 * Page tables: entries read and stored, the root, flushes.
 *
 * Tier full. Before pvops_setup() calling any of them panics with its name.
 * With PVOPS_FULL=0 none does: the hot ones are the plain instruction, the cold
 * ones call what bare metal does.
 *
 * The rules are the same everywhere and are those of 64-bit Xen PV. Each has a
 * name, by which a build with PVOPS_DEBUG_MMU complains of a violation, on bare
 * metal too:
 *
 *  entry-by-op   An entry of a table that was given to alloc_table() is read
 *                and stored by these ops only. What they take and give has the
 *                guest's own physical address in it.
 *  given-first   A page is given to alloc_table() before an entry points to it
 *                as to a table, and to release_table() after none does. Before
 *                it is given it is an ordinary page: zeroed, or filled by
 *                ordinary stores of what make_entry() gives.
 *  read-only     In between nothing maps it writable, unless pvops_caps() has
 *                PVOPS_CAP_WRITABLE_TABLES: then what the ops are given is a
 *                writable mapping. alloc_table() and release_table() see to the
 *                one at pvops_host_va() in the active tables; others, and those
 *                in tables that are yet to be activated, are yours.
 *  own-level     An entry of level N points to a table given as of level N - 1.
 *  root-by-op    An entry of the top level is stored by write_root(). A root is
 *                pvops_mmu_root_pages() adjacent pages, of which only the first
 *                is read and stored; it is released when it is not the active
 *                one of any CPU.
 *  small-page    Large and global pages only if pvops_caps() has
 *                PVOPS_CAP_LARGE_PAGES.
 *  ram-or-device What is mapped is RAM of this kernel's, or the entry has
 *                PVOPS_PTE_MACHINE.
 *  absent-value  What an entry that is not present holds is kept. Its bits 12
 *                to 51 are a number below 2^30, or all set; bit 7 is set at
 *                level 1 only. (They are stored inverted: an entry that could
 *                lead a processor with the L1TF flaw to real memory may end the
 *                domain.)
 *  own-slots     x86-64: from 0xffff800000000000 to 0xffff87ffffffffff (slots
 *                256 to 271 of a root) the address space is a hypervisor's.
 *                Those slots are not touched, nor copied from one root to
 *                another.
 *  in-order      end_batch() follows a begin_batch(). Between them no entry is
 *                read that was stored there, and nothing is written in a page
 *                that was released there.
 *
 * pvops_host_paddr() can tell the physical address of where an entry lies.
 * Above level 1, bit 2 (user) of a present entry may be read as set though it
 * was stored clear. Bit 52 of a present entry is a hypervisor's. Under Xen PV
 * user mode runs on a root of its own, with slots 0 to 255 only: that alone
 * keeps the kernel from it. So what user mode shall not reach has its place in
 * slots 272 to 511.
 *
 * A whole table is dearer to change entry by entry than to exchange: fill a
 * page, give it, store the one entry above it, release the old one. What the
 * CPU sets in the old one meanwhile (accessed, dirty) is lost, and what another
 * CPU's TLB has of it is there until it is flushed: do so for tables that no
 * CPU uses meanwhile, or whose accessed and dirty bits you do not need.
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
 * Two arguments of a hot op: on i386 the second one comes first, in EAX, and
 * read_cr2 and read_cr3 are of C's convention, both as in VMI's calls: a ROM is
 * reached in fewer instructions. Not for direct use but PVOPS_MMU_ORDER, with
 * which the ops' pointers are called.
 */
#ifdef __x86_64__
#define PVOPS_MMU_ORDER(first, second) first, second
#define PVOPS_MMU_SITE_2(op, first, second)                                    \
    PVOPS_SITE_2("pvops_mmu_table", op, first, second)
#define PVOPS_MMU_SITE_CR(op, result)                                          \
    PVOPS_QUICK_SITE_0("pvops_mmu_table", op, result)
#else
#define PVOPS_MMU_ORDER(first, second) second, first
#define PVOPS_MMU_SITE_2(op, first, second)                                    \
    PVOPS_SITE_2("pvops_mmu_table", op, second, first)
#define PVOPS_MMU_SITE_CR(op, result)                                          \
    __asm__ volatile(PVOPS_SITE_CALL("pvops_mmu_table")                        \
                     : "=a"(result)                                            \
                     : PVOPS_SITE_OP(op)                                       \
                     : PVOPS_C_CLOBBERS_1)
#endif

/*
 * read_entry, make_entry and entry_value are of the quick convention (site.h),
 * on x86-64 read_cr2 and read_cr3 too: write them in assembly, or behind a
 * thunk.
 */
struct pvops_mmu_table {
    PVOPS_OP_CALL uintptr_t (*read_cr2)(void);
    PVOPS_OP_CALL uintptr_t (*read_cr3)(void);
    PVOPS_OP_CALL void (*write_cr3)(uintptr_t root);
    PVOPS_OP_CALL pvops_pte (*read_entry)(const pvops_pte *entry);
    PVOPS_OP_CALL pvops_pte (*make_entry)(pvops_pte value);
    PVOPS_OP_CALL pvops_pte (*entry_value)(pvops_pte stored);
    PVOPS_OP_CALL void (*write_entry)(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                      pvops_pte value));
    PVOPS_OP_CALL void (*write_root)(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                     pvops_pte value));
    PVOPS_OP_CALL void (*alloc_table)(PVOPS_MMU_ORDER(uintptr_t level,
                                                      uintptr_t table));
    PVOPS_OP_CALL void (*release_table)(PVOPS_MMU_ORDER(uintptr_t level,
                                                        uintptr_t table));
    PVOPS_OP_CALL void (*begin_batch)(void);
    PVOPS_OP_CALL void (*end_batch)(void);
    PVOPS_OP_CALL void (*flush_page)(uintptr_t address);
    PVOPS_OP_CALL void (*flush_range)(uintptr_t address, size_t pages);
    PVOPS_OP_CALL void (*flush_asid)(unsigned asid);
    PVOPS_OP_CALL void (*flush_all)(void);
    PVOPS_OP_CALL void (*modify_entry)(pvops_pte *entry, pvops_pte value);
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
    PVOPS_MMU_SITE_CR(mmu_read_cr2, value);
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
    PVOPS_MMU_SITE_CR(mmu_read_cr3, value);
#else
    __asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
#endif
    return value;
}

/*
 * Activate the address space of 'root': the physical address of a table of the
 * top level, and the low flag bits of CR3 (with CR4.PCIDE its ASID), which Xen
 * PV ignores. Ends a batch.
 *
 * Class:   hot, C's convention.
 * Context: preemption off.
 * Native:  MOV to CR3: without CR4.PCIDE every translation is forgotten but
 *          the global ones; with it those of that ASID.
 */
static inline void pvops_mmu_write_cr3(uintptr_t root)
{
#if PVOPS_FULL
    PVOPS_SITE_1("pvops_mmu_table", mmu_write_cr3, root);
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

    PVOPS_QUICK_SITE_1("pvops_mmu_table", mmu_read_entry, value, entry,
                       "memory", "cc");
    return value;
#else
    return *(const volatile pvops_pte *)entry;
#endif
}

/*
 * What is stored for 'value', and the value of what is stored: to fill a page
 * by ordinary stores before it is given to alloc_table(), and to read one.
 *
 * Class:   hot.
 * Context: any.
 * Native:  nothing; MOV from one register to another.
 */
static inline pvops_pte pvops_mmu_make_entry(pvops_pte value)
{
#if PVOPS_FULL
    pvops_pte stored;

    PVOPS_QUICK_SITE_1("pvops_mmu_table", mmu_make_entry, stored, value, "cc");
    return stored;
#else
    return value;
#endif
}

/* As above. */
static inline pvops_pte pvops_mmu_entry_value(pvops_pte stored)
{
#if PVOPS_FULL
    pvops_pte value;

    PVOPS_QUICK_SITE_1("pvops_mmu_table", mmu_entry_value, value, stored, "cc");
    return value;
#else
    return stored;
#endif
}

/*
 * Store an entry of any level but the top. The TLB is not flushed. In a batch
 * it may be stored at its end only.
 *
 * Class:   hot, C's convention.
 * Context: any but NMI; in a batch that CPU's own code, not a handler that
 *          interrupts it.
 * Native:  MOV.
 */
static inline void pvops_mmu_write_entry(pvops_pte *entry, pvops_pte value)
{
#if PVOPS_FULL
    PVOPS_MMU_SITE_2(mmu_write_entry, entry, value);
#else
    *(volatile pvops_pte *)entry = value;
#endif
}

/*
 * The same for an entry of the top level.
 *
 * Class:   hot, C's convention.
 * Context: as write_entry.
 * Native:  MOV.
 */
static inline void pvops_mmu_write_root(pvops_pte *entry, pvops_pte value)
{
#if PVOPS_FULL
    PVOPS_MMU_SITE_2(mmu_write_root, entry, value);
#else
    *(volatile pvops_pte *)entry = value;
#endif
}

/*
 * Store an entry of level 1 that is present and stays so, at the same page:
 * other rights. What the CPU sets meanwhile (accessed, dirty) is kept.
 *
 * Class:   cold.
 * Context: as write_entry.
 * Native:  LOCK CMPXCHG until nothing came between.
 */
static inline void pvops_mmu_modify_entry(pvops_pte *entry, pvops_pte value)
{
    pvops_mmu_table.modify_entry(entry, value);
}

#if PVOPS_DEBUG_MMU
/*
 * The name of the rule that a store to 'address' breaks, which raised a page
 * fault; or NULL, if none is known. For the handler's message.
 *
 * Context: the page-fault handler.
 */
const char *pvops_mmu_explain_fault(uintptr_t address);
#else
/* Nothing is checked. */
static inline const char *pvops_mmu_explain_fault(uintptr_t address)
{
    (void)address;
    return NULL;
}
#endif

/*
 * How many adjacent pages a root is: 1, or 2, the second being the library's,
 * zeroed when the root is given. Context: after pvops_setup().
 */
unsigned pvops_mmu_root_pages(void);

/*
 * The page at physical 'table' becomes a page table of 'level' (1: its entries
 * map pages; 4, or 2 on i386: a root). Its entries are zero, or made by
 * make_entry(); above level 1 they point to tables that were given before.
 *
 * Class:   hot, C's convention.
 * Context: as write_entry.
 * Native:  nothing.
 */
static inline void pvops_mmu_alloc_table(uintptr_t level, uintptr_t table)
{
#if PVOPS_FULL
    PVOPS_MMU_SITE_2(mmu_alloc_table, level, table);
#else
    (void)level;
    (void)table;
#endif
}

/*
 * It becomes an ordinary, writable page again; what is in it stays as it was.
 * No entry points to it any more. Class, context and native as alloc_table.
 */
static inline void pvops_mmu_release_table(uintptr_t level, uintptr_t table)
{
#if PVOPS_FULL
    PVOPS_MMU_SITE_2(mmu_release_table, level, table);
#else
    (void)level;
    (void)table;
#endif
}

/*
 * From here to the matching end_batch() what the ops of this chapter, and
 * pvops_cpu_set_kernel_stack(), do may be delayed: neither the CPU nor
 * read_entry() need see it, and a page that is released is writable from its
 * end on. Batches nest; the outermost end does everything, in few hypercalls:
 * flushes last, all else in order. write_cr3() does everything and ends all
 * batches of this CPU, so that none outlives a context switch: the end_batch()
 * that is left over then does nothing.
 *
 * Class:   hot, C's convention.
 * Context: preemption off, or write_cr3() at every switch.
 * Native:  nothing.
 */
static inline void pvops_mmu_begin_batch(void)
{
#if PVOPS_FULL
    PVOPS_SITE_0("pvops_mmu_table", mmu_begin_batch);
#endif
}

/* As above. */
static inline void pvops_mmu_end_batch(void)
{
#if PVOPS_FULL
    PVOPS_SITE_0("pvops_mmu_table", mmu_end_batch);
#endif
}

/*
 * Forget the translation of one address on this CPU: of the active ASID, and
 * a global one.
 *
 * Class:   hot, C's convention.
 * Context: preemption off.
 * Native:  INVLPG.
 */
static inline void pvops_mmu_flush_page(uintptr_t address)
{
#if PVOPS_FULL
    PVOPS_SITE_1("pvops_mmu_table", mmu_flush_page, address);
#else
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
#endif
}

/*
 * The same for 'pages' pages of 4 KiB from 'address' on.
 *
 * Class:   cold.
 * Context: preemption off.
 * Native:  INVLPG for each; beyond 32 pages as flush_all.
 */
static inline void pvops_mmu_flush_range(uintptr_t address, size_t pages)
{
    pvops_mmu_table.flush_range(address, pages);
}

/*
 * Forget every translation of one ASID on this CPU but the global ones. 0 is
 * the ASID without CR4.PCIDE, and there is no other then.
 *
 * Class:   cold.
 * Context: preemption off.
 * Native:  MOV to CR3, if it is the active one; otherwise INVPCID of type 1,
 *          and where the CPU has none, the same as flush_all.
 */
static inline void pvops_mmu_flush_asid(unsigned asid)
{
    pvops_mmu_table.flush_asid(asid);
}

/*
 * Forget every translation on this CPU, global ones too.
 *
 * Class:   cold.
 * Context: preemption off.
 * Native:  INVPCID of type 2; where the CPU has none, CR4.PGE changed and
 *          changed back: every PCID; CR3 written where it has no global pages.
 */
static inline void pvops_mmu_flush_all(void)
{
    pvops_mmu_table.flush_all();
}

PVOPS_END_DECLS

#endif /* PVOPS_MMU_H */
