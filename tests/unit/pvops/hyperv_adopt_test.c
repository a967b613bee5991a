/* SPDX-License-Identifier: MIT */
/*
 * What Hyper-V has once - guest OS id, hypercall page, SynIC - beside drivers
 * of the embedder's own, in both orders.
 *
 * Tried: the guest OS id or the page written though they are there, a page that
 * is not the enabled one believed, the lock not looked at, reserved bits not
 * kept, SINT 0 or a timer in use taken, events not told: each fails here.
 */
#include "hyperv_machine.h"

#include "internal.h"

enum { DRIVER_OS_ID = 0x1234, DRIVER_SINT = 2 };

static uint64_t paddr(const void *page)
{
    return (uintptr_t)page;
}

/* A VMBus driver's first half. */
static void driver_hypercall(void *page)
{
    x86_wrmsr(HV_X64_MSR_GUEST_OS_ID, DRIVER_OS_ID);
    x86_wrmsr(HV_X64_MSR_HYPERCALL, paddr(page) | HV_X64_MSR_HYPERCALL_ENABLE);
}

/* And its second: a SINT of its own, in whosever message page. */
static void driver_sint(void)
{
    x86_wrmsr(HV_X64_MSR_SINT0 + DRIVER_SINT, EVENT_VECTOR);
}

static void driver_synic(void *page)
{
    x86_wrmsr(HV_X64_MSR_SIMP, paddr(page) | HV_SYNIC_SIMP_ENABLE);
    x86_wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_SCONTROL_ENABLE);
    driver_sint();
}

/* The host sends the driver a message; its interrupt waits. */
static struct hv_message *message_for_driver(void *page)
{
    struct hv_message *slot = (struct hv_message *)page + DRIVER_SINT;

    slot->message_type = 1;
    fake_hyperv.vp->raised[EVENT_VECTOR] = true;
    return slot;
}

/* It arrives, is said to be an event, and stays for the driver to take. */
static void driver_is_served(void *page)
{
    struct hv_message *slot = message_for_driver(page);

    EXPECT_EQ(EVENT_VECTOR, fake_hyperv_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(EVENT_VECTOR));
    EXPECT_EQ(1, slot->message_type);
    slot->message_type = HVMSG_NONE;
    x86_wrmsr(HV_X64_MSR_EOM, 0);
}

PVTEST(hypercall_ours, "the library registers a page, and says so")
{
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    EXPECT(pvops_get_resources()->hyperv_hypercall_page == machine_pages[1]);
    EXPECT(fake_hyperv.hypercall == machine_pages[1]);
    EXPECT_EQ(HV_GUEST_OS_ID_OPEN_SOURCE,
              fake_msr_value(HV_X64_MSR_GUEST_OS_ID));
    EXPECT_EQ(HV_GUEST_OS_ID_OPEN_SOURCE,
              pvops_get_resources()->hyperv_guest_os_id);
    machine_stop();
    EXPECT(!fake_hyperv.hypercall);
    EXPECT(!pvops_get_resources()->hyperv_hypercall_page);
}

PVTEST(hypercall_theirs, "a driver that was first keeps its page and its id")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    driver_hypercall(machine_drivers[0]);
    machine.yours.hyperv_hypercall_page = machine_drivers[0];
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(fake_hyperv.hypercall == machine_drivers[0]);
    EXPECT(pvops_get_resources()->hyperv_hypercall_page == machine_drivers[0]);
    EXPECT_EQ(DRIVER_OS_ID, pvops_get_resources()->hyperv_guest_os_id);
    machine_deadline();
    machine_stop();
    EXPECT(fake_hyperv.hypercall == machine_drivers[0]);
}

PVTEST(hypercall_not_told, "a page of nobody we know is left alone")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    driver_hypercall(machine_drivers[0]);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("is somebody's who did not say so: left alone"));
    EXPECT(fake_hyperv.hypercall == machine_drivers[0]);
    EXPECT(!pvops_get_resources()->hyperv_hypercall_page);
    machine_deadline();
    machine_stop();
}

