/* SPDX-License-Identifier: MIT */
/*
 * The model CPU: CPUID, TSC, MSRs, memory, and its state.
 */
#include "cpu.h"

#include <string.h>

#include "cpu_private.h"
#include "pvtest.h"

#include "abi/cpuid.h"
#include "abi/kvm.h"

struct fake_cpu fake;

void fake_reset(void)
{
    memset(&fake, 0, sizeof(fake));
    fake.tsc_hz = 2e9;
    fake.tsc_at_0 = 1000000;
    fake.cheap_ps = 10000; /* 10 ns */
    fake.exit_ps = 1000000;
    fake.xen_phys_area = -38; /* -ENOSYS */
    fake.xen_memory_area = -38;
    fake_vendor("GenuineIntel");
    fake_leaf(CPUID_FEATURES, 0x306c1, 0, 0,
              CPUID_1_EDX_TSC | CPUID_1_EDX_MSR | CPUID_1_EDX_APIC |
                  CPUID_1_EDX_SSE2);
    fake_leaf(CPUID_EXTENDED, CPUID_EXTENDED, 0, 0, 0);
}

/* Time goes on, and over a moment at which this CPU did not run. */
void fake_spend(uint64_t ps)
{
    uint64_t before = fake.now_ps;

    fake.operations++;
    fake.now_ps += ps;
    if (fake.stall_ps && before < fake.stall_at_ps &&
        fake.now_ps >= fake.stall_at_ps) {
        fake.now_ps += fake.stall_ps;
        fake.stall_ps = 0;
    }
}

uint64_t fake_ticks(double hz, uint64_t ps)
{
    return (uint64_t)((long double)ps * (long double)hz / 1e12L);
}

uint64_t fake_ns(void)
{
    return fake.now_ps / 1000;
}

uint64_t fake_tsc(void)
{
    return fake.tsc_at_0 + fake_ticks(fake.tsc_hz, fake.now_ps);
}

static struct fake_leaf *find(uint32_t leaf, uint32_t subleaf)
{
    for (unsigned i = 0; i < fake.leaf_count; i++) {
        if (fake.leaves[i].leaf == leaf && fake.leaves[i].subleaf == subleaf)
            return &fake.leaves[i];
    }
    return NULL;
}

void fake_subleaf(uint32_t leaf, uint32_t subleaf, uint32_t eax, uint32_t ebx,
                  uint32_t ecx, uint32_t edx)
{
    struct fake_leaf *at = find(leaf, subleaf);

    if (!at) {
        if (fake.leaf_count == FAKE_LEAVES)
            FAIL("the model has room for %u leaves", FAKE_LEAVES);
        at = &fake.leaves[fake.leaf_count++];
    }
    *at = (struct fake_leaf){ leaf, subleaf, { eax, ebx, ecx, edx } };
}

void fake_leaf(uint32_t leaf, uint32_t eax, uint32_t ebx, uint32_t ecx,
               uint32_t edx)
{
    fake_subleaf(leaf, 0, eax, ebx, ecx, edx);
}

struct x86_cpuid *fake_leaf_at(uint32_t leaf)
{
    struct fake_leaf *at = find(leaf, 0);

    if (!at)
        FAIL("the model has no leaf 0x%x", leaf);
    return &at->r;
}

void fake_remove_leaf(uint32_t leaf)
{
    struct fake_leaf *at = find(leaf, 0);

    if (at)
        *at = fake.leaves[--fake.leaf_count];
}

static uint32_t four(const char *text)
{
    uint32_t word;

    memcpy(&word, text, sizeof(word));
    return word;
}

/* The vendor's string is in EBX, EDX, ECX. Maximum 0xd: no 0x15, no 0x16. */
void fake_vendor(const char *vendor)
{
    struct fake_leaf *at = find(CPUID_BASIC, 0);

    fake_leaf(CPUID_BASIC, at ? at->r.eax : 0xd, four(vendor), four(vendor + 8),
              four(vendor + 4));
}

void fake_hypervisor(uint32_t base, uint32_t max_leaf, const char *signature)
{
    char padded[12] = { 0 };

    memcpy(padded, signature, strnlen(signature, sizeof(padded)));
    fake_leaf_at(CPUID_FEATURES)->ecx |= CPUID_1_ECX_HYPERVISOR;
    fake_leaf(base, max_leaf, four(padded), four(padded + 4), four(padded + 8));
}

