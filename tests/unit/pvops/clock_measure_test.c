/* SPDX-License-Identifier: MIT */
/*
 * Timers as last resorts: what each measures, and that none makes the probe
 * wait for ever, be it absent, dead, mad, or its CPU stopped meanwhile.
 *
 * Tried:  STILL_LOOKS not looked at; the second window left out, or its
 *         comparison; PIT's channel 0 left out; HPET's enable bit not restored,
 *         or its period's lowest value; PM timer's mask of 32 bits; the
 *         shortest reading not chosen; MAX_LOOKS left out; the APIC timer's
 *         registers not put back; the test for x2APIC left out; known and
 *         unknown of the APIC timer not exchanged; a look of a single reading:
 *         each fails here.
 */
#include "pvtest.h"

#include "clock_machines.h"

#include "abi/cpuid.h"

/* No loop may take more; a poll of the model's is four operations. */
#define MAX_OPERATIONS 500000u

static void probe_bounded(void)
{
    fake.operations = 0;
    probe();
    EXPECT(fake.operations < MAX_OPERATIONS);
}

PVTEST(hpet, "believed first; enabled for the measurement only")
{
    machine_native();
    machine_options.hpet = fake.hpet;
    machine_options.pm_timer_port = 0x608;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 20);
    EXPECT(!fake.hpet_enabled);
    EXPECT_EQ(PVOPS_HZ_NOT_NEEDED, info.tsc[PVOPS_HZ_PM_TIMER].why);
    EXPECT(fake_ns() < 50000000);

    fake.hpet_enabled = true;
    probe_bounded();
    EXPECT(fake.hpet_enabled);
}

PVTEST(hpet_of_other_rates, "14.318 MHz, 100 ns, and periods that are none")
{
    static const uint32_t bad[] = { 0, 1, 200000, 100000001, UINT32_MAX };

    machine_native();
    machine_options.hpet = fake.hpet;
    fake.hpet_period_fs = 69841279;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 40);
    fake.hpet_period_fs = 100000000;
    probe_bounded();
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 40);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fake.hpet_period_fs = bad[i];
        probe_bounded();
        EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
        EXPECT_EQ(PVOPS_HZ_NONSENSE, info.tsc[PVOPS_HZ_HPET].why);
    }
}

PVTEST(hpet_that_stands_still, "the next one is asked")
{
    machine_native();
    machine_options.hpet = fake.hpet;
    machine_options.pm_timer_port = 0x608;
    fake.hpet_dead = true;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.tsc[PVOPS_HZ_HPET].why);
    EXPECT_EQ(PVOPS_HZ_PM_TIMER, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 40);
}

PVTEST(pm_timer_wraps, "24 bits, every 4.7 s")
{
    machine_native();
    machine_options.pm_timer_port = 0x608;
    fake.now_ps = UINT64_C(4687000000000) - 10000000000; /* 10 ms before */
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_PM_TIMER, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 40);
    EXPECT(fake_ns() < 4687000000 + 35000000); /* at the first attempt */
}

PVTEST(pm_timer_absent, "a port of ones")
{
    machine_native();
    machine_options.pm_timer_port = 0xb008;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.tsc[PVOPS_HZ_PM_TIMER].why);
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
}

PVTEST(pit_by_channel_2, "port 0x61 and channel 0 are left as they were")
{
    machine_native();
    fake.pit.gate = 0x0e;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 100);
    EXPECT_EQ(0x0e, fake.pit.gate);
    EXPECT(!fake.pit.running[0]);
}

PVTEST(pit_without_port_61, "channel 0, read back, as on Hyper-V")
{
    machine_native();
    fake.pit.port_61 = false;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 100);
    EXPECT_EQ(0x36, fake.pit.control[0]);
}

PVTEST(nothing_at_all, "no timer: no frequency, soon")
{
    machine_native();
    fake.pit.present = fake.pit.port_61 = false;
    fake.hpet_period_fs = 0;
    fake.pm_timer_port = 0;
    machine_options.hpet = fake.hpet;
    machine_options.lapic = fake.lapic;
    machine_options.pm_timer_port = 0x608;
    probe_bounded();
    EXPECT_TSC(PVOPS_HZ_NONE, 0);
    EXPECT_APIC(PVOPS_HZ_NONE, 0);
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.tsc[PVOPS_HZ_PIT].why);
    EXPECT(fake_ns() < 10000000);
}

/* One tick in so many readings; 0: none. */
static unsigned creep;

static uint64_t creeping_counter(void)
{
    static uint32_t readings;

    return creep ? ++readings / creep : 0;
}

PVTEST(counter_that_creeps, "counts, but never far enough: given up")
{
    machine_hyperv();
    fake_leaf_at(0x40000003)->edx = 0;
    fake_remove_msr(HV_X64_MSR_TIME_REF_COUNT);
    fake.pit.present = false;
    fake_hyperv_counter();
    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (fake.msrs[i].msr == HV_X64_MSR_TIME_REF_COUNT)
            fake.msrs[i].read = creeping_counter;
    }
    creep = 0;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.tsc[PVOPS_HZ_HYPERV_COUNTER].why);
    /* It would take 1.6 million readings to the end of the window. */
    creep = 8;
    fake.operations = 0;
    probe();
    EXPECT(fake.operations < 4000000);
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.tsc[PVOPS_HZ_HYPERV_COUNTER].why);
}