PVTEST(hypercall_wrong, "a page that is not the enabled one is refused")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    machine.yours.hyperv_hypercall_page = machine_drivers[0];
    EXPECT_EQ(PVOPS_E_INVALID, machine_start());
    EXPECT(host_logged("hyperv: your hypercall page is not enabled"));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_GUEST_OS_ID));

    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    driver_hypercall(machine_drivers[0]);
    machine.yours.hyperv_hypercall_page = machine_drivers[1];
    EXPECT_EQ(PVOPS_E_INVALID, machine_start());
    EXPECT(host_logged("hyperv: your hypercall page is at 0x"));
    EXPECT(fake_hyperv.hypercall == machine_drivers[0]);
}

PVTEST(os_id_theirs, "the embedder's name for itself, if nobody gave one yet")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    machine.yours.hyperv_guest_os_id = DRIVER_OS_ID;
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT_EQ(DRIVER_OS_ID, fake_msr_value(HV_X64_MSR_GUEST_OS_ID));
    machine_stop();
}

PVTEST(hypercall_locked, "what cannot be changed is not tried")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    fake_msr(HV_X64_MSR_HYPERCALL, HV_X64_MSR_HYPERCALL_LOCKED | 0x800);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("hyperv: locked until reset: no hypercalls"));
    EXPECT(!pvops_get_resources()->hyperv_hypercall_page);
    machine_stop();
}

PVTEST(reserved_bits, "bits that are nobody's stay as they are")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    fake_msr(HV_X64_MSR_HYPERCALL, 0xabc);
    fake_msr(HV_X64_MSR_HYPERCALL, 0xabc & ~HV_X64_MSR_HYPERCALL_LOCKED);
    fake_msr(HV_X64_MSR_SIMP, 0x800);
    fake_msr(HV_X64_MSR_SCONTROL, 0x100);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT_EQ(0xabd, fake_msr_value(HV_X64_MSR_HYPERCALL) & 0xffd);
    EXPECT_EQ(0x801, fake_msr_value(HV_X64_MSR_SIMP) & 0xfff);
    EXPECT_EQ(0x101, fake_msr_value(HV_X64_MSR_SCONTROL));
    machine_stop();
}

PVTEST(no_pages, "without pages: no hypercalls, timer messages or clock page")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    machine.no_pages = true;
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("no pages were given: no hypercalls"));
    EXPECT(host_logged("no pages were given: deadlines by the local APIC"));
    machine_deadline();
    machine_stop();
}

PVTEST(synic_theirs, "a driver that was first keeps its SynIC; we take a SINT")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    driver_synic(machine_drivers[0]);
    machine.yours.hyperv_message_page = machine_drivers[0];
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT_EQ(15, pvops_get_resources()->hyperv_timer_sint);
    EXPECT_EQ(paddr(machine_drivers[0]) | HV_SYNIC_SIMP_ENABLE,
              fake_msr_value(HV_X64_MSR_SIMP));
    machine_deadline();
    driver_is_served(machine_drivers[0]);
    machine_deadline();
    machine_stop();
}

PVTEST(synic_ours, "a driver that comes later uses our page")
{
    machine_run(FAKE_HV_EAX, EDX_NO_DIRECT);
    EXPECT_EQ(paddr(machine_pages[2]) | HV_SYNIC_SIMP_ENABLE,
              fake_msr_value(HV_X64_MSR_SIMP));
    driver_sint();
    machine_deadline();
    driver_is_served(pvops_get_resources()->hyperv_message_page);
    machine_deadline();
    x86_wrmsr(HV_X64_MSR_SINT0 + DRIVER_SINT, HV_SYNIC_SINT_MASKED);
    machine_stop();
}

PVTEST(synic_direct, "in direct mode a driver has the SynIC for itself")
{
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    driver_synic(machine_drivers[0]);
    driver_is_served(machine_drivers[0]);
    machine_deadline();
    pvops_cpu_teardown(&machine_cpu);
    EXPECT_EQ(paddr(machine_drivers[0]) | HV_SYNIC_SIMP_ENABLE,
              fake_msr_value(HV_X64_MSR_SIMP));
}

