/* SPDX-License-Identifier: MIT */
/*
 * After a remote flush under Hyper-V no CPU that was named goes by what the
 * page tables said before: on the model's TLBs, one for each VP, which keep all
 * that a hypercall need not take, global translations above all.
 *
 * Tried: HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY with flush_all, or with a list; a
 * list for one address space; root with its PCID as address space; a mask by
 * our index; a bank left out; the list behind the fixed header of the Ex form;
 * a range of 4095 or 4097 for 4096; the rest of a rep call not asked for; a
 * status not looked at; this CPU's own flush left out; interrupts on while the
 * operands are written: each fails here.
 */
#include "hyperv_vps.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "internal.h"
#include "tlb.h"

#include "abi/x86.h"

#ifdef __x86_64__
enum { LEVELS = 4, INDEX_BITS = 9 };
#define BASE   UINT64_C(0x00007f1234400000)
#define PCID   5u
#define HIGHER (UINT64_C(1) << 63)
#else
enum { LEVELS = 2, INDEX_BITS = 10 };
#define BASE   UINT64_C(0x80400000)
#define PCID   0x18u /* PWT, PCD */
#define HIGHER 0u
#endif

enum { PAGE = 4096, PAGES = 64, ROOT = 0x5000, OTHER_ROOT = 0x6000 };
enum {
    PRESENT = 1,
    WRITE = 2,
    GLOBAL = 0x100,
    OLD = 0x100000,
    NEW = 0x10000000
};
enum { ALL_OF = (1 << VPS) - 1 };

static bool moved;

/* All that is: 64 pages of each address space, then 64 that are global. */
static uint64_t read_entry(uint64_t table, unsigned level, unsigned index)
{
    uint64_t flags = PRESENT | WRITE | (index >= PAGES ? GLOBAL : 0);

    if (level > 1)
        return table | PRESENT | WRITE;
    return (moved ? NEW : OLD) + index * PAGE + flags;
}

static uint64_t seen_new(uint64_t base)
{
    uint64_t seen = 0, paddr;

    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT(fake_tlb_access(base + i * PAGE, FAKE_READ, &paddr));
        if (paddr >= NEW)
            seen |= UINT64_C(1) << i;
    }
    return seen;
}

#define GLOBAL_BASE (BASE + PAGES * PAGE)
#define EVERY       UINT64_MAX

/* CPU 'in_other' is in another address space. */
static void fill(unsigned in_other)
{
    moved = false;
    fake_tlb_reset(LEVELS, INDEX_BITS, read_entry);
    for (unsigned i = 0; i < VPS; i++) {
        vps_be(i);
        fake_tlb_write_cr4(X86_CR4_PGE);
        fake_tlb_write_cr3(i == in_other ? OTHER_ROOT : ROOT);
        EXPECT_EQ(0, seen_new(BASE));
        EXPECT_EQ(0, seen_new(GLOBAL_BASE));
    }
    fake_system.cr4 = X86_CR4_PGE;
    fake_system.cr3 = ROOT;
    vps_be(0);
    moved = true;
}

enum kind { RANGE, GLOBAL_RANGE, SPACE, ALL, KINDS };

static void flush(enum kind kind, const struct pvops_cpus *cpus)
{
    uintptr_t root = (uintptr_t)(ROOT | PCID | HIGHER);

    switch (kind) {
    case RANGE:
        pvops_smp_flush_range(cpus, root, (uintptr_t)BASE, PAGES);
        break;
    case GLOBAL_RANGE:
        pvops_smp_flush_range(cpus, root, (uintptr_t)GLOBAL_BASE, PAGES);
        break;
    case SPACE:
        pvops_smp_flush_space(cpus, root);
        break;
    default:
        pvops_smp_flush_all(cpus);
    }
}

/* Of the CPUs in 'bits', of which 'in_other' was in another address space. */
static void expect_flushed(enum kind kind, unsigned bits, unsigned in_other)
{
    for (unsigned i = 0; i < VPS; i++) {
        vps_be(i);
        if (!(bits >> i & 1))
            continue;
        if (kind != GLOBAL_RANGE && i != in_other)
            EXPECT_EQ(EVERY, seen_new(BASE));
        if (kind == GLOBAL_RANGE || kind == ALL)
            EXPECT_EQ(EVERY, seen_new(GLOBAL_BASE));
    }
    vps_be(0);
}

