/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on KVM's promises, each broken in its own way: clock, areas,
 * hypercalls.
 */
#include "report_model_expect.h"

#include "pvtest.h"

#include "apic_timer.h"
#include "cpu_private.h"
#include "report/abi_kvm.h"

static void odd(void)
{
    if (fake.pvclock)
        fake.pvclock->version |= 1;
}

static void back(void)
{
    if (fake.pvclock)
        fake.pvclock->system_time -= 100000;
}

static void drift(void)
{
    if (fake.pvclock)
        fake.pvclock->system_time += 10;
}

static void never_written(void)
{
    if (fake.pvclock)
        fake.pvclock->version = 0;
}

PVTEST(kvm_clock, "a page that is odd, steps back, drifts, is wrong, is dead")
{
    static const struct {
        void (*damage)(void);
        const char *how;
    } tries[] = {
        { odd, "version stays odd" },
        { back, "steps back" },
        { drift, "the clock goes on by" },
        { never_written, "never written" },
    };

    for (unsigned i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        report_model_kvm(MODEL_KVM);
        fake.at_rdtsc = tries[i].damage;
        expect_wrong("KVM_FEATURE_CLOCKSOURCE2", tries[i].how);
        if (tries[i].damage == never_written)
            expect_wrong("KVM_FEATURE_CLOCKSOURCE_STABLE", tries[i].how);
        report_model_kvm(1);
        fake.at_rdtsc = tries[i].damage;
        expect_wrong("KVM_FEATURE_CLOCKSOURCE", tries[i].how);
    }
    report_model_kvm(MODEL_KVM);
    fake.pvclock_hz = (uint64_t)fake.tsc_hz * 2;
    expect_wrong("KVM_FEATURE_CLOCKSOURCE2", "1000000 ppm off");
    report_model_kvm(MODEL_KVM);
    fake.pvclock_flags = 0;
    EXPECT_EQ(0, report_model_run());
    EXPECT(strstr(report_model_row("KVM_FEATURE_CLOCKSOURCE_STABLE")->how,
                  "flag is clear"));
    report_model_kvm(MODEL_KVM);
    fake_kvm.wall_refused = true;
    expect_wrong("MSR_KVM_WALL_CLOCK_NEW", "never written");
    report_model_kvm(MODEL_KVM);
    fake_kvm.unix_ns = UINT64_C(6000000000);
    expect_wrong("MSR_KVM_WALL_CLOCK_NEW", "s since 1970");
}

static void no_steal(void)
{
    fake_kvm.steal = NULL;
}

static void odd_steal(void)
{
    if (fake_kvm.steal)
        fake_kvm.steal->version |= 1;
}

PVTEST(kvm_areas, "areas that are not written, an EOI that is not seen")
{
    report_model_kvm(MODEL_KVM);
    fake_remove_msr(KVM_MSR_STEAL);
    fake_add_msr(KVM_MSR_STEAL);
    fake.at_rdtsc = no_steal;
    expect_wrong("KVM_FEATURE_STEAL_TIME", "never written");
    report_model_kvm(MODEL_KVM);
    fake.at_rdtsc = odd_steal;
    expect_wrong("KVM_FEATURE_STEAL_TIME", "stays odd");
    report_model_kvm(MODEL_KVM);
    model.flush_ignored = true;
    expect_wrong("KVM_FEATURE_PV_TLB_FLUSH", "stays: 0x2");
    /* Taken, and nothing is flushed. */
    report_model_kvm(MODEL_KVM);
    model.flush_lost = true;
    expect_wrong("KVM_FEATURE_PV_TLB_FLUSH", "the old translation is used");
    report_model_kvm(MODEL_KVM);
    fake_kvm.skips_eoi = false;
    expect_wrong("KVM_FEATURE_PV_EOI", "never set");
    /* In hardware an EOI is no exit. */
    report_model_kvm(MODEL_KVM);
    fake_kvm.skips_eoi = false;
    model.eoi_is_cheap = true;
    expect_intact();
    report_model_kvm(MODEL_KVM);
    fake_apic_timer.before = NULL; /* the cleared bit is not looked at */
    expect_wrong("KVM_FEATURE_PV_EOI", "interrupt 2 does not come");
    report_model_kvm(MODEL_KVM);
    model.poll_stuck = true;
    expect_wrong("KVM_FEATURE_POLL_CONTROL", "stored reads");
}

PVTEST(kvm_calls, "hypercalls that fail, or do not do what they say")
{
    static const char *const rows[] = {
        "KVM_HC_KICK_CPU",
        "KVM_HC_SEND_IPI",
        "KVM_HC_SCHED_YIELD",
        "KVM_HC_MAP_GPA_RANGE",
    };

    for (unsigned i = 0; i < 4; i++) {
        report_model_kvm(MODEL_KVM);
        model.kvm_answer = -1;
        expect_wrong(rows[i], "answers -1");
        report_model_kvm(MODEL_KVM);
        model.kvm_calls = 0;
        expect_wrong(rows[i], "-ENOSYS");
        report_model_kvm(MODEL_KVM);
        model.kvm = false;
        expect_wrong(rows[i], "faults");
    }
    report_model_kvm(MODEL_KVM);
    model.ipi_lost = true;
    expect_wrong("KVM_FEATURE_PV_SEND_IPI", "does not arrive");
    report_model_kvm(MODEL_KVM);
    model.kvm_unknown = 0;
    expect_wrong("unknown hypercall", "answers 0");
}
