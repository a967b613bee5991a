/* SPDX-License-Identifier: MIT */
/*
 * The hyperv backend on whole and partial hypervisors: deadlines, EOI, and
 * that the teardown undoes all of it.
 *
 * Tried: a division that rounds down, EOM never written, the slot left full,
 * any of the three conditions in missing() left out, each write of the
 * teardowns left out, EOI by MSR without its bit or without the hint, an early
 * interrupt reported or not set again, an interrupt acknowledged though it is
 * spurious, a leaf read beyond the maximum or without Hv#1: each fails here.
 */
#include "hyperv_machine.h"

#include <x86/percpu.h>

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "hyperv_crash.h"
#include "internal.h"
#include "power_ways.h"

static uint64_t stimer(unsigned timer)
{
    return fake_msr_value(HV_X64_MSR_STIMER0_CONFIG + 2 * timer);
}

PVTEST(direct, "a synthetic timer by its vector, and nothing of the SynIC's")
{
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    EXPECT(host_logged("hyperv: deadlines by synthetic timer 3\n"));
    machine_deadline();
    machine_deadline();
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_SIMP));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_SCONTROL));
    EXPECT_EQ(0, pvops_get_resources()->hyperv_timer_sint);
    machine_stop();
}

PVTEST(message, "a synthetic timer through the SynIC, its slot emptied")
{
    machine_run(FAKE_HV_EAX, EDX_NO_DIRECT);
    EXPECT(host_logged("hyperv: no direct timers: deadlines by messages of "
                       "synthetic timer 3 to SINT 15\n"));
    EXPECT_EQ(15, pvops_get_resources()->hyperv_timer_sint);
    EXPECT(pvops_get_resources()->hyperv_message_page == machine_pages[2]);
    machine_deadline();
    machine_deadline();
    EXPECT_EQ(0, fake_hyperv.eoms);
    machine_stop();
}

PVTEST(message_behind_a_message, "who was told that one waits writes EOM")
{
    machine_run(FAKE_HV_EAX, EDX_NO_DIRECT);
    pvops_time_set_deadline(pvops_time_now_ns());
    EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(1 * MS));
    /* Before the handler has looked, it expires again. */
    pvops_time_set_deadline(pvops_time_now_ns());
    EXPECT_EQ(0, fake_hyperv_wait(1 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(DEADLINE_VECTOR));
    EXPECT_EQ(1, fake_hyperv.eoms);
    EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(0));
    EXPECT_EQ(0, pvops_time_arrived(DEADLINE_VECTOR));
    EXPECT_EQ(1, fake_hyperv.eoms);
    machine_deadline();
    machine_stop();
}

PVTEST(cancelled, "a deadline that was taken back does not arrive")
{
    static const uint32_t edx[] = { FAKE_HV_EDX, EDX_NO_DIRECT };

    for (unsigned i = 0; i < 2; i++) {
        machine_run(FAKE_HV_EAX, edx[i]);
        pvops_time_set_deadline(pvops_time_now_ns() + MS);
        pvops_time_cancel_deadline();
        EXPECT_EQ(0, fake_hyperv_wait(5 * MS));
        /* On its way already: acknowledged, not reported. */
        pvops_time_set_deadline(pvops_time_now_ns());
        EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(MS));
        pvops_time_cancel_deadline();
        EXPECT_EQ(0, pvops_time_arrived(DEADLINE_VECTOR));
        machine_deadline();
        machine_stop();
    }
}

PVTEST(early, "an interrupt before its time is set again, not reported")
{
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    pvops_time_set_deadline(pvops_time_now_ns() + 5 * MS);
    fake_hyperv.vp->stimer[3].config &= ~(uint64_t)HV_STIMER_ENABLE;
    EXPECT(fake_apic_interrupt(DEADLINE_VECTOR));
    EXPECT_EQ(0, pvops_time_arrived(DEADLINE_VECTOR));
    EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(6 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(DEADLINE_VECTOR));
}

