/* SPDX-License-Identifier: MIT */
/*
 * A further CPU by the local APIC: INIT, then a start-up interrupt whose vector
 * is the page that it begins in (x86/start.S).
 *
 * Source: Intel SDM volume 3, 8.4.4.1: INIT, 10 ms, start-up, 200 us, start-up.
 *         A CPU that waits for no start-up takes no second one.
 */
#include "internal.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "x86/start.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum {
    AFTER_INIT_NS = 10000000,
    AFTER_STARTUP_NS = 200000,
    PAGE_BYTES = 4096,
    PAGE_BITS = 12,
    /* Vectors A0 to BF, video memory, are no pages to start in. */
    VIDEO_BEGIN = 0xa0000,
    VIDEO_END = 0xc0000,
    XAPIC_EVERYBODY = 0xff,
};

#ifdef __x86_64__
enum { INDEX_BITS = 9, LEAST_LEVELS = 4 };
#define PTE_ADDRESS ((pvops_pte)0x000ffffffffff000)
#define PTE_NX      ((pvops_pte)1 << 63)
#define CR4_FIRST   (X86_CR4_PAE | X86_CR4_LA57)
#define CR4_FIFTH   X86_CR4_LA57
#else
enum { INDEX_BITS = 10, LEAST_LEVELS = 2 };
#define PTE_ADDRESS ((pvops_pte)0xfffff000)
#define PTE_NX      ((pvops_pte)0)
#define CR4_FIRST   (~X86_CR4_CET)
#define CR4_FIFTH   0u
#endif

#define TABLE_FLAGS                                                            \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_ACCESSED | X86_PTE_DIRTY)

static unsigned levels_of(uintptr_t cr4)
{
    return cr4 & CR4_FIFTH ? LEAST_LEVELS + 1 : LEAST_LEVELS;
}

/* Whether a CPU can go on there when it switches paging on. */
static bool maps_itself(uintptr_t root, uintptr_t cr4, uintptr_t page)
{
    pvops_paddr table = root & PTE_ADDRESS;
    bool user = (cr4 & (X86_CR4_SMEP | X86_CR4_SMAP)) != 0;

    for (unsigned level = levels_of(cr4); level > 0; level--) {
        const volatile pvops_pte *at = pvops_host_va(table);
        unsigned shift = PAGE_BITS + (level - 1) * INDEX_BITS;
        pvops_pte inside = ((pvops_pte)1 << shift) - 1;
        pvops_pte entry;

        if (!at)
            return false;
        entry = at[page >> shift & ((1u << INDEX_BITS) - 1)];
        if (!(entry & X86_PTE_PRESENT) || (entry & PTE_NX))
            return false;
        user = user && (entry & X86_PTE_USER);
        table = entry & PTE_ADDRESS;
        if (level == 1 || (level < 4 && (entry & X86_PTE_LARGE)))
            return !user && (table & ~inside) == (page & ~inside);
    }
    return false;
}

#ifdef __x86_64__
/* The lowest 2 MiB, or with five levels the lowest 1 GiB, where they are. */
static void fill_below(pvops_pte *tables, pvops_paddr paddr, pvops_paddr page)
{
    (void)page;
    tables[512] = (paddr + 2 * PAGE_BYTES) | TABLE_FLAGS;
    tables[1024] = TABLE_FLAGS | X86_PTE_LARGE;
}

static bool can_fill(uintptr_t cr4)
{
    return !(cr4 & CR4_FIFTH) || (x86_cpuid(CPUID_EXTENDED_FEATURES, 0).edx &
                                  CPUID_EXTENDED_EDX_1GIB);
}
#else
static void fill_below(pvops_pte *tables, pvops_paddr paddr, pvops_paddr page)
{
    (void)paddr;
    tables[1024 + page / PAGE_BYTES] = page | TABLE_FLAGS;
}

static bool can_fill(uintptr_t cr4)
{
    (void)cr4;
    return true;
}
#endif

/*
 * A root that a CPU of 32 bits can load and in which the trampoline's first
 * page is where it is: start->root, or a copy of it in the second page whose
 * slot 0 leads to tables in the others. UINT32_MAX, with a log line: none.
 */