static void flush_everything(void)
{
    fake_hyperv.at_raise = vps_answer;
    fake_privileged_on();
    for (enum kind kind = RANGE; kind < KINDS; kind++) {
        for (unsigned in_other = 1; in_other < VPS; in_other++) {
            for (unsigned bits = 1; bits <= ALL_OF; bits++) {
                struct pvops_cpus cpus = { { bits } };

                fill(in_other);
                flush(kind, &cpus);
                expect_flushed(kind, bits, in_other);
            }
            fill(in_other);
            flush(kind, NULL);
            expect_flushed(kind, ALL_OF, in_other);
        }
    }
}

static unsigned flushes(void)
{
    return fake_hyperv.calls[2] + fake_hyperv.calls[3] +
           fake_hyperv.calls[0x13] + fake_hyperv.calls[0x14];
}

/* Those of every set but { this one }. */
enum { FLUSHES = KINDS * (VPS - 1) * (ALL_OF - 1 + 1) };

PVTEST(by_hypercall, "every kind, every set, every order of VP indexes: one")
{
    static const uint32_t *const layouts[] = { vps_as_ours, vps_in_disorder,
                                               vps_sparse };

    for (unsigned i = 0; i < 3; i++) {
        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, layouts[i]);
        vps_start();
        flush_everything();
        EXPECT_EQ(FLUSHES, flushes());
        EXPECT_EQ(i == 2, fake_hyperv.calls[0x13] && fake_hyperv.calls[0x14]);
        EXPECT(!host_logged("status"));
        vps_stop();
    }
}

static void without(uint32_t eax, uint32_t hints, const uint32_t *layout)
{
    vps_reset(FAKE_HV_EAX & ~eax, FAKE_HV_EDX, FAKE_HV_HINTS & ~hints, layout);
    vps_start();
    flush_everything();
    vps_stop();
}

PVTEST(without_a_bit, "that it needs: by interrupts")
{
    without(HV_MSR_HYPERCALL_AVAILABLE, 0, vps_in_disorder);
    EXPECT_EQ(0, flushes());
    without(HV_MSR_VP_INDEX_AVAILABLE, 0, vps_in_disorder);
    EXPECT_EQ(0, flushes());
    without(0, HV_REMOTE_TLB_FLUSH_RECOMMENDED, vps_in_disorder);
    EXPECT_EQ(0, flushes());
    without(0, HV_EX_PROCESSOR_MASKS_RECOMMENDED, vps_in_disorder);
    EXPECT_EQ(FLUSHES, flushes());
    without(0, HV_EX_PROCESSOR_MASKS_RECOMMENDED, vps_sparse);
    EXPECT_EQ(0, fake_hyperv.calls[0x13] + fake_hyperv.calls[0x14]);
}

PVTEST(not_mapped, "an APIC that is not mapped: interrupts by its MSR")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX,
              FAKE_HV_HINTS & ~HV_CLUSTER_IPI_RECOMMENDED &
                  ~HV_REMOTE_TLB_FLUSH_RECOMMENDED,
              vps_as_ours);
    fake_apic(1000000000, false);
    host.device = NULL;
    vps_start();
    for (unsigned i = 0; i < VPS; i++)
        pvi_smp(vps_cpu(i))->apic_id = i;
    flush_everything();
    EXPECT(fake_hyperv.msr_icrs != 0);
    vps_stop();
}

PVTEST(without_pages, "for operands: by interrupts")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    machine.cpu_options.pages = NULL;
    vps_start();
    flush_everything();
    EXPECT_EQ(0, flushes());
    vps_stop();
}

PVTEST(refused, "is said once, and done by interrupts")
{
    static const unsigned codes[] = { 2, 3, 0x13, 0x14 };

    for (unsigned i = 0; i < 4; i++) {
        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
        vps_start();
        fake_hyperv.refuse[codes[i]] = 3;
        flush_everything();
        EXPECT_EQ(1, fake_hyperv.calls[codes[i]]);
        EXPECT(host_logged("hyperv: flush by hypercall: status 0x3\n"));
        vps_stop();
    }
}

