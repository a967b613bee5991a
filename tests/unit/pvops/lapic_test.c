/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's timer as a deadline: xAPIC, x2APIC, TSC-deadline mode; late
 * by little, never early, however wrong its frequency is; EOI once each.
 *
 * Tried: '+ 1' left out of ticks(): each_mode fails. The call of
 *        start_timer() left out of pvi_lapic_deadline(): far_away fails. The
 *        EOI left out of arrived(): each_mode fails. pvi_lapic_spurious()
 *        returning false, or spurious vector 0xff: spurious_one fails.
 *        IA32_TSC_ADJUST not looked at: adjusted_tsc fails. found_divide not
 *        restored: teardown fails. The clock not read again behind the
 *        counter: taken_away fails. No x86_mfence(): each_mode fails.
 *        The clock not looked at in timer_setup(): no_clock fails.
 */
#include "pvtest.h"

#include "apic_timer.h"
#include "cpu.h"
#include "host.h"
#include "pc.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/x86.h"

enum { US = 1000, MS = 1000000 };

/*
 * Set a deadline and sleep until it is there: as often as the timer says, each
 * interrupt acknowledged. Returns by how much it was late.
 */
static uint64_t sleep_until(uint64_t at_ns, unsigned *out_interrupts)
{
    *out_interrupts = 0;
    pvops_time_set_deadline(at_ns);
    for (;;) {
        unsigned eois = fake.apic_eois;
        unsigned vector = fake_wait(UINT64_C(100000000000));
        unsigned found;

        EXPECT_EQ(PC_DEADLINE, vector);
        ++*out_interrupts;
        found = pvops_time_arrived(vector);
        EXPECT_EQ(eois + 1, fake.apic_eois);
        if (found) {
            uint64_t now_ns = pvops_time_now_ns();

            EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, found);
            EXPECT(now_ns >= at_ns);
            return now_ns - at_ns;
        }
    }
}

/* Once; nothing comes behind it. */
static void try_deadline(uint64_t ns, uint64_t max_late_ns, unsigned interrupts)
{
    unsigned seen;

    EXPECT(sleep_until(pvops_time_now_ns() + ns, &seen) <= max_late_ns);
    EXPECT_EQ(interrupts, seen);
    EXPECT_EQ(0, fake_wait(10 * MS));
}

static void deadline_machine(void)
{
    pc_reset();
    fake_leaf(CPUID_EXTENDED, CPUID_POWER, 0, 0, 0);
    fake_leaf(CPUID_POWER, 0, 0, 0, CPUID_POWER_EDX_TSC_INV);
    fake_apic_timer_tsc_deadline();
}

PVTEST(each_mode, "xAPIC, x2APIC, and either with the TSC: once, hardly late")
{
    for (unsigned mode = 0; mode < 4; mode++) {
        if (mode & 1)
            deadline_machine();
        else
            pc_reset();
        fake_apic(pc.probe.apic_hz, mode & 2);
        pc_start();
        EXPECT(host_logged(mode & 2 ? "x2APIC" : "xAPIC"));
        EXPECT(host_logged(mode & 1 ? "by the TSC" : "by its counter"));
        for (uint64_t ns = 1; ns < 4000 * (uint64_t)MS; ns = ns * 3 + 1)
            try_deadline(ns, 20 * US, 1);
    }
}

PVTEST(past, "a deadline that has passed comes at once")
{
    pc_reset();
    pc_start();
    fake.now_ps += UINT64_C(5000000000000);
    for (uint64_t at_ns = 0; at_ns <= 3 * MS; at_ns += MS) {
        uint64_t before_ns = fake_ns();
        unsigned seen;

        sleep_until(at_ns, &seen);
        EXPECT_EQ(1, seen);
        EXPECT(fake_ns() - before_ns < 20 * US);
    }
}

PVTEST(far_away, "further than the counter reaches: early in between, not told")
{
    for (unsigned mode = 0; mode < 2; mode++) {
        if (mode)
            deadline_machine();
        else
            pc_reset();
        pc_start();
        /* 4.29 s at a time */
        try_deadline(UINT64_C(20000000000), 20 * US, 5);
    }
    /* A timer of 2 GHz wraps after half of that. */
    pc_reset();
    pc.probe.apic_hz = 2000000000;
    fake_apic(pc.probe.apic_hz, false);
    pc_start();
    try_deadline(UINT64_C(20000000000), 20 * US, 10);
}