PVTEST(synic_not_told, "a message page of nobody we know is left alone")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    driver_synic(machine_drivers[0]);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("the message page's owner did not say so: deadlines by "
                       "the local APIC"));
    machine_deadline();
    machine_stop();
}

PVTEST(synic_wrong, "a page that is not the enabled one is not believed")
{
    for (unsigned enabled = 0; enabled < 2; enabled++) {
        machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
        if (enabled)
            driver_synic(machine_drivers[1]);
        machine.yours.hyperv_message_page = machine_drivers[0];
        EXPECT_EQ(PVOPS_OK, machine_start());
        EXPECT(host_logged("your message page is not the enabled one"));
        machine_deadline();
        machine_stop();
    }
}

PVTEST(sint_theirs, "the embedder's choice of SINT is ours, or none is")
{
    static const struct {
        unsigned sint;
        bool taken, good;
    } rows[] = { { 5, false, true }, { 5, true, false }, { 16, false, false } };

    for (unsigned i = 0; i < 3; i++) {
        machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
        if (rows[i].taken)
            x86_wrmsr(HV_X64_MSR_SINT0 + 5, EVENT_VECTOR);
        machine.yours.hyperv_timer_sint = rows[i].sint;
        EXPECT_EQ(PVOPS_OK, machine_start());
        EXPECT_EQ(rows[i].good ? 5 : 0,
                  pvops_get_resources()->hyperv_timer_sint);
        EXPECT_EQ(!rows[i].good, host_logged("the chosen SINT is in use"));
        machine_deadline();
        machine_stop();
        EXPECT_EQ(rows[i].sint, pvops_get_resources()->hyperv_timer_sint);
    }
}

PVTEST(all_sints_taken, "then the local APIC, and the SynIC as it was")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    /* SINT 0 is the hypervisor's, masked as it may be. */
    for (unsigned i = 1; i < HV_SYNIC_SINT_COUNT; i++)
        x86_wrmsr(HV_X64_MSR_SINT0 + i,
                  i & 1 ? EVENT_VECTOR
                        : HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("no SINT is free: deadlines by the local APIC"));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_SIMP));
    machine_deadline();
    machine_stop();
}

PVTEST(timers_taken, "the next free timer, and none of somebody else's")
{
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG + 6, HV_STIMER_AUTOENABLE);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("hyperv: deadlines by synthetic timer 2\n"));
    machine_deadline();
    machine_stop();

    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    for (unsigned i = 0; i < HV_SYNIC_STIMER_COUNT; i++)
        x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG + 2 * i, HV_STIMER_AUTOENABLE);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(host_logged("all synthetic timers are in use: deadlines by the "
                       "local APIC"));
    machine_deadline();
    machine_stop();
}

PVTEST(one_vector, "for both: an event is told if a message waits")
{
    machine_reset(FAKE_HV_EAX, EDX_NO_DIRECT, 0);
    machine.cpu_options.event_vector = DEADLINE_VECTOR;
    EXPECT_EQ(PVOPS_OK, machine_start());
    x86_wrmsr(HV_X64_MSR_SINT0 + DRIVER_SINT, DEADLINE_VECTOR);
    machine_deadline();
    message_for_driver(machine_pages[2]);
    EXPECT(fake_apic_interrupt(DEADLINE_VECTOR));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(DEADLINE_VECTOR));

    /* Event flags take long to search: who has a page is told each time. */
    machine_reset(FAKE_HV_EAX, FAKE_HV_EDX, 0);
    machine.cpu_options.event_vector = DEADLINE_VECTOR;
    machine.yours.hyperv_event_page = machine_drivers[1];
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT(fake_apic_interrupt(DEADLINE_VECTOR));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(DEADLINE_VECTOR));

    /* Nor are the pages of other CPUs known. */
    machine_run(FAKE_HV_EAX, FAKE_HV_EDX);
    machine_cpu.event_vector = DEADLINE_VECTOR;
    EXPECT(fake_apic_interrupt(DEADLINE_VECTOR));
    EXPECT_EQ(0, pvops_time_arrived(DEADLINE_VECTOR));
    machine_cpu.index = 1;
    EXPECT(fake_apic_interrupt(DEADLINE_VECTOR));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(DEADLINE_VECTOR));
}
