/* SPDX-License-Identifier: MIT */
/*
 * Which clock is started where, that it keeps time and never goes back, what it
 * leaves behind, and what is exported.
 *
 * Tried:  start_pvclock() without the flags' validity; guard() left out of
 *         pvops_clock_now_ns(); "sequence ==" left out of hyperv_page_ns();
 *         page_release() left out of pvops_clock_stop(), or any of its cases;
 *         the page's address left in HV_X64_MSR_REFERENCE_TSC; an enabled
 *         reference page taken over; page_ns left out of any kind: each fails
 *         here.
 */
#include "pvtest.h"

#include "clock_machines.h"

#include "abi/kvm.h"
#include "abi/xen_time.h"
#include "ticks.h"

static struct pvops_clock clock;

static void start(enum pvops_clock_kind kind, bool global)
{
    probe();
    pvops_clock_start(&clock, &info, machine_options.page,
                      machine_options.page_paddr);
    EXPECT_EQ(kind, clock.kind);
    EXPECT_EQ(global, clock.global);
}

/* The clock against the model's time over two seconds, in 1000 readings. */
static void keeps_time(void)
{
    uint64_t begin_ns = fake_ns();
    uint64_t first = pvops_clock_now_ns(&clock);
    uint64_t last = first;

    EXPECT(first < 1000000);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t now;

        fake.now_ps += UINT64_C(2000000000);
        now = pvops_clock_now_ns(&clock);
        EXPECT(now >= last);
        last = now;
    }
    EXPECT_NEAR(fake_ns() - begin_ns, last - first, 20);
}

/* Stopped, it goes on by the TSC; nobody writes to the page any more. */
static void stops(void)
{
    uint64_t before = pvops_clock_now_ns(&clock);
    uint64_t after;

    pvops_clock_stop(&clock, &info);
    EXPECT(!fake.pvclock && !fake.hv_page);
    after = pvops_clock_now_ns(&clock);
    EXPECT(after >= before && after - before < 100000);
    fake.now_ps += UINT64_C(1000000000000);
    EXPECT_NEAR(1e9, pvops_clock_now_ns(&clock) - after, 30);
    EXPECT_EQ(PVOPS_CLOCK_TSC, clock.kind);
}

PVTEST(kvm_page, "one for every CPU if KVM says so, twice")
{
    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK, true);
    EXPECT(fake.pvclock);
    keeps_time();
    stops();
}

PVTEST(kvm_unstable, "either of the two bits missing: one for each CPU")
{
    machine_kvm();
    fake.pvclock_flags = 0;
    start(PVOPS_CLOCK_PVCLOCK, false);
    keeps_time();

    machine_kvm();
    fake_leaf_at(0x40000001)->eax &= ~KVM_FEATURE_CLOCKSOURCE_STABLE;
    start(PVOPS_CLOCK_PVCLOCK, false);
    keeps_time();
}

PVTEST(kvm_of_2009_clock, "the old MSR, registered and let go of")
{
    machine_kvm();
    fake_leaf_at(0x40000001)->eax = KVM_FEATURE_CLOCKSOURCE;
    fake_remove_msr(MSR_KVM_SYSTEM_TIME_NEW);
    start(PVOPS_CLOCK_PVCLOCK, false);
    EXPECT_EQ(MACHINE_PADDR | KVM_MSR_ENABLED,
              fake_msr_value(MSR_KVM_SYSTEM_TIME));
    keeps_time();
    stops();
}

PVTEST(kvm_that_takes_it_back, "not stable any more, and the TSC jumps back")
{
    uint64_t last;

    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK, true);
    keeps_time();
    /* The first reading that sees it is not guarded, as the header says. */
    fake.pvclock->flags = 0;
    last = pvops_clock_now_ns(&clock);
    fake.pvclock->system_time -= 1000000;
    EXPECT_EQ(last, pvops_clock_now_ns(&clock));
    fake.now_ps += UINT64_C(2000000000);
    EXPECT(pvops_clock_now_ns(&clock) > last);
}

PVTEST(kvm_that_dies, "a page that stays odd: by the TSC, on from there")
{
    uint64_t last;

    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK, true);
    keeps_time();
    last = pvops_clock_now_ns(&clock);
    fake.pvclock->version |= 1;
    EXPECT_NEAR(last, pvops_clock_now_ns(&clock), 5000);
}

PVTEST(kvm_without_a_page, "the TSC, by what else tells")
{
    machine_kvm();
    machine_options.page = NULL;
    fake_leaf(0x40000000, 0x40000010, 0x4b4d564b, 0x564b4d56, 0x4d);
    fake_leaf(0x40000010, 2596104, 1000000, 0, 0);
    start(PVOPS_CLOCK_TSC, false);
    keeps_time();
    stops();
}

