/* SPDX-License-Identifier: MIT */
/*
 * What an entry may hold, by the rules of pvops/mmu.h; and what entries lead
 * to, counted.
 *
 * Source: Intel SDM volume 3, 4.5 (paging-structure entries); volume 2, CPUID
 *         leaf 80000008H (width of physical addresses). Intel 82093AA (I/O
 *         APIC at FEC00000H), SDM volume 3, 11.4.1 (local APIC at FEE00000H):
 *         PCs have no RAM from there to 4 GiB.
 */
#include "debug_mmu.h"

#if PVOPS_DEBUG_MMU

#include "abi/cpuid.h"
#include "abi/x86_gate.h"
#include <x86/insn.h>

#define DEVICES UINT64_C(0xfec00000)
#define TOP_4G  UINT64_C(0x100000000)

enum {
    ABSENT_BITS = 30,
    OWN_FIRST = 256,
    OWN_LAST = 271,
    LEAST_WIDTH = 36,
};

static struct pvi_frame frames[PVOPS_DEBUG_FRAMES];
static uint64_t physical_end;
static bool said; /* that there are pages beyond frames[] */

void pvi_debug_rules_setup(void)
{
    unsigned width = LEAST_WIDTH;

    if (x86_has_cpuid() &&
        x86_cpuid(CPUID_EXTENDED, 0).eax >= CPUID_ADDRESS_WIDTH)
        width = x86_cpuid(CPUID_ADDRESS_WIDTH, 0).eax & 0xffu;
    physical_end = UINT64_C(1) << width;
    said = false;
    __builtin_memset(frames, 0, sizeof(frames));
}

static bool is_device(pvops_paddr paddr)
{
    return paddr >= DEVICES && paddr < TOP_4G;
}

struct pvi_frame *pvi_debug_frame(pvops_paddr paddr)
{
    if (paddr >> PVI_PAGE_BITS < PVOPS_DEBUG_FRAMES)
        return &frames[paddr >> PVI_PAGE_BITS];
    if (!said && !is_device(paddr)) {
        said = true;
        pvi_log(PVOPS_LOG_INFO,
                "mmu: pages from 0x%llx on are not checked: "
                "PVOPS_DEBUG_FRAMES",
                (unsigned long long)PVOPS_DEBUG_FRAMES << PVI_PAGE_BITS);
    }
    return NULL;
}

static PVOPS_NORETURN void refuse(const char *rule, const struct pvi_place *at,
                                  pvops_pte value, const char *why)
{
    pvi_panic("mmu rule %s: level %u, entry at 0x%llx, 0x%llx: %s", rule,
              at->level, (unsigned long long)at->paddr,
              (unsigned long long)value, why);
}

/* i386 has no entry whose number is too big. */
static void check_absent(const struct pvi_place *at, pvops_pte value)
{
    uint64_t number = pvi_debug_address(value) >> PVI_PAGE_BITS;

    if (number >> ABSENT_BITS && number != (X86_PTE_ADDRESS >> PVI_PAGE_BITS))
        refuse("absent-value", at, value, "bits 12 to 51 are 2^30 or more");
    if (at->level > 1 && value & X86_PTE_LARGE)
        refuse("absent-value", at, value, "bit 7 above level 1");
}

static void check_table(const struct pvi_place *at, pvops_pte value)
{
    const struct pvi_frame *to = pvi_debug_frame(pvi_debug_address(value));

    if (value & X86_PTE_LARGE)
        refuse("small-page", at, value, "a large page");
    if (value & X86_PTE_GLOBAL)
        refuse("small-page", at, value, "bit 8 is set");
    if (!to)
        return;
    if (to->is == PVI_FRAME_ORDINARY)
        refuse("given-first", at, value, "points to a page that is not given");
    if (to->is == PVI_FRAME_RELEASED)
        refuse("given-first", at, value, "points to a page that was released");
    if (to->is != at->level - 1)
        refuse("own-level", at, value, "points to a table of another level");
}

static void check_page(const struct pvi_place *at, pvops_pte value)
{
    pvops_paddr paddr = pvi_debug_address(value);
    const struct pvi_frame *to;

    if (value & X86_PTE_GLOBAL)
        refuse("small-page", at, value, "a global page");
    if (!(value & PVOPS_PTE_MACHINE) &&
        (is_device(paddr) || paddr >= physical_end))
        refuse("ram-or-device", at, value, "no RAM, without PVOPS_PTE_MACHINE");
    to = is_device(paddr) ? NULL : pvi_debug_frame(paddr);
    if (to && pvi_debug_is_table(to) && value & X86_PTE_WRITE)
        refuse("read-only", at, value, "maps a page table writable");
}

#ifdef __x86_64__
static bool is_own_slot(const struct pvi_place *at)
{
    unsigned slot = at->paddr % PVI_PAGE_BYTES / sizeof(pvops_pte);

    return at->level == PVI_LEVELS && slot >= OWN_FIRST && slot <= OWN_LAST;
}
#else
static bool is_own_slot(const struct pvi_place *at)
{
    (void)at;
    return false;
}
#endif

void pvi_debug_check(const struct pvi_place *at, pvops_pte value)
{
    if (is_own_slot(at))
        refuse("own-slots", at, value, "slots 256 to 271 are a hypervisor's");
    if (!(value & X86_PTE_PRESENT))
        check_absent(at, value);
    else if (at->level == 1)
        check_page(at, value);
    else
        check_table(at, value);
}

/* What an entry adds to, or NULL. */
static uint32_t *count_of(const struct pvi_place *at, pvops_pte value)
{
    pvops_paddr paddr = pvi_debug_address(value);
    struct pvi_frame *to;

    if (!(value & X86_PTE_PRESENT) ||
        (at->level == 1 && !(value & X86_PTE_WRITE)) || is_device(paddr))
        return NULL;
    to = pvi_debug_frame(paddr);
    if (!to)
        return NULL;
    return at->level == 1 ? &to->writable : &to->entries;
}

void pvi_debug_count(const struct pvi_place *at, pvops_pte value)
{
    uint32_t *count = count_of(at, value);

    if (count)
        (void)__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

void pvi_debug_uncount(const struct pvi_place *at, pvops_pte value)
{
    uint32_t *count = count_of(at, value);

    if (count)
        (void)__atomic_fetch_sub(count, 1, __ATOMIC_RELAXED);
}

#endif