PVTEST(rounded_up, "no part of 100 ns is lost: that would be early")
{
    uint64_t start;

    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    start = pvops_time_now_ns() + 10 * MS;
    for (unsigned ns = 0; ns < 300; ns++) {
        uint64_t at_ns = start + ns;

        pvops_time_set_deadline(at_ns);
        EXPECT(fake_hyperv.vp->stimer[3].count * 100 >=
               at_ns + pvi.clock.page_ns);
        EXPECT(fake_hyperv.vp->stimer[3].count * 100 <
               at_ns + pvi.clock.page_ns + 100);
    }
}

PVTEST(far_and_past, "no deadline is so far that it wraps, none so near as 0")
{
    static const uint32_t eax[] = {
        FAKE_HV_EAX,
        FAKE_HV_EAX & ~HV_MSR_REFERENCE_TSC_AVAILABLE, /* the clock: a TSC */
    };

    for (unsigned i = 0; i < 2; i++) {
        machine_run(eax[i], FAKE_HV_EDX);
        pvops_time_set_deadline(UINT64_MAX);
        EXPECT(fake_hyperv.vp->stimer[3].count > UINT64_C(100000000000000000));
        EXPECT_EQ(0, fake_hyperv_wait(UINT64_C(1000) * MS));
        pvops_time_set_deadline(0);
        EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(0));
        EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(DEADLINE_VECTOR));
        machine_stop();
    }
    /* A machine as old as the clock. */
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    pvi.clock.page_ns = 0;
    pvops_time_set_deadline(0);
    EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(0));
}

/* The line that a missing bit must bring. */
struct missing {
    unsigned bit;
    const char *line;
};

/* clang-format off */
static const struct missing in_eax[] = {
    { 0,  "no VP_RUNTIME: " },
    { 1,  "no TIME_REF_COUNT: clock by the TSC\n" },
    { 1,  "no reference counter for its timers: deadlines by the local " },
    { 2,  "no SynIC for its timers: deadlines by the local APIC\n" },
    { 3,  "no synthetic timers: deadlines by the local APIC\n" },
    { 4,  "no APIC_ACCESS: EOI by the APIC\n" },
    { 5,  "no HYPERCALL: no hypercalls\n" },
    { 6,  "no VP_INDEX: " },
    { 7,  "no RESET: " },
    { 9,  "no REFERENCE_TSC: clock by the counter or the TSC\n" },
    { 11, "no ACCESS_FREQUENCY_MSRS: frequencies by other sources\n" },
    { 13, "no REENLIGHTENMENT: " },
};
static const struct missing in_edx[] = {
    { 4,  "no XMM_INPUT: " },
    { 8,  "no FREQUENCY_MSRS: frequencies by other sources\n" },
    { 10, "no GUEST_CRASH_MSR: a crash is a reset\n" },
    { 19, "no direct timers: deadlines by messages of synthetic timer 3 to "
          "SINT 15\n" },
};
static const struct missing in_hints[] = {
    { 2,  "no REMOTE_TLB_FLUSH: " },
    { 5,  "no RELAXED_TIMING: " },
    { 10, "no CLUSTER_IPI: " },
};
/* clang-format on */

static void without(uint32_t eax, uint32_t edx, uint32_t hints,
                    const char *line)
{
    machine_reset(eax, edx, hints);
    EXPECT_EQ(PVOPS_OK, machine_start());
    if (line && !host_logged(line))
        FAIL("EAX 0x%x EDX 0x%x: no line \"%s\" in\n%s", eax, edx, line,
             host.log);
    machine_deadline();
    machine_stop();
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&machine_cpu, &machine.cpu_options));
    machine_deadline();
    machine_stop();
}