PVTEST(kvm_page_never_filled, "nobody writes: not believed, and let go of")
{
    machine_kvm();
    fake.pvclock_hz = 0;
    /* What was there before would do. */
    *(struct pvclock_vcpu_time_info *)machine_page =
        (struct pvclock_vcpu_time_info){ .version = 2,
                                         .tsc_to_system_mul = 0x80000000 };
    fake.pit.present = fake.pit.port_61 = true;
    start(PVOPS_CLOCK_TSC, false);
    EXPECT(!fake.pvclock);
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    EXPECT_EQ(PVOPS_HZ_NONSENSE, info.tsc[PVOPS_HZ_PVCLOCK].why);
}

PVTEST(xen_area, "HVM: by its linear address; one for each CPU")
{
    machine_xen_hvm();
    start(PVOPS_CLOCK_PVCLOCK, false);
    EXPECT((void *)fake.pvclock == machine_page);
    keeps_time();
    stops();

    machine_xen_hvm();
    fake.xen_phys_area = 0;
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    start(PVOPS_CLOCK_PVCLOCK, true);
    keeps_time();
    stops();
}

PVTEST(xen_pv_time, "shared_info's, or this CPU's own vcpu_time_info")
{
    static struct pvclock_vcpu_time_info own;

    machine_xen_pv();
    start(PVOPS_CLOCK_PVCLOCK, false);
    keeps_time();
    stops();

    machine_xen_pv();
    own = (struct pvclock_vcpu_time_info){
        .version = 2,
        .tsc_timestamp = fake_tsc(),
        .system_time = 99,
        .tsc_to_system_mul = 0xc537f643,
        .tsc_shift = -1,
        .flags = PVCLOCK_TSC_STABLE,
    };
    probe();
    pvops_clock_start(&clock, &info, &own, 0);
    EXPECT_EQ(PVOPS_CLOCK_PVCLOCK, clock.kind);
    EXPECT(clock.page == &own && clock.global);
    keeps_time();
}

PVTEST(hyperv_page, "the reference page, one for every CPU")
{
    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE, true);
    EXPECT(fake.hv_page);
    keeps_time();
    stops();
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_REFERENCE_TSC));

    /* Bits 1 to 11 are reserved: as they were found, at the start and after. */
    machine_hyperv();
    x86_wrmsr(HV_X64_MSR_REFERENCE_TSC, 0x5a4);
    start(PVOPS_CLOCK_HYPERV_PAGE, true);
    EXPECT_EQ(MACHINE_PADDR | 0x5a4 | HV_REFERENCE_TSC_ENABLE,
              fake_msr_value(HV_X64_MSR_REFERENCE_TSC));
    stops();
    EXPECT_EQ(0x5a4, fake_msr_value(HV_X64_MSR_REFERENCE_TSC));
}

PVTEST(hyperv_page_goes_bad, "sequence 0, and ones: the counter meanwhile")
{
    static const uint32_t bad[] = { 0, UINT32_MAX };

    for (size_t i = 0; i < 2; i++) {
        uint64_t last;

        machine_hyperv();
        start(PVOPS_CLOCK_HYPERV_PAGE, true);
        keeps_time();
        last = pvops_clock_now_ns(&clock);
        fake.hv_page->tsc_sequence = bad[i];
        fake.hv_page->tsc_scale = 0;
        EXPECT_NEAR(last, pvops_clock_now_ns(&clock), 50);
        fake.now_ps += UINT64_C(1000000000000);
        EXPECT_NEAR(last + 1000000000, pvops_clock_now_ns(&clock), 50);
        fake.hv_page->tsc_sequence = 0;
        stops();
    }
}

static unsigned reads;

static void hyperv_writes(void)
{
    if (fake.hv_page && reads++ == 0) {
        fake.hv_page->tsc_sequence = 2;
        fake.hv_page->tsc_offset += 5000;
    }
}

PVTEST(hyperv_page_torn, "a sequence that changes: read again")
{
    uint64_t before;

    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE, true);
    before = pvops_clock_now_ns(&clock);
    fake.hv_page->tsc_scale = 0; /* what it was before the update */
    fake.hv_page->tsc_offset = (int64_t)(clock.page_ns / 100);
    reads = 0;
    fake.at_rdtsc = hyperv_writes;
    EXPECT_EQ(500000, pvops_clock_now_ns(&clock));
    EXPECT_EQ(2, reads);
    (void)before;
}

PVTEST(hyperv_page_of_another, "enabled elsewhere: not moved")
{
    machine_hyperv();
    fake_msr(HV_X64_MSR_REFERENCE_TSC, 0x77000 | HV_REFERENCE_TSC_ENABLE);
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
    EXPECT_EQ(0x77000 | HV_REFERENCE_TSC_ENABLE,
              fake_msr_value(HV_X64_MSR_REFERENCE_TSC));
    keeps_time();

    /* Our own page, enabled by whom ever: adopted. */
    machine_hyperv();
    x86_wrmsr(HV_X64_MSR_REFERENCE_TSC,
              MACHINE_PADDR | HV_REFERENCE_TSC_ENABLE);
    start(PVOPS_CLOCK_HYPERV_PAGE, true);
    keeps_time();
}

