/* SPDX-License-Identifier: MIT */
/*
 * The backend xen_hvm on a model Xen: deadlines by events, and what comes in
 * the place of each thing that Xen refuses.
 *
 * Tried: pvi_lapic_eoi() left out of pvi_xen_time_arrived(): deadline, no_virq,
 *        one_vector, set_timer_op and let_go fail. start_timer() left out of
 *        deadline_passed(): early fails. The timer's port not closed: let_go
 *        and theirs fail. "+ now.ns" left out of the wall clock: wall fails.
 *        "- x->stolen_start_ns" left out: stolen fails. No write to
 *        HVM_PARAM_CALLBACK_IRQ before shared_info: nearly all fail.
 *        lapic_enabled not looked at in upcall_setup(): apic_as_found fails.
 *        shared_info mapped whoever has the upcall: theirs_unmapped fails. The
 *        upcall set up before the timer: unsupported fails. Xen's timer left
 *        bound when there are no events: no_upcall fails. set_timer_op given
 *        0: no_time fails. In in_service(): "event" alone for the first
 *        condition: callback_eoi and one_callback fail; the last line 0:
 *        wrong_vector fails; 'vector' for pvi_lapic_spurious(): spurious fails.
 */
#include "pvtest.h"

#include "apic_timer.h"
#include "cmos.h"
#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_model.h"

enum { MS = 1000000 };

#define xen fake_xen_model

static void xen_machine(void)
{
    pc_reset();
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    fake_xen_setup(0x40000000);
}

/* A deadline in 'in_ns' comes by an event, as the deadline and nothing else. */
static void event_deadline_works(uint64_t in_ns)
{
    uint64_t at = pvops_time_now_ns() + in_ns;
    unsigned found;

    pvops_time_set_deadline(at);
    EXPECT(!fake_xen_wait(in_ns / 2));
    EXPECT(fake_xen_wait(in_ns));
    found = pvops_time_arrived(PC_EVENT);
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, found);
    EXPECT(pvops_time_now_ns() >= at);
    EXPECT(pvops_time_now_ns() < at + in_ns);
    for (unsigned i = 0; i < 8; i++)
        EXPECT_EQ(0, fake.apic_in_service[i]);
    EXPECT(!fake_xen_wait(in_ns));
}

static void apic_deadline_works(void)
{
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    EXPECT_EQ(PC_DEADLINE, fake_wait(20 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
    for (unsigned i = 0; i < 8; i++)
        EXPECT_EQ(0, fake.apic_in_service[i]);
}

PVTEST(deadline,
       "by VIRQ_TIMER, through the local APIC, on either vendor's CPU")
{
    static const char *const vendors[] = { "GenuineIntel", "AuthenticAMD" };

    for (unsigned i = 0; i < 2; i++) {
        xen_machine();
        fake_vendor(vendors[i]);
        pc_start();
        EXPECT_STR("xen_hvm", pvops_backend_name());
        EXPECT(host_logged("through the local APIC"));
        EXPECT_EQ(PC_EVENT, xen.upcall_vector);
        event_deadline_works(10 * MS);
        event_deadline_works(MS / 10);
        EXPECT_EQ(0, xen.registrations);
    }
}

PVTEST(at_once, "a deadline that is past")
{
    xen_machine();
    pc_start();
    pvops_time_set_deadline(0);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));
}

PVTEST(far_away, "a deadline beyond Xen's time")
{
    xen_machine();
    pc_start();
    pvops_time_set_deadline(UINT64_MAX - 1);
    EXPECT(xen.timer_ns > fake_xen_ns() + UINT64_C(1000000000) * 86400 * 365);
    EXPECT(xen.timer_ns < UINT64_MAX / 2);
}

PVTEST(early, "a timer that comes early is set again, and not told")
{
    uint64_t timer_ns;

    xen_machine();
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    timer_ns = xen.timer_ns;
    xen.timer_ns = fake_xen_ns() + 2 * MS;
    EXPECT(fake_xen_wait(2 * MS));
    EXPECT_EQ(0, pvops_time_arrived(PC_EVENT));
    EXPECT(xen.timer_ns >= timer_ns && xen.timer_ns < timer_ns + MS);
    EXPECT(fake_xen_wait(10 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));
}