bool x86_has_cpuid(void)
{
    return !fake.no_cpuid;
}

struct x86_cpuid x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct fake_leaf *at;

    fake_spend(fake.cheap_ps);
    if (fake.no_cpuid)
        FAIL("CPUID on a CPU that has none: #UD");
    if (fake.xen_pv)
        FAIL("CPUID without Xen's prefix in a PV domain");
    at = find(leaf, subleaf);
    return at ? at->r : fake.beyond;
}

struct x86_cpuid x86_cpuid_xen_pv(uint32_t leaf, uint32_t subleaf)
{
    struct fake_leaf *at;

    fake_spend(fake.cheap_ps);
    if (!fake.xen_pv)
        FAIL("Xen's prefix outside of a PV domain: #UD");
    at = find(leaf, subleaf);
    return at ? at->r : fake.beyond;
}

static uint64_t rdtsc(void)
{
    fake_spend(fake.cheap_ps);
    if (!(fake_leaf_at(CPUID_FEATURES)->edx & CPUID_1_EDX_TSC))
        FAIL("RDTSC on a CPU that has none: #UD");
    if (fake.at_rdtsc)
        fake.at_rdtsc();
    return fake_tsc();
}

uint64_t x86_rdtsc(void)
{
    return rdtsc();
}

uint64_t x86_rdtsc_ordered(void)
{
    if (!(fake_leaf_at(CPUID_FEATURES)->edx & CPUID_1_EDX_SSE2))
        FAIL("LFENCE on a CPU without SSE2: #UD");
    return rdtsc();
}

static struct fake_msr *find_msr(uint32_t msr)
{
    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (fake.msrs[i].msr == msr)
            return &fake.msrs[i];
    }
    return NULL;
}

struct fake_msr *fake_add_msr(uint32_t msr)
{
    struct fake_msr *at = find_msr(msr);

    if (at)
        return at;
    if (fake.msr_count == FAKE_MSRS)
        FAIL("the model has room for %u MSRs", FAKE_MSRS);
    at = &fake.msrs[fake.msr_count++];
    *at = (struct fake_msr){ .msr = msr };
    return at;
}

void fake_msr(uint32_t msr, uint64_t value)
{
    fake_add_msr(msr)->value = value;
}

void fake_remove_msr(uint32_t msr)
{
    struct fake_msr *at = find_msr(msr);

    if (at)
        *at = fake.msrs[--fake.msr_count];
}

static struct fake_msr *checked_msr(uint32_t msr, const char *what)
{
    struct fake_msr *at = find_msr(msr);

    fake_spend(fake.exit_ps);
    if (fake.xen_pv)
        FAIL("%s in a Xen PV domain", what);
    if (!at)
        FAIL("%s 0x%x: #GP, there is no such MSR", what, msr);
    return at;
}

uint64_t fake_msr_value(uint32_t msr)
{
    return checked_msr(msr, "test reads")->value;
}

uint64_t x86_rdmsr(uint32_t msr)
{
    struct fake_msr *at = checked_msr(msr, "RDMSR");

    return at->read ? at->read() : at->value;
}

void x86_wrmsr(uint32_t msr, uint64_t value)
{
    struct fake_msr *at = checked_msr(msr, "WRMSR");

    at->value = value;
    if (at->write)
        at->write(value);
    if (at->write_one_of)
        at->write_one_of(at);
}

void fake_page(uint64_t paddr, void *page)
{
    for (unsigned i = 0; i < FAKE_PAGES; i++) {
        if (!fake.pages[i].page) {
            fake.pages[i].paddr = paddr;
            fake.pages[i].page = page;
            return;
        }
    }
    FAIL("the model has room for %u pages", FAKE_PAGES);
}

void *fake_page_at(uint64_t paddr)
{
    for (unsigned i = 0; i < FAKE_PAGES; i++) {
        if (fake.pages[i].page && fake.pages[i].paddr == paddr)
            return fake.pages[i].page;
    }
    FAIL("the hypervisor was given 0x%llx, where no page of the test's is",
         (unsigned long long)paddr);
}
