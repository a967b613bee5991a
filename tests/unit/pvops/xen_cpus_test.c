/* SPDX-License-Identifier: MIT */
/*
 * Xen's backends on two VCPUs, before and after the second one's set-up; and
 * what a set-up under PV that fails, or is undone, leaves behind.
 *
 * Tried: no leave_cpu_clock() in start_cpu_clock(): time fails. NULL not
 *        looked at in now_ns_of_this_cpu() or xen_timer.c's this_cpu(): time
 *        ends the program; in kept_root(): before_setup does; in safe_halt():
 *        it fails. disable() left out of pvi_xen_pv_write_cr3():
 *        cr3_interrupted fails. pvi.boot_cpu for this CPU when an IDT is
 *        loaded: idt_each fails. for_good not set: twice and no_upcall fail.
 *        pvi_xen_timer_teardown() left out of
 *        cpu_setup(): no_upcall fails. The periodic timer stopped before
 *        VIRQ_TIMER is bound, or the port not closed without a one-shot:
 *        unsupported fails. Ticks not begun again: ticks and no_upcall fail.
 *        No pvi_cpu_clock_by(): time_of_xen fails. The root found only once
 *        there is a vcpu_info: root_kept fails. No end at PVOPS_MAX_CPUS, or
 *        none found: found fails. A place in shared_info for VCPU 33: hvm_33
 *        fails; no vcpu_info for it, or for_good not set: pv_33.
 */
#include "pvtest.h"

#include <x86/percpu.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_model.h"

#define xen fake_xen_model

enum { EVENT_1 = 0x61, MS = 1000000 };

static uint64_t shown_ns;
static bool looking;

/* As in an NMI, wherever it comes. */
static void time_goes_on(void)
{
    if (looking)
        return;
    looking = true;
    EXPECT(pvops_time_now_ns() >= shown_ns);
    shown_ns = pvops_time_now_ns();
    looking = false;
}

PVTEST(time, "a further CPU's time is the boot CPU's until it has its own")
{
    static struct pvops_cpu cpu_1;
    struct pvops_cpu_options options = {
        .index = 1,
        .deadline_vector = EVENT_1,
        .event_vector = EVENT_1,
    };

    pc_reset();
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    memset(&cpu_1, 0, sizeof(cpu_1));
    fake_xen_setup(0x40000000);
    pc_start();
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
    pvi.stage = PVI_STAGE_SEALED;
    fake.now_ps += UINT64_C(50) * MS * 1000;
    shown_ns = pvops_time_now_ns();
    EXPECT(shown_ns > 50 * MS);

    fake_xen_run_vcpu(1);
    fake_percpu = &cpu_1;
    fake.at_rdtsc = time_goes_on;
    time_goes_on();
    EXPECT_EQ(0, pvops_time_stolen_ns());
    EXPECT(pvops_time_wall_ns() >= xen.unix_ns);
    EXPECT(HOST_PANICS(pvops_time_set_deadline(1)));
    EXPECT_STR("pvops_time_set_deadline() before this CPU's pvops_cpu_setup()",
               host.panic);
    EXPECT(HOST_PANICS(pvops_time_cancel_deadline()));
    EXPECT(HOST_PANICS(pvops_time_arrived(EVENT_1)));
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpu_1, &options));
        time_goes_on();
        EXPECT(shown_ns < 100 * MS);
        EXPECT(xen.timer_port != 0);
        pvops_cpu_teardown(&cpu_1);
    }
}

PVTEST(hvm_33, "a VCPU with no place in shared_info has a vcpu_info of its own")
{
    static struct pvops_cpu cpu_33;
    struct pvops_cpu_options options = {
        .index = XEN_LEGACY_MAX_VCPUS + 1,
        .deadline_vector = EVENT_1,
        .event_vector = EVENT_1,
    };

    pc_reset();
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    fake_xen_setup(0x40000000);
    xen.vcpus = FAKE_XEN_MOST_VCPUS;
    pc_start();
    EXPECT_EQ(0, xen.registrations);
    pvi.stage = PVI_STAGE_SEALED;
    fake_xen_run_vcpu(options.index);
    fake_percpu = &cpu_33;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpu_33, &options));
    EXPECT_EQ(1, xen.registrations);
    EXPECT(xen.vcpu == (void *)cpu_33.xen_vcpu_info);
    EXPECT(pvi_xen_cpu(&cpu_33)->vcpu_info == xen.vcpu);
}

#ifdef __x86_64__

#include <x86/system.h>

#include "xen_pv_machine.h"

enum { PAGE = PV_PAGE, STUB_1 = 0x6100 };

static unsigned handled;

/* A handler that another address space's process is scheduled in. */
static void look_at_root(void)
{
    handled++;
    EXPECT_EQ(fake_system.cr3,
              fake_xen_mfn((unsigned)(pvops_mmu_read_cr3() >> 12)) << 12);
}