PVTEST(cancel, "no deadline any more")
{
    xen_machine();
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    pvops_time_cancel_deadline();
    EXPECT(!fake_xen_wait(20 * MS));
}

PVTEST(others, "events that nobody takes do not keep the timer from coming")
{
    xen_machine();
    xen.bound[1] = true; /* a console's, say */
    pc_start();
    EXPECT_EQ(2, pvops_get_resources()->xen_timer_port);
    fake_xen_event(1);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(PC_EVENT));
    EXPECT(xen.shared->evtchn_pending[0] & 2);
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    EXPECT(fake_xen_wait(20 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE | PVOPS_ARRIVED_EVENT,
              pvops_time_arrived(PC_EVENT));
}

PVTEST(callback_irq, "no upcall by the local APIC: by a vector without EOI")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                    XEN_ENOSYS);
    pc_start();
    EXPECT(host_logged("no upcall by the local APIC (-38): by "
                       "HVM_PARAM_CALLBACK_IRQ"));
    EXPECT_EQ(UINT64_C(2) << 56 | PC_EVENT, xen.callback_irq);
    event_deadline_works(10 * MS);
    EXPECT_EQ(0, fake.apic_eois);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0, xen.callback_irq);
}

PVTEST(no_upcall, "no upcall at all: deadlines by the local APIC's timer")
{
    xen_machine();
    xen.features = 0;
    fake_xen_refuse(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                    XEN_ENOSYS);
    pc_start();
    EXPECT(host_logged("no upcall at a vector (-38): no events"));
    EXPECT_EQ(0, xen.timer_port);
    EXPECT_EQ(0, pvops_get_resources()->xen_timer_port);
    apic_deadline_works();
}

PVTEST(no_virq, "VIRQ_TIMER is bound: deadlines by the local APIC's timer")
{
    xen_machine();
    xen.timer_port = 9;
    xen.bound[9] = true;
    pc_start();
    EXPECT(host_logged("cannot be bound (-17): somebody has it"));
    apic_deadline_works();
    /* Events of others come still. */
    fake_xen_event(9);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(PC_EVENT));
    EXPECT_EQ(0, fake.apic_in_service[PC_EVENT / 32]);
}

PVTEST(apic_as_found, "an APIC that was off is on until teardown, with either")
{
    for (unsigned bound = 0; bound < 2; bound++) {
        xen_machine();
        xen.timer_port = bound ? 9 : 0;
        xen.bound[9] = bound;
        fake.apic_spurious = 0xff;
        pc_start();
        EXPECT(fake.apic_spurious & 0x100);
        pvops_cpu_teardown(&pc.cpu);
        EXPECT_EQ(0xff, fake.apic_spurious);
    }
}

PVTEST(one_vector, "deadline and events at one vector, by timer and by event")
{
    xen_machine();
    xen.timer_port = 9;
    xen.bound[9] = true;
    pc.cpu_options.event_vector = PC_DEADLINE;
    pc_start();
    apic_deadline_works();
    fake_xen_event(9);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(PC_DEADLINE));
    EXPECT_EQ(0, fake.apic_in_service[PC_DEADLINE / 32]);
}

PVTEST(set_timer_op, "no set_singleshot_timer: the older hypercall")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer,
                    XEN_ENOSYS);
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer,
                    XEN_ENOSYS);
    pc_start();
    EXPECT(host_logged("no set_singleshot_timer (-38): set_timer_op is used"));
    event_deadline_works(10 * MS);
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    pvops_time_cancel_deadline();
    EXPECT(!fake_xen_wait(20 * MS));
}

PVTEST(no_time, "a time that cannot be read does not stop the timer")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer,
                    XEN_ENOSYS);
    pc_start();
    xen.vcpu->time.version++; /* being written, for ever */
    pvops_time_set_deadline(0);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));
}

PVTEST(unsupported, "no timer at all: nothing was changed")
{
    xen_machine();
    fake_leaf_at(1)->edx &= ~(1u << 9); /* no local APIC */
    xen.timer_port = 9;
    xen.bound[9] = true;
    xen.timer_ns = 12345;
    pc_setup();
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(0, xen.callback_irq);
    EXPECT_EQ(9, xen.timer_port);
    EXPECT_EQ(12345, xen.timer_ns);
    EXPECT(!pvops_get_resources()->xen_upcall);
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(xen.callback_irq != 0);
}