PVTEST(wrong_frequency, "a timer that is faster than told is set again")
{
    unsigned seen;

    pc_reset();
    fake.apic_hz = 101 * (pc.probe.apic_hz / 100);
    pc_start();
    EXPECT(sleep_until(pvops_time_now_ns() + 1000 * MS, &seen) < 50 * US);
    EXPECT(seen >= 2 && seen <= 5);
}

/* A measured rate is a little low, never high. */
PVTEST(measured, "an unknown frequency is measured: hardly late, hardly early")
{
    unsigned seen;

    pc_reset();
    pc.probe.apic_hz = 0;
    fake_apic(62500000, false);
    pc_start();
    EXPECT(fake_ns() < 60 * MS);
    EXPECT(sleep_until(pvops_time_now_ns() + 1000 * MS, &seen) < 20 * US);
    EXPECT(seen <= 3);
}

/* Off by 50 ms in 10: a rate too high would show at once. */
static void measured_while_away(uint64_t at_ps)
{
    unsigned seen;

    pc_reset();
    pc.probe.apic_hz = 0;
    fake_apic(62500000, false);
    fake.cheap_ps = 1000000;
    fake.stall_at_ps = at_ps;
    fake.stall_ps = UINT64_C(50000000000);
    pc_start();
    EXPECT(sleep_until(pvops_time_now_ns() + 100 * MS, &seen) < 50 * US);
    EXPECT(seen <= 3);
}

PVTEST(taken_away, "measured while the CPU is away for 50 ms at any moment")
{
    for (uint64_t at_us = 1; at_us < 42000; at_us += 997)
        measured_while_away(at_us * 1000000);
    /* About the last look at the clock, before the counter is read. */
    for (uint64_t at_us = 10000; at_us < 10040; at_us++)
        measured_while_away(at_us * 1000000 + 500000);
}

PVTEST(no_clock, "no clock: no deadline would ever pass, so it is refused")
{
    pc_reset();
    pvops_probe(&pc.probe, &pc.info);
    pc.info.tsc_hz = 0;
    EXPECT_EQ(PVOPS_OK, pvops_setup(&pc.info, &pc.setup));
    EXPECT(host_logged("it stands at 0"));
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(host_logged("no clock by which a deadline passes"));
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

PVTEST(standing_still,
       "a timer that does not count is refused, in bounded time")
{
    pc_reset();
    pc.probe.apic_hz = 0;
    fake_apic(0, false);
    pc_setup();
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(host_logged("frequency is unknown"));
    EXPECT(fake.apic_lvt & APIC_LVT_MASKED);
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

PVTEST(replaced, "a new deadline replaces the old one, a cancelled one is gone")
{
    unsigned seen;

    pc_reset();
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + 2 * MS);
    EXPECT(sleep_until(pvops_time_now_ns() + 50 * MS, &seen) < 20 * US);
    EXPECT_EQ(1, seen);
    pvops_time_set_deadline(pvops_time_now_ns() + 2 * MS);
    pvops_time_cancel_deadline();
    EXPECT_EQ(0, fake_wait(10 * MS));

    /* Already on its way: it comes, is acknowledged, and is nothing. */
    pvops_time_set_deadline(pvops_time_now_ns() + MS);
    fake.now_ps += UINT64_C(5000000000);
    pvops_time_cancel_deadline();
    EXPECT_EQ(PC_DEADLINE, fake_wait(MS));
    EXPECT_EQ(0, pvops_time_arrived(PC_DEADLINE));
    EXPECT_EQ(0, fake_wait(10 * MS));
}

PVTEST(cancelled_tsc, "the same in TSC-deadline mode")
{
    deadline_machine();
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + 2 * MS);
    pvops_time_cancel_deadline();
    EXPECT_EQ(0, fake_wait(10 * MS));
    EXPECT_EQ(0, fake_msr_value(MSR_IA32_TSC_DEADLINE));
}

PVTEST(spurious_one, "one that is not in service ends no other")
{
    pc_reset();
    fake.apic_spurious = APIC_SPURIOUS_VECTOR;
    pc_start();
    EXPECT_EQ(APIC_SPURIOUS_ENABLED | PC_DEADLINE, fake.apic_spurious);
    fake_apic_interrupt(0x33);
    EXPECT_EQ(0, pvops_time_arrived(PC_DEADLINE));
    EXPECT_EQ(0, fake.apic_eois);
    /* A real one, of a higher priority, in between. */
    try_deadline(MS, 20 * US, 1);
    EXPECT_EQ(1, fake.apic_eois);
    fake_apic_eoi();
}