static uint32_t first_root(const struct pvops_start *start, uintptr_t cr4)
{
    pvops_paddr paddr = start->trampoline_paddr;
    pvops_pte *tables =
        (pvops_pte *)(void *)((uint8_t *)start->trampoline + PAGE_BYTES);
    pvops_paddr root = start->root & PTE_ADDRESS;
    const pvops_pte *top = root ? pvops_host_va(root) : NULL;
    bool fits = root >> 31 >> 1 == 0;
    bool itself;

    if (!top) {
        pvi_log(PVOPS_LOG_ERROR, "smp: no root at 0x%llx",
                (unsigned long long)root);
        return UINT32_MAX;
    }
    itself = maps_itself(start->root, cr4, (uintptr_t)paddr);
    if (itself && fits)
        return (uint32_t)root;
    if (!itself && !can_fill(cr4)) {
        pvi_log(PVOPS_LOG_ERROR, "smp: five levels, no pages of 1 GiB, and "
                                 "the trampoline is not mapped where it is");
        return UINT32_MAX;
    }
    x86_clear(tables, (PVOPS_TRAMPOLINE_PAGES - 1) * PAGE_BYTES);
    __builtin_memcpy(tables, top, PAGE_BYTES);
    paddr += PAGE_BYTES;
    if (!itself) {
        tables[0] = (paddr + PAGE_BYTES) | TABLE_FLAGS;
        fill_below(tables, paddr, start->trampoline_paddr);
    }
    return (uint32_t)paddr;
}

/* The library's own, until the embedder loads its. */
static const uint64_t gdt[] = {
    0,
#ifdef __x86_64__
    0x00af9b000000ffff,
#else
    0x00cf9b000000ffff,
#endif
    0x00cf93000000ffff,
};

/* Neither the trampoline's tables nor its page are used any more. */
PVOPS_OP_CALL void pvi_smp_begin_flat(unsigned ticket)
{
    const struct x86_descriptor_table table = { sizeof(gdt) - 1,
                                                (uintptr_t)gdt };

    pvi_smp_claim(ticket);
    if (x86_read_cr0() & X86_CR0_PG)
        x86_write_cr3(pvi.starting.root);
    x86_lgdt(&table);
    pvi_smp_go();
}

/* False, with a log line: there is no root for it. */
static bool fill_page(const struct pvops_start *start)
{
    struct start_page *page = (struct start_page *)start->trampoline;
    uint32_t base = (uint32_t)start->trampoline_paddr;
    uint32_t cr0 = (uint32_t)x86_read_cr0();
    uintptr_t cr4 = x86_has_cpuid() ? x86_read_cr4() : 0;
    uint32_t root = cr0 & X86_CR0_PG ? first_root(start, cr4) : 0;

    if (root == UINT32_MAX)
        return false;
    __builtin_memcpy(page, pvi_start_code, pvi_start_code_bytes);
    page->far32.offset = base + pvi_start_far32;
    page->far64.offset = base + pvi_start_far64;
    page->gdt_base = base + START_GDT;
#ifdef __x86_64__
    page->far32.selector = START_CS32;
    page->far64.selector = START_CS;
    page->efer = x86_rdmsr(MSR_EFER) & ~(uint64_t)EFER_LMA;
#else
    page->far32.selector = START_CS;
#endif
    page->cr0 = cr0;
    page->cr3 = root;
    page->cr4_first = (uint32_t)cr4 & CR4_FIRST;
    page->cr4 = cr4;
    page->stack = start->stack;
    page->ticket = pvi.start_ticket;
    page->go = (uintptr_t)pvi_smp_begin_flat;
    return true;
}

/* INIT would end a CPU that runs: this one, or one that is set up. */
bool pvi_smp_apic_id_valid(const struct pvops_start *start)
{
    bool x2apic = pvi_common(pvi_this_cpu())->lapic_x2apic;

    if (start->apic_id >= (x2apic ? UINT32_MAX : XAPIC_EVERYBODY))
        return false;
    for (unsigned i = 0; pvi_smp_next(&pvi.online, &i); i++) {
        struct pvops_cpu *cpu = pvi_cpu_at(i);

        if (cpu && pvi_smp(cpu)->apic_id == start->apic_id)
            return false;
    }
    return true;
}

static bool place_valid(const struct pvops_start *start)
{
    pvops_paddr paddr = start->trampoline_paddr;

    return start->trampoline && (paddr < VIDEO_BEGIN || paddr >= VIDEO_END);
}

enum pvops_status pvi_smp_sipi(const struct pvops_start *start)
{
    uint32_t page = (uint32_t)(start->trampoline_paddr / PAGE_BYTES);

    if (!pvi_common(pvi_this_cpu())->lapic_enabled)
        return PVOPS_E_UNSUPPORTED;
    if (!pvi_smp_apic_id_valid(start) || !place_valid(start)) {
        pvi_log(PVOPS_LOG_ERROR,
                "smp: CPU %u: no trampoline, or APIC id 0x%x is none of a CPU "
                "that waits",
                start->index, start->apic_id);
        return PVOPS_E_INVALID;
    }
    if (!fill_page(start))
        return PVOPS_E_INVALID;

    pvi_lapic_send(start->apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT);
    (void)pvi_smp_came_within(AFTER_INIT_NS);
    for (unsigned i = 0; i < 2; i++) {
        pvi_lapic_send(start->apic_id,
                       APIC_ICR_STARTUP | APIC_ICR_ASSERT | page);
        if (pvi_smp_came_within(AFTER_STARTUP_NS))
            break;
    }
    return PVOPS_OK;
}