PVTEST(no_shared_info, "refused, or no page for it: all by the local APIC")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, XEN_EPERM);
    pc_start();
    EXPECT(host_logged("shared_info is refused (-1)"));
    EXPECT(!pvops_get_resources()->xen_shared_info);
    apic_deadline_works();

    xen_machine();
    pc.setup.pages = NULL;
    pc_start();
    EXPECT(host_logged("no page for shared_info"));
    apic_deadline_works();
}

PVTEST(no_answer, "leaves of Xen's, but hypercalls are refused: native")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_xen_version, XENVER_version, 1000);
    pc_start();
    EXPECT_STR("native", pvops_backend_name());
    apic_deadline_works();
}

PVTEST(own_timer, "the kernel's own timer stays; events come")
{
    xen_machine();
    pc.cpu_options.own_timer = true;
    pc_start();
    EXPECT_EQ(0, xen.timer_port);
    EXPECT(HOST_PANICS(pvops_time_set_deadline(1)));
    xen.bound[5] = true;
    fake_xen_event(5);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(PC_EVENT));
}

enum { DEVICE = 0x41 };

/* An event in the handler of a device: that one's EOI is nobody's here. */
static void event_is_not_acknowledged(unsigned port)
{
    EXPECT(fake_apic_interrupt(DEVICE));
    fake_xen_event(port);
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(pc.cpu.event_vector));
    EXPECT_EQ(0, fake.apic_eois);
    EXPECT_EQ(1u << DEVICE % 32, fake.apic_in_service[DEVICE / 32]);
    fake_apic_eoi();
    fake.apic_eois = 0;
    xen.shared->evtchn_pending[0] = 0;
}

PVTEST(callback_eoi, "no EOI of an event by HVM_PARAM_CALLBACK_IRQ")
{
    for (unsigned own = 0; own < 2; own++) {
        xen_machine();
        fake_xen_refuse(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                        XEN_ENOSYS);
        xen.timer_port = 9;
        xen.bound[9] = true;
        pc.cpu_options.own_timer = own;
        pc_start();
        event_is_not_acknowledged(9);
        if (!own)
            apic_deadline_works();
    }
}

PVTEST(one_callback, "nor where the APIC's timer has the same vector")
{
    xen_machine();
    fake_xen_refuse(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                    XEN_ENOSYS);
    xen.timer_port = 9;
    xen.bound[9] = true;
    pc.cpu_options.event_vector = PC_DEADLINE;
    pc_start();
    event_is_not_acknowledged(9);
    apic_deadline_works();
    fake.apic_eois = 0;
    event_is_not_acknowledged(9);
}

PVTEST(wrong_vector, "an event told as the deadline is taken, with its EOI")
{
    for (unsigned bound = 0; bound < 2; bound++) {
        xen_machine();
        xen.bound[5] = true;
        if (bound) {
            xen.timer_port = 9;
            xen.bound[9] = true;
        }
        fake.apic_spurious = 0xff;
        pc_start();
        fake_xen_event(5);
        EXPECT(fake_xen_wait(0));
        EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvops_time_arrived(PC_DEADLINE));
        EXPECT_EQ(1, fake.apic_eois);
        EXPECT_EQ(0, fake.apic_in_service[PC_EVENT / 32]);
    }
}

PVTEST(spurious, "at the event vector: no EOI")
{
    xen_machine();
    fake.apic_spurious = 0xff;
    pc.cpu_options.own_timer = true;
    pc_start();
    EXPECT(fake_apic_interrupt(DEVICE));
    EXPECT_EQ(0, pvops_time_arrived(PC_EVENT));
    EXPECT_EQ(0, fake.apic_eois);
}