PVTEST(hyperv_page_offered_but_bad, "sequence 0 from the start: let go of")
{
    machine_hyperv();
    fake.hv_sequence = 0;
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
    EXPECT(!fake.hv_page);
    keeps_time();
}

PVTEST(hyperv_page_never_filled, "what was in the page is not believed")
{
    machine_hyperv();
    *(struct hv_reference_tsc_page *)machine_page =
        (struct hv_reference_tsc_page){ .tsc_sequence = 7, .tsc_scale = 1 };
    fake_remove_msr(HV_X64_MSR_REFERENCE_TSC);
    fake_msr(HV_X64_MSR_REFERENCE_TSC, 0);
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
}

PVTEST(hyperv_counter,
       "no page, TSC not invariant: right, at the cost of exits")
{
    machine_hyperv();
    machine_options.page = NULL;
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
    keeps_time();
    stops();

    machine_hyperv();
    machine_options.page = NULL;
    fake_leaf(0x80000007, 0, 0, 0, 0x100);
    start(PVOPS_CLOCK_TSC, true);
    keeps_time();
}

PVTEST(hyperv_counter_without_tsc, "no TSC at all")
{
    machine_hyperv();
    fake_leaf_at(1)->edx &= ~(1u << 4);
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
    fake.now_ps += UINT64_C(1000000000000);
    EXPECT_NEAR(1e9, pvops_clock_now_ns(&clock), 50);
    pvops_clock_stop(&clock, &info);
    EXPECT_EQ(PVOPS_CLOCK_NONE, clock.kind);
    EXPECT_NEAR(1e9, pvops_clock_now_ns(&clock), 50);
}

PVTEST(vmware_tsc, "constant and the same everywhere, says VMware")
{
    machine_vmware();
    start(PVOPS_CLOCK_TSC, true);
    keeps_time();
    stops();
}

PVTEST(native_tsc, "one for every CPU only if it is invariant")
{
    machine_native();
    machine_options.hpet = fake.hpet;
    start(PVOPS_CLOCK_TSC, false);
    keeps_time();
    fake_leaf(0x80000007, 0, 0, 0, 0x100);
    start(PVOPS_CLOCK_TSC, true);
}

PVTEST(tsc_behind_the_start,
       "another CPU's TSC, a little late: 0, not 195 years")
{
    machine_vmware();
    start(PVOPS_CLOCK_TSC, true);
    fake.tsc_at_0 -= 500000;
    EXPECT_EQ(0, pvops_clock_now_ns(&clock));
}

PVTEST(no_clock, "no frequency, no page: stands at 0")
{
    machine_native();
    machine_options.no_pit = true;
    start(PVOPS_CLOCK_NONE, true);
    EXPECT_EQ(0, pvops_clock_now_ns(&clock));
    pvops_clock_stop(&clock, &info);
    EXPECT_EQ(0, pvops_clock_now_ns(&clock));
}

PVTEST(sse2_decides, "without it RDTSC alone; the model faults at LFENCE")
{
    machine_kvm();
    fake_leaf_at(1)->edx &= ~(1u << 26);
    start(PVOPS_CLOCK_PVCLOCK, true);
    EXPECT(!clock.ordered);
    keeps_time();
}

PVTEST(exported, "what a user program needs, by kind")
{
    struct pvops_clock_view export;

    machine_vmware();
    start(PVOPS_CLOCK_TSC, true);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_TSC, export.kind);
    EXPECT(!export.page);
    fake.now_ps += UINT64_C(3000000000000);
    EXPECT_NEAR(3e9,
                export.base_ns + pvi_ticks_scale(fake_tsc() - export.base_tsc,
                                                 export.mul, export.shift),
                20);

    machine_kvm();
    start(PVOPS_CLOCK_PVCLOCK, true);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_PVCLOCK, export.kind);
    EXPECT(export.page == machine_page);
    EXPECT_EQ(MACHINE_PADDR, export.page_paddr);
    EXPECT_EQ(fake.pvclock->system_time / 1000000, export.page_ns / 1000000);

    machine_hyperv();
    start(PVOPS_CLOCK_HYPERV_PAGE, true);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_HYPERV_PAGE, export.kind);
    EXPECT(export.page == machine_page);
}

PVTEST(not_exported, "one for each CPU, an MSR, or shared_info")
{
    struct pvops_clock_view export;

    machine_xen_hvm();
    start(PVOPS_CLOCK_PVCLOCK, false);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_NONE, export.kind);

    machine_hyperv();
    machine_options.page = NULL;
    start(PVOPS_CLOCK_HYPERV_COUNTER, true);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_NONE, export.kind);

    machine_xen_pv();
    ((volatile struct pvclock_vcpu_time_info
          *)((char *)(uintptr_t)machine_options.xen_shared_info +
             XEN_SHARED_INFO_TIME))
        ->flags = PVCLOCK_TSC_STABLE;
    start(PVOPS_CLOCK_PVCLOCK, true);
    pvops_clock_export(&clock, &export);
    EXPECT_EQ(PVOPS_CLOCK_NONE, export.kind);
}