PVTEST(stopped_meanwhile, "one pause: the two windows differ, and it is redone")
{
    for (uint64_t at_ms = 1; at_ms < 45; at_ms += 4) {
        machine_native();
        fake.stall_at_ps = at_ms * UINT64_C(1000000000);
        fake.stall_ps = UINT64_C(40000000000); /* 40 ms: no wrap is missed */
        probe_bounded();
        EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
        EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 200);
    }
}

PVTEST(stopped_for_a_second, "the PIT has wrapped 18 times: not believed once")
{
    for (uint64_t at_ms = 1; at_ms < 45; at_ms += 4) {
        machine_native();
        fake.stall_at_ps = at_ms * UINT64_C(1000000000);
        fake.stall_ps = UINT64_C(1000000000000);
        probe_bounded();
        EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
        EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 200);
    }
}

PVTEST(stopped_for_a_minute, "the TSC has gone 2^32 and further")
{
    machine_native();
    machine_options.hpet = fake.hpet;
    fake.stall_at_ps = UINT64_C(10000000000);
    fake.stall_ps = UINT64_C(60000000000000);
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 20);
}

static void now_and_then(void)
{
    static unsigned count;

    if (++count % 5)
        fake.now_ps += count % 7 * UINT64_C(10000000);
}

PVTEST(interrupted,
       "up to 60 us lost at four RDTSCs of five: the best reading counts")
{
    machine_native();
    machine_options.hpet = fake.hpet;
    fake.at_rdtsc = now_and_then;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_HPET, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 50);
}

PVTEST(slow_exits, "a port access of 50 us: still within a part in 1000")
{
    machine_native();
    fake.exit_ps = 50000000;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_PIT, info.tsc_source);
    EXPECT_NEAR(MACHINE_HZ, info.tsc_hz, 1000);
}

PVTEST(fast_and_slow_tsc, "60 MHz to 10 GHz")
{
    static const double hz[] = { 60e6, 333e6, 1e9, 4.3e9, 10e9 };

    for (size_t i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
        machine_native();
        machine_options.hpet = fake.hpet;
        fake.tsc_hz = hz[i];
        probe_bounded();
        EXPECT_NEAR(hz[i], info.tsc_hz, 20);
    }
}

PVTEST(apic_by_registers, "measured in 10 ms, and everything put back")
{
    machine_native();
    machine_options.tsc_hz = MACHINE_HZ;
    machine_options.lapic = fake.lapic;
    fake.apic_hz = 24000000;
    fake.apic_lvt = 0x20030; /* periodic, vector 0x30, as firmware's */
    fake.apic_divide = 3;
    fake.apic_initial = 1234567;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_TSC, info.apic_source);
    EXPECT_NEAR(24000000, info.apic_hz, 100);
    EXPECT_EQ(0x20030, fake.apic_lvt);
    EXPECT_EQ(3, fake.apic_divide);
    EXPECT_EQ(1234567, fake.apic_initial);
    EXPECT(fake_ns() < 12000000);
}

PVTEST(apic_by_x2apic, "no mapping needed; registers of ones are not used")
{
    machine_native();
    machine_options.tsc_hz = MACHINE_HZ;
    machine_options.lapic = fake.hpet; /* the model fails if it is written */
    fake_apic(1000000000, true);
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_TSC, info.apic_source);
    EXPECT_NEAR(1000000000, info.apic_hz, 100);
    EXPECT_EQ(APIC_LVT_MASKED, fake.apic_lvt);
    EXPECT_EQ(0, fake.apic_initial);
}

PVTEST(apic_not_to_be_had, "not mapped, switched off, in use, not counting")
{
    machine_native();
    machine_options.tsc_hz = MACHINE_HZ;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_NOT_GIVEN, info.apic[PVOPS_HZ_TSC].why);

    machine_options.lapic = fake.lapic;
    fake.apic_lvt = APIC_LVT_DEADLINE | 0x30;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_IN_USE, info.apic[PVOPS_HZ_TSC].why);
    EXPECT_EQ(APIC_LVT_DEADLINE | 0x30, fake.apic_lvt);

    fake_apic(0, false);
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_NOT_COUNTING, info.apic[PVOPS_HZ_TSC].why);

    fake_msr(MSR_IA32_APIC_BASE, 0xfee00000);
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_ABSENT, info.apic[PVOPS_HZ_TSC].why);
}

PVTEST(apic_constant_is_checked, "KVM_CAP_X86_APIC_BUS_CYCLES_NS: 25 MHz")
{
    machine_kvm();
    machine_options.lapic = fake.lapic;
    fake.apic_hz = 25000000;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_TSC, info.apic_source);
    EXPECT_NEAR(25000000, info.apic_hz, 100);

    fake.apic_hz = 2000000000;
    probe_bounded();
    EXPECT_EQ(PVOPS_HZ_TSC, info.apic_source);
    EXPECT_NEAR(2000000000, info.apic_hz, 100);

    /* Within 1 %, the constant is the better number. */
    fake.apic_hz = 1000500000;
    probe_bounded();
    EXPECT_APIC(PVOPS_HZ_FIXED, 1000000000);
}