PVTEST(embedders_own, "an APIC that is in use keeps its spurious vector")
{
    pc_reset();
    fake.apic_spurious = APIC_SPURIOUS_ENABLED | 0xef;
    pc_start();
    EXPECT_EQ(APIC_SPURIOUS_ENABLED | 0xef, fake.apic_spurious);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(APIC_SPURIOUS_ENABLED | 0xef, fake.apic_spurious);
}

PVTEST(own_timer, "the embedder's timer is left alone; a deadline panics")
{
    pc_reset();
    pc.cpu_options.own_timer = true;
    pc.cpu_options.deadline_vector = 0;
    fake.apic_lvt = 0x77;
    fake.apic_divide = 3;
    fake.apic_initial = 12345;
    pc_start();
    EXPECT_EQ(0x77, fake.apic_lvt);
    EXPECT_EQ(3, fake.apic_divide);
    EXPECT_EQ(12345, fake.apic_initial);
    pvops_time_cancel_deadline();
    EXPECT_EQ(12345, fake.apic_initial);
    EXPECT(HOST_PANICS(pvops_time_set_deadline(1)));
    EXPECT_STR("pvops_time_set_deadline(): this CPU's timer is your own",
               host.panic);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0x77, fake.apic_lvt);
    EXPECT_EQ(12345, fake.apic_initial);
}

PVTEST(none, "no APIC, one switched off, one not mapped: refused, nothing read")
{
    for (unsigned i = 0; i < 3; i++) {
        pc_reset();
        if (i == 0)
            fake_leaf_at(CPUID_FEATURES)->edx &= ~CPUID_1_EDX_APIC;
        else if (i == 1)
            fake_msr(MSR_IA32_APIC_BASE, 0xfee00000);
        else
            host.device = NULL;
        pc_setup();
        EXPECT_EQ(PVOPS_E_UNSUPPORTED,
                  pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
        EXPECT(host_logged("no timer for deadlines"));
        EXPECT_EQ(i == 2 ? 0xfee00000 : 0, host.mapped);
        /* The way on. */
        pc.cpu_options.own_timer = true;
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
        EXPECT_EQ(0, pvops_time_arrived(PC_EVENT));
    }
}

PVTEST(family_5, "a Pentium has no MSR for the APIC's base")
{
    pc_reset();
    fake_remove_msr(MSR_IA32_APIC_BASE);
    fake_leaf_at(CPUID_FEATURES)->eax = 0x543;
    pc_start();
    EXPECT_EQ(0xfee00000, host.mapped);
    try_deadline(MS, 20 * US, 1);
}

PVTEST(mapped_before, "the probe's mapping is used, no other is asked for")
{
    pc_reset();
    pc.probe.lapic = fake.lapic;
    host.device = NULL;
    pc_start();
    EXPECT_EQ(0, host.mapped);
    try_deadline(MS, 20 * US, 1);
}

PVTEST(adjusted_tsc, "on bare metal an adjusted TSC has no deadline mode")
{
    for (unsigned i = 0; i < 4; i++) {
        bool hypervisor = i & 1;
        bool adjusted = i & 2;

        deadline_machine();
        fake_leaf(CPUID_MORE_FEATURES, 0, CPUID_7_EBX_TSC_ADJUST, 0, 0);
        fake_msr(MSR_IA32_TSC_ADJUST, adjusted ? 0x1000 : 0);
        if (hypervisor)
            fake_hypervisor(0x40000000, 0x40000000, "TestTestTest");
        pc_start();
        EXPECT(host_logged(adjusted && !hypervisor ? "by its counter"
                                                   : "by the TSC"));
        try_deadline(MS, 20 * US, 1);
    }
}

PVTEST(varying_tsc, "a TSC that is not invariant has no deadline mode")
{
    pc_reset();
    fake_apic_timer_tsc_deadline();
    pc_start();
    EXPECT(host_logged("by its counter"));
    try_deadline(MS, 20 * US, 1);
}

PVTEST(teardown, "every register as it was found, no interrupt any more")
{
    pc_reset();
    fake.apic_spurious = APIC_SPURIOUS_VECTOR;
    fake.apic_lvt = APIC_LVT_MASKED | 0x31;
    fake.apic_divide = 7;
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + MS);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(APIC_SPURIOUS_VECTOR, fake.apic_spurious);
    EXPECT_EQ(APIC_LVT_MASKED | 0x31, fake.apic_lvt);
    EXPECT_EQ(7, fake.apic_divide);
    EXPECT_EQ(0, fake.apic_initial);
    EXPECT_EQ(0, fake_wait(10 * MS));

    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    try_deadline(MS, 20 * US, 1);
}