PVTEST(each_bit_singly, "without any one bit all works, and a line says so")
{
    for (unsigned i = 0; i < sizeof(in_eax) / sizeof(in_eax[0]); i++) {
        uint32_t eax = FAKE_HV_EAX & ~(1u << in_eax[i].bit);

        without(eax, FAKE_HV_EDX, FAKE_HV_HINTS, in_eax[i].line);
        without(eax, EDX_NO_DIRECT, FAKE_HV_HINTS | 8, in_eax[i].line);
    }
    for (unsigned i = 0; i < sizeof(in_edx) / sizeof(in_edx[0]); i++) {
        uint32_t mask = ~(1u << in_edx[i].bit);

        without(FAKE_HV_EAX, FAKE_HV_EDX & mask, 8, in_edx[i].line);
        without(FAKE_HV_EAX, EDX_NO_DIRECT & mask, 0, in_edx[i].line);
    }
    for (unsigned i = 0; i < sizeof(in_hints) / sizeof(in_hints[0]); i++)
        without(FAKE_HV_EAX, FAKE_HV_EDX,
                FAKE_HV_HINTS & ~(1u << in_hints[i].bit), in_hints[i].line);
}

PVTEST(spinlocks, "who is never to be told, or how often is not said")
{
    static const uint32_t ebx[] = { 0, UINT32_MAX, 1 };

    for (unsigned i = 0; i < 3; i++) {
        machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS);
        fake_leaf(0x40000004, FAKE_HV_HINTS, ebx[i], 0, 0);
        EXPECT_EQ(PVOPS_OK, machine_start());
        EXPECT_EQ(i < 2, host_logged("no SPINLOCK_RETRIES: "));
    }
}

PVTEST(nothing_missing, "is not said where all is there")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(!host_logged("hyperv: no "));
    EXPECT(host_logged("hyperv: deadlines by synthetic timer 3\n"));
}

PVTEST(each_bit_alone, "with any one bit, and with none, all works")
{
    without(0, 0, 0, "no synthetic timers: deadlines by the local APIC");
    for (unsigned bit = 0; bit < 32; bit++) {
        without(1u << bit, 0, 8, NULL);
        without(0, 1u << bit, 8, NULL);
    }
}

PVTEST(all_pairs, "without any two bits all works")
{
    for (unsigned a = 1; a < 14; a++) {
        for (unsigned b = 0; b < a; b++)
            without(FAKE_HV_EAX & ~(1u << a) & ~(1u << b), FAKE_HV_EDX, 8,
                    NULL);
    }
}

PVTEST(eoi_by_msr, "by MSR if it is there and recommended, else by the APIC")
{
    static const struct {
        uint32_t missing, hints;
        bool by_msr;
    } rows[] = {
        { 0, HV_APIC_ACCESS_RECOMMENDED, true },
        { 0, 0, false },
        { HV_MSR_APIC_ACCESS_AVAILABLE, HV_APIC_ACCESS_RECOMMENDED, false },
    };

    for (unsigned i = 0; i < 3; i++) {
        machine_reset(FAKE_HV_EAX & ~rows[i].missing, FAKE_HV_EDX,
                      rows[i].hints);
        EXPECT_EQ(PVOPS_OK, machine_start());
        machine_deadline();
        EXPECT_EQ(rows[i].by_msr, fake_hyperv.msr_eois);
        machine_stop();
    }
}

PVTEST(no_mapping, "an APIC that is not mapped: EOI by MSR, or no timer")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    host.device = NULL;
    EXPECT_EQ(PVOPS_OK, machine_start());
    machine_deadline();
    EXPECT_EQ(1, fake_hyperv.msr_eois);
    machine_stop();

    machine_reset(FAKE_HV_EAX & ~HV_MSR_APIC_ACCESS_AVAILABLE, FAKE_HV_EDX, 0);
    host.device = NULL;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, machine_start());
    EXPECT_EQ(0, stimer(3));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_HYPERCALL) & 1);
    machine.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&machine_cpu, &machine.cpu_options));
}

PVTEST(apic_switched_off, "is switched on, and a spurious interrupt has no EOI")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 8);
    fake.apic_spurious = APIC_SPURIOUS_VECTOR;
    EXPECT_EQ(PVOPS_OK, machine_start());
    machine_deadline();
    EXPECT_EQ(0, pvops_time_arrived(DEADLINE_VECTOR));
    EXPECT_EQ(1, fake.apic_eois);
    machine_stop();
    EXPECT_EQ(APIC_SPURIOUS_VECTOR, fake.apic_spurious);
}