PVTEST(wall, "shared_info's, before and after the boot CPU's set-up; or CMOS")
{
    uint64_t want;

    xen_machine();
    pc_setup();
    fake_xen_wait(0);
    want = xen.unix_ns + fake_xen_ns();
    EXPECT(pvops_time_wall_ns() - want < MS);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    fake_xen_wait(100 * MS);
    want = xen.unix_ns + fake_xen_ns();
    EXPECT(pvops_time_wall_ns() - want < MS);

    /* Being written, for ever; and never written. */
    fake_cmos_reset(UINT64_C(1000000000000000000));
    xen.shared->wc_version++;
    EXPECT_EQ(1000000000, pvops_time_wall_ns() / 1000000000);
    xen.shared->wc_version++;
    xen.shared->wc_sec = 0;
    EXPECT_EQ(1000000000, pvops_time_wall_ns() / 1000000000);
}

PVTEST(stolen, "from set-up on; 0 without run state")
{
    xen_machine();
    xen.runnable_ns = 70;
    pc_start();
    EXPECT_EQ(0, pvops_time_stolen_ns());
    xen.runnable_ns += 5;
    xen.offline_ns += 3;
    EXPECT_EQ(8, pvops_time_stolen_ns());

    xen_machine();
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, XEN_ENOSYS);
    pc_start();
    EXPECT(host_logged("stolen time is 0"));
    EXPECT_EQ(0, pvops_time_stolen_ns());
}

PVTEST(let_go, "teardown gives back what can be given back; then again")
{
    xen_machine();
    pc_start();
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0, xen.timer_ns);
    EXPECT_EQ(0, xen.timer_port);
    EXPECT_EQ(PC_EVENT, xen.upcall_vector); /* Xen keeps it */
    EXPECT_EQ(0, xen.refused_vectors);
    EXPECT(!pvops_get_resources()->xen_upcall);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    event_deadline_works(10 * MS);
}

PVTEST(ours, "the library's, for a driver that comes later")
{
    const struct pvops_resources *r = pvops_get_resources();

    xen_machine();
    pc_start();
    EXPECT(r->xen_shared_info == pc_pages[PVI_PAGE_SHARED]);
    EXPECT(r->xen_vcpu_info == xen.vcpu);
    EXPECT(r->xen_upcall);
    EXPECT_EQ(xen.timer_port, r->xen_timer_port);
}

PVTEST(theirs, "a driver's, that was first: nothing is registered again")
{
    static struct shared_info page __attribute__((aligned(4096)));
    static struct vcpu_info info __attribute__((aligned(64)));
    struct pvops_resources yours = {
        .xen_shared_info = &page,
        .xen_vcpu_info = &info,
        .xen_upcall = true,
    };

    for (unsigned bound = 0; bound < 2; bound++) {
        xen_machine();
        memset(&page, 0, sizeof(page));
        memset(&info, 0, sizeof(info));
        xen.shared = &page;
        xen.vcpu = &info;
        xen.registrations = 1;
        xen.upcall_vector = 0x99;
        xen.timer_port = bound ? 6 : 0;
        xen.bound[6] = bound;
        yours.xen_timer_port = bound ? 6 : 0;
        pc.setup.yours = &yours;
        EXPECT(!fake_xen_wait(0));
        pc_start();
        EXPECT_EQ(0x99, xen.upcall_vector);
        EXPECT_EQ(0, xen.latches);
        EXPECT_EQ(1, xen.registrations);
        EXPECT_EQ(xen.timer_port, pvops_get_resources()->xen_timer_port);

        /* Its own handler takes the bits, and the EOI is its own. */
        pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
        EXPECT(fake_xen_wait(20 * MS));
        info.evtchn_upcall_pending = 0;
        info.evtchn_pending_sel = 0;
        page.evtchn_pending[0] = 0;
        EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));
        EXPECT_EQ(0, fake.apic_eois);

        pvops_cpu_teardown(&pc.cpu);
        EXPECT_EQ(0x99, xen.upcall_vector);
        EXPECT_EQ(bound ? 6 : 0, xen.timer_port);
        EXPECT(pvops_get_resources()->xen_upcall);
    }
}

PVTEST(theirs_unmapped, "the upcall without shared_info: refused, not moved")
{
    struct pvops_resources yours = { .xen_upcall = true };

    xen_machine();
    pc.setup.yours = &yours;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_INVALID, pvops_setup(&pc.info, &pc.setup));
    EXPECT(host_logged("xen_upcall is yours, xen_shared_info is not given"));
    EXPECT(!xen.shared);
    EXPECT_EQ(0, xen.latches);
}