PVTEST(cr3_interrupted, "no handler sees another root than the active one")
{
    pv_machine();
    pv_start();
    xen.vcpu->evtchn_upcall_pending = 0; /* of the registration */
    pvops_mmu_write_entry(pv_table(9), pvops_mmu_read_entry(pv_table(1)));
    pvops_mmu_alloc_table(4, 9 * PAGE);
    xen.at_return = look_at_root;
    pvops_irq_enable();
    pvops_mmu_write_cr3(9 * PAGE);
    EXPECT(pvops_irq_save_flags() & PVOPS_IRQ_IF);
    pvops_mmu_flush_all();
    EXPECT_EQ(1, handled);
    pvops_irq_disable();
    pvops_mmu_write_cr3(PAGE);
    EXPECT(!(pvops_irq_save_flags() & PVOPS_IRQ_IF));
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
    EXPECT(HOST_PANICS(pvops_mmu_write_cr3(8 * PAGE)));
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
}

/* VCPU 1 is brought up, after sealing. */
static void start_vcpu_1(void)
{
    pv_machine();
    pv_start();
    pvi.stage = PVI_STAGE_SEALED;
    pv_run_vcpu(1, pv_cpu_1);
}

static enum pvops_status setup_vcpu_1(void)
{
    struct pvops_cpu_options options = {
        .index = 1,
        .deadline_vector = EVENT_1,
        .event_vector = EVENT_1,
    };

    pv_gate(EVENT_1, STUB_1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    return pvops_cpu_setup(pv_cpu_1, &options);
}

PVTEST(before_setup, "a further CPU's ops before its set-up: events stay off")
{
    start_vcpu_1();
    pvops_irq_disable();
    EXPECT(!(pvops_irq_save_flags() & PVOPS_IRQ_IF));
    pvops_irq_enable();
    EXPECT_EQ(1, xen.vcpu->evtchn_upcall_mask);
    EXPECT(HOST_PANICS(pvops_irq_safe_halt()));
    EXPECT_STR("pvops_irq_safe_halt() before this CPU's pvops_cpu_setup()",
               host.panic);
    EXPECT_EQ(0, xen.blocks);
    pvops_irq_halt();

    EXPECT_EQ(0, pvops_mmu_read_cr3());
    pvops_mmu_write_entry(pv_table(9), pvops_mmu_read_entry(pv_table(1)));
    pvops_mmu_alloc_table(4, 9 * PAGE);
    EXPECT(!(fake_xen_mapping(pv_memory[9]) & X86_PTE_WRITE));
    pvops_mmu_write_cr3(9 * PAGE);
    EXPECT_EQ(fake_xen_mfn(9) << 12, fake_system.cr3);

    EXPECT_EQ(PVOPS_OK, setup_vcpu_1());
    EXPECT_EQ(9 * PAGE, pvops_mmu_read_cr3());
    EXPECT(xen.vcpu == (void *)pv_cpu_1->xen_vcpu_info);
    EXPECT_EQ(1, xen.vcpu->evtchn_upcall_mask);
    pvops_irq_safe_halt();
    EXPECT_EQ(1, xen.blocks);
}

PVTEST(time_of_xen, "a further CPU's clock goes by Xen's, not by the bare TSC")
{
    uint64_t begin_ns, ns;

    pv_machine();
    pc.probe.tsc_hz *= 2; /* as after a move to another machine */
    pv_start();
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
    pvi.stage = PVI_STAGE_SEALED;
    fake.now_ps += UINT64_C(30) * MS * 1000;
    begin_ns = pvops_time_now_ns();
    pv_run_vcpu(1, pv_cpu_1);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_EQ(PVOPS_OK, setup_vcpu_1());
        EXPECT(pvops_time_now_ns() >= begin_ns);
        begin_ns = pvops_time_now_ns();
        fake.now_ps += UINT64_C(10) * MS * 1000;
        ns = pvops_time_now_ns() - begin_ns;
        EXPECT(ns >= 10 * MS && ns < 11 * MS);
        begin_ns = pvops_time_now_ns();
        pvops_cpu_teardown(pv_cpu_1);
        EXPECT(pvops_time_now_ns() >= begin_ns);
    }
}

PVTEST(found,
       "as many as Xen tells of and as can be set up; the boot CPU alone")
{
    pv_machine();
    pv_start();
    xen.vcpus = PVOPS_MAX_CPUS + 1;
    EXPECT_EQ(PVOPS_MAX_CPUS, pvops_smp_find(0, NULL, 0));
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_is_up, XEN_ENOSYS);
    EXPECT_EQ(1, pvops_smp_find(0, NULL, 0));
}

PVTEST(idt_each, "an IDT is that CPU's which loads it, with its event vector")
{
    start_vcpu_1();
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0, xen.event_handler);
    EXPECT_EQ(PVOPS_OK, setup_vcpu_1());
    EXPECT_EQ(STUB_1, xen.event_handler);

    pv_gate(PC_EVENT, 0x5000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pv_gate(EVENT_1, 0x7000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x7000, xen.event_handler);
    pv_run_vcpu(0, &pc.cpu);
    EXPECT_EQ((uintptr_t)pv_stub, xen.event_handler);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x5000, xen.event_handler);
}