PVTEST(own_timer, "the embedder's timer: none of ours is touched")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    machine.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, machine_start());
    for (unsigned i = 0; i < HV_SYNIC_STIMER_COUNT; i++)
        EXPECT_EQ(0, stimer(i));
    EXPECT(HOST_PANICS(pvops_time_set_deadline(0)));
    EXPECT(fake_apic_interrupt(EVENT_VECTOR));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(EVENT_VECTOR));
    EXPECT_EQ(1, fake.apic_eois);
    machine_stop();
}

PVTEST(without_interface, "Hyper-V's name without Hv#1 promises nothing")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 8);
    fake_leaf(0x40000001, 0x12345678, 0, 0, 0);
    EXPECT_EQ(PVOPS_OK, machine_start());
    machine_deadline();
    EXPECT(host_logged("no synthetic timers: deadlines by the local APIC"));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_GUEST_OS_ID));
}

PVTEST(beyond_the_maximum, "leaves that answer beyond it are not there")
{
    machine_reset(0, 0, 0);
    fake_leaf(0x40000003, FAKE_HV_EAX, 0, 0, FAKE_HV_EDX);
    fake_leaf_at(CPUID_HYPERVISOR)->eax = 0x40000002;
    EXPECT_EQ(PVOPS_OK, machine_start());
    machine_deadline();
    EXPECT(host_logged("no synthetic timers: deadlines by the local APIC"));
    machine_stop();
}

PVTEST(further_cpu, "has a timer of its own in direct mode, else the APIC's")
{
    static struct pvops_cpu second;
    struct pvops_cpu_options options = {
        .index = 1,
        .deadline_vector = DEADLINE_VECTOR,
        .event_vector = EVENT_VECTOR,
    };
    static const uint32_t edx[] = { FAKE_HV_EDX, EDX_NO_DIRECT };

    for (unsigned i = 0; i < 2; i++) {
        machine_run(FAKE_HV_EAX, edx[i]);
        pvi.stage = PVI_STAGE_SEALED;
        memset(&second, 0, sizeof(second));
        fake_percpu = &second;
        /* The model has one CPU's MSRs: timer 3 is the first CPU's. */
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&second, &options));
        EXPECT_EQ(i == 0, stimer(2) != 0);
        EXPECT_EQ(i == 0 ? 0 : 15, pvops_get_resources()->hyperv_timer_sint);
        pvops_cpu_teardown(&second);
        EXPECT_EQ(0, stimer(2));
        EXPECT(stimer(3) != 0);
        EXPECT_EQ(1, fake_msr_value(HV_X64_MSR_HYPERCALL) & 1);
        fake_percpu = &machine_cpu;
        machine_stop();
    }
}

PVTEST(crash_hook, "is set by a backend that has the registers, else not")
{
    static const uint32_t edx[] = { FAKE_HV_EDX, 0 };

    for (unsigned i = 0; i < 2; i++) {
        pvi_power_crash_hook = NULL;
        machine_run(FAKE_HV_EAX, edx[i]);
        EXPECT_EQ(i == 0, pvi_power_crash_hook == pvi_hyperv_crash);
    }
}

PVTEST(crash, "told to whom has the registers, and to nobody else")
{
    struct pvops_info info;

    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    pvops_probe(NULL, &info);
    EXPECT(pvi_hyperv_crash_offered(&info));
    pvi_hyperv_crash(0x1234);
    EXPECT_EQ(1, fake_hyperv.crashes);
    EXPECT_EQ(0, memcmp(&fake_hyperv.crash[0], "pvops\0\0", 8));
    EXPECT_EQ(0x1234, fake_hyperv.crash[1]);
    EXPECT_EQ(0, fake_hyperv.crash[3] | fake_hyperv.crash[4]);

    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX & ~HV_GUEST_CRASH_MSR_AVAILABLE, 0);
    pvops_probe(NULL, &info);
    EXPECT(!pvi_hyperv_crash_offered(&info));
}