/* 3 entries: 4096 pages, 4096, 1. */
enum { LONG = 2 * HV_GVA_RANGE_PAGES + 1 };

/* On each VP: the last page of the first entry, the first of the second. */
static void expect_middle(uintptr_t from, bool new)
{
    uint64_t paddr;

    for (unsigned i = 1; i < VPS; i++) {
        fake_tlb.cpu = i;
        for (unsigned page = 4095; page < 4097; page++) {
            EXPECT(fake_tlb_access(from + page * (uintptr_t)PAGE, FAKE_READ,
                                   &paddr));
            EXPECT_EQ(new, paddr >= NEW);
        }
    }
    fake_tlb.cpu = 0;
}

PVTEST(long_ranges, "more pages than an entry has, and what comes back early")
{
    struct pvops_cpus others = { { ALL_OF & ~1u } };

    for (unsigned at_once = 0; at_once < 3; at_once++) {
        uintptr_t from = (uintptr_t)BASE - LONG * (uintptr_t)PAGE + PAGE;

        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
        vps_start();
        fill(VPS);
        moved = false;
        expect_middle(from, false);
        moved = true;
        fake_hyperv.reps_at_once = at_once;
        pvops_smp_flush_range(&others, ROOT, from, LONG);
        expect_middle(from, true);
        EXPECT_EQ(at_once == 0 ? 1 : at_once == 1 ? 3 : 2, flushes());
        for (unsigned i = 1; i < VPS; i++) {
            vps_be(i);
            EXPECT_EQ(1, seen_new(BASE));
        }
        vps_be(0);
        vps_stop();
    }
}

PVTEST(too_long, "more entries than there is room for: all is forgotten")
{
    struct pvops_cpus others = { { ALL_OF & ~1u } };

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    vps_start();
    fill(VPS);
    pvops_smp_flush_range(&others, ROOT, 0, 510u * HV_GVA_RANGE_PAGES);
    EXPECT_EQ(1, fake_hyperv.calls[2]);
    expect_flushed(ALL, ALL_OF & ~1u, VPS);
    vps_stop();
}

PVTEST(nothing, "no pages, or this CPU alone: no hypercall")
{
    struct pvops_cpus others = { { ALL_OF & ~1u } }, self = { { 1 } };

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    vps_start();
    fill(VPS);
    fake_privileged_on();
    pvops_smp_flush_range(&others, ROOT, (uintptr_t)BASE, 0);
    for (enum kind kind = RANGE; kind < KINDS; kind++)
        flush(kind, &self);
    EXPECT_EQ(0, flushes());
    expect_flushed(ALL, 1, VPS);
    vps_stop();
}

PVTEST(torn_down, "a CPU that is not set up any more is not named")
{
    struct pvops_cpus cpus = { { ALL_OF } };

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
    vps_start();
    fill(VPS);
    vps_be(2);
    pvops_cpu_teardown(vps_cpu(2));
    fake_hyperv.vp_index[2] = 7; /* 4095 is not there */
    vps_be(0);
    fake_privileged_on();
    flush(ALL, &cpus);
    expect_flushed(ALL, ALL_OF & ~4u, VPS);
    pvops_smp_send_ipis(&cpus, 0);
}

PVTEST(leaving, "nobody is left of those that were named: no hypercall")
{
    struct pvops_cpus cpus = { { 4 } };

    for (unsigned i = 0; i < 2; i++) {
        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS,
                  i ? vps_sparse : vps_as_ours);
        vps_start();
        vps_be(2);
        pvops_cpu_teardown(vps_cpu(2));
        vps_be(0);
        /* As it is between a look at who is there and one at its VP. */
        pvops_cpus_add(&pvi.online, 2);
        fake_privileged_on();
        for (enum kind kind = RANGE; kind < KINDS; kind++)
            flush(kind, &cpus);
        EXPECT_EQ(0, flushes());
        EXPECT(!host_logged("status"));
        pvops_cpus_remove(&pvi.online, 2);
    }
}