PVTEST(twice, "each CPU is set up again with the vcpu_info that Xen has")
{
    start_vcpu_1();
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(PVOPS_OK, setup_vcpu_1());
        EXPECT_EQ(1, xen.registrations);
        EXPECT(xen.timer_port != 0);
        pvops_cpu_teardown(pv_cpu_1);
        EXPECT_EQ(0, xen.timer_port);
    }
    /* A per-CPU area is zeroed before it is started again. */
    memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
    EXPECT_EQ(PVOPS_OK, setup_vcpu_1());
    pvops_cpu_teardown(pv_cpu_1);
    /* In another place it is not: Xen writes to the first for good. */
    pvi_xen.for_good[1] = NULL;
    EXPECT_EQ(PVOPS_E_REFUSED, setup_vcpu_1());
    EXPECT(host_logged("VCPU 1 has a vcpu_info already"));
}

/* Nothing of what Xen keeps for VCPU 0 has changed. */
static void expect_untouched(void)
{
    EXPECT_EQ(0, xen.registrations);
    EXPECT_EQ(0, xen.event_handler);
    EXPECT_EQ(0, xen.failsafe_handler);
    EXPECT_EQ(XEN_PV_PERIOD_NS, xen.periodic_ns);
    EXPECT(!pvops_get_resources()->xen_upcall);
}

static void setup_without_timer(void)
{
    pc_setup();
    pv_gate(PC_EVENT, (uintptr_t)pv_stub,
            X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    expect_untouched();
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(XEN_PV_PERIOD_NS, xen.periodic_ns);
}

PVTEST(pv_33,
       "and under PV before it is begun; once, and masked when it is again")
{
    struct pvops_start start = {
        .index = XEN_LEGACY_MAX_VCPUS + 1,
        .stack = 0x70000,
        .root = PAGE,
        .percpu_base = (uintptr_t)pv_cpu_1,
    };
    struct vcpu_info *own = (struct vcpu_info *)(void *)pv_cpu_1->xen_vcpu_info;
    struct pvops_cpu_options options = {
        .index = start.index,
        .deadline_vector = EVENT_1,
        .event_vector = EVENT_1,
    };

    pv_machine();
    xen.vcpus = FAKE_XEN_MOST_VCPUS;
    pv_start();
    pvi.stage = PVI_STAGE_SEALED;
    memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
    for (unsigned i = 0; i < 2; i++) {
        own->evtchn_upcall_mask = 0;
        EXPECT_EQ(PVOPS_OK, pvi_xen_pv_start(&start));
        EXPECT(xen.up[start.index]);
        EXPECT(fake_xen_vcpu_info(start.index) == own);
        EXPECT_EQ(1, own->evtchn_upcall_mask);
        xen.up[start.index] = false;
    }
    pv_gate(EVENT_1, STUB_1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    pv_run_vcpu(start.index, pv_cpu_1);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(pv_cpu_1, &options));
    EXPECT_EQ(1, xen.registrations);
}

PVTEST(unsupported, "no timer to be had: nothing was changed")
{
    pv_machine();
    xen.timer_port = 3;
    xen.bound[3] = true;
    xen.timer_ns = 12345;
    setup_without_timer();
    EXPECT_EQ(12345, xen.timer_ns); /* whoever has the port uses it */

    pv_machine();
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer,
                    XEN_ENOSYS);
    fake_xen_refuse(__HYPERVISOR_set_timer_op, 0, XEN_ENOSYS);
    setup_without_timer();
    EXPECT_EQ(0, xen.timer_port);
}

PVTEST(root_kept, "a set-up that fails leaves read_cr3 the active root")
{
    start_vcpu_1();
    fake_xen_refuse(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq,
                    XEN_ENOSYS);
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, setup_vcpu_1());
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
    pv_run_vcpu(0, &pc.cpu);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
}

PVTEST(no_upcall, "Xen refuses the upcall: no timer is left behind")
{
    pv_machine();
    pc_setup();
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_E_INVALID, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    expect_untouched();
    EXPECT_EQ(0, xen.timer_port);

    pv_gate(PC_EVENT, 1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    fake_xen_refuse(__HYPERVISOR_callback_op, CALLBACKOP_register, XEN_EINVAL);
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(0, xen.timer_port);
    EXPECT_EQ(0, pvops_get_resources()->xen_timer_port);
    EXPECT_EQ(XEN_PV_PERIOD_NS, xen.periodic_ns);
    xen.refusals = 0;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

PVTEST(ticks, "stopped while the timer is the library's, then as at first")
{
    struct pvops_resources yours = { .xen_timer_port = 6 };

    for (unsigned bound = 0; bound < 2; bound++) {
        pv_machine();
        if (bound) {
            xen.timer_port = 6;
            xen.bound[6] = true;
            pc.setup.yours = &yours;
        }
        pv_start();
        EXPECT_EQ(0, xen.periodic_ns);
        pvops_cpu_teardown(&pc.cpu);
        EXPECT_EQ(XEN_PV_PERIOD_NS, xen.periodic_ns);
        EXPECT_EQ(bound ? 6 : 0, xen.timer_port);
    }
}

#endif
