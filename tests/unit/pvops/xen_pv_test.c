/* SPDX-License-Identifier: MIT */
/*
 * The backend xen_pv on a model Xen that looks at page tables and descriptor
 * tables as the real one does. Its assembly runs as it is, on the real GS.
 *
 * Tried: TI_IF left out: gates fails. drop_system_segments() left out: gdt
 *        fails. "setne" for "sete" in FLAGS_OF_MASK: flags, elsewhere
 *        and again fail. vcpu_info registered whoever has it: again fails.
 *        "->upcall" not looked at when an IDT is loaded: upcall_theirs fails.
 *        "pvi.clock.page =" or restart_clock() left out: clock fails. A line
 *        before replace(): log_lock fails.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <x86/system.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_pv_machine.h"

enum { MS = 1000000, PAGE = PV_PAGE };

#define xen fake_xen_model

PVTEST(setup, "selectors, capabilities, shared_info at the page for it")
{
    pv_machine();
    pc_setup();
    EXPECT_STR("xen_pv", pvops_backend_name());
    EXPECT_EQ(0xe033, pvops_cpu_selectors()->kernel_cs);
    EXPECT_EQ(0xe02b, pvops_cpu_selectors()->kernel_ss);
    EXPECT(!(pvops_caps() & (PVOPS_CAP_RING0 | PVOPS_CAP_LARGE_PAGES)));
    EXPECT_EQ((uintptr_t)pc_pages[PVI_PAGE_SHARED], xen.shared_va);
    EXPECT(pvops_get_resources()->xen_shared_info == pc_pages[PVI_PAGE_SHARED]);
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
}

/* As a log function with a lock does. The native CLI ends the test. */
static void with_interrupts_off(void)
{
    uintptr_t flags = pvops_irq_save();

    EXPECT_EQ(0, flags & PVOPS_IRQ_IF);
    pvops_irq_restore(flags);
}

PVTEST(log_lock, "each line of set-up may be written with interrupts off")
{
    pv_machine();
    host.on_log = with_interrupts_off;
    pv_start();
}

PVTEST(refused, "what set-up cannot do without")
{
    pv_machine();
    pc.probe.xen_start_info = NULL;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_INVALID, pvops_setup(&pc.info, &pc.setup));

    pv_machine();
    pc.setup.pages = NULL;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_setup(&pc.info, &pc.setup));
    EXPECT(host_logged("no shared_info"));

    pv_machine();
    fake_xen_refuse(__HYPERVISOR_xen_version, XENVER_version, XEN_ENOSYS);
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_setup(&pc.info, &pc.setup));

    pv_machine();
    fake_xen_start.mfn_list = 0;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_CORRUPT, pvops_setup(&pc.info, &pc.setup));

    pv_machine();
    xen.features = 1u << XENFEAT_auto_translated_physmap;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_setup(&pc.info, &pc.setup));
}

PVTEST(gdt, "read-only, without TSS and LDT")
{
    pv_machine();
    pc_setup();
    pv_table(10)[1] = 0x00affa000000ffff;
    pv_table(10)[3] = 0x0000890000000067;
    pv_table(10)[4] = 0xffff8000;
    pv_table(10)[5] = 0x0000820000000067;
    pv_table(10)[7] = 0x00cff2000000ffff;
    pvops_cpu_load_gdt(pv_memory[10], 64);
    EXPECT_EQ(8, xen.gdt_entries);
    EXPECT(!(fake_xen_mapping(pv_memory[10]) & X86_PTE_WRITE));
    EXPECT_EQ(0, pv_table(10)[3] | pv_table(10)[4] | pv_table(10)[5] |
                     pv_table(10)[6]);
    EXPECT_EQ(0x00cff2000000ffff, pv_table(10)[7]);
    EXPECT(HOST_PANICS(pvops_cpu_load_gdt(pv_memory[10] + 8, 64)));
    EXPECT(HOST_PANICS(pvops_cpu_load_gdt(pv_memory[0], 15 * PAGE)));
}

PVTEST(gates, "each kind of gate keeps its meaning, or is refused")
{
    pv_machine();
    pc_setup();
    pv_gate(3, 0xffff888812345678u,
            X86_GATE_PRESENT | X86_GATE_INTERRUPT | 3 << 5);
    pv_gate(6, 0x1000, X86_GATE_PRESENT | X86_GATE_TRAP);
    pv_gate(7, 0x2000, X86_GATE_INTERRUPT); /* not present */
    pv_gate(0x80, 0x3000, X86_GATE_PRESENT | X86_GATE_TRAP | 3 << 5);
    for (unsigned v = 0x90; v < 256; v++)
        pv_gate(v, 0x10000 + v, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0xffff888812345678u, xen.traps[3].address);
    EXPECT_EQ(3 | TI_IF, xen.traps[3].flags);
    EXPECT_EQ(1, xen.traps[6].flags);
    EXPECT_EQ(0, xen.traps[7].address);
    EXPECT_EQ(3, xen.traps[0x80].flags);
    for (unsigned v = 0x90; v < 256; v++)
        EXPECT_EQ(0x10000 + v, xen.traps[v].address);

    /* A shorter one takes the others away. */
    pvops_cpu_load_idt(pv_idt, 7 * sizeof(pv_idt[0]));
    EXPECT_EQ(0x1000, xen.traps[6].address);
    EXPECT_EQ(0, xen.traps[0x80].address);

    pv_gate(5, 0x1000, X86_GATE_PRESENT | 5);
    EXPECT(HOST_PANICS(pvops_cpu_load_idt(pv_idt, sizeof(pv_idt))));
    EXPECT_STR("xen_pv: gate 5 of the IDT has type 5, not interrupt or trap",
               host.panic);
    pv_gate(5, 0x1000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pv_idt[5].ist = 2;
    EXPECT(HOST_PANICS(pvops_cpu_load_idt(pv_idt, sizeof(pv_idt))));
    EXPECT_STR("xen_pv: gate 5 of the IDT has a stack of its own (IST 2)",
               host.panic);
}

PVTEST(upcall, "events enter what the IDT names, also after another is loaded")
{
    pv_machine();
    pc_setup();
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_E_INVALID, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(host_logged("names no handler of the event vector, 81"));

    pv_machine();
    pv_start();
    EXPECT_EQ((uintptr_t)pv_stub, xen.event_handler);
    EXPECT_EQ((uintptr_t)pvi_xen_pv_failsafe, xen.failsafe_handler);
    pv_gate(PC_EVENT, 0x5000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x5000, xen.event_handler);
}

PVTEST(upcall_theirs, "a driver's callback stays, whatever IDT is loaded")
{
    struct pvops_resources yours = { .xen_upcall = true };

    pv_machine();
    pc.setup.yours = &yours;
    xen.event_handler = 0x9000;
    pv_start();
    memset(pv_idt, 0, sizeof(pv_idt));
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x9000, xen.event_handler);
}

static void flags_work(struct vcpu_info *info)
{
    info->evtchn_upcall_pending = 0;
    pvops_irq_disable();
    EXPECT_EQ(1, info->evtchn_upcall_mask);
    EXPECT_EQ(0, pvops_irq_save_flags() & PVOPS_IRQ_IF);
    pvops_irq_enable();
    EXPECT_EQ(0, info->evtchn_upcall_mask);
    EXPECT_EQ(PVOPS_IRQ_IF, pvops_irq_save_flags() & PVOPS_IRQ_IF);
    pvops_irq_disable();
    pvops_irq_safe_halt();
    EXPECT_EQ(1, xen.blocks);
    EXPECT_EQ(PVOPS_IRQ_IF, pvops_irq_save_flags() & PVOPS_IRQ_IF);
    pvops_irq_disable();
    pvops_irq_halt();
    EXPECT_EQ(1, xen.polls);
    info->arch.cr2 = 0x123456789abc;
    EXPECT_EQ(0x123456789abc, pvops_mmu_read_cr2());
    xen.blocks = xen.polls = 0;
}

PVTEST(flags, "the interrupt flag, by the pointer and by the segment")
{
    pv_machine();
    pc_setup();
    flags_work(&xen.shared->vcpu_info[0]);
    pv_machine();
    pv_start();
    EXPECT_EQ(1, xen.registrations);
    EXPECT(xen.vcpu == (void *)pc.cpu.xen_vcpu_info);
    flags_work((struct vcpu_info *)(void *)pc.cpu.xen_vcpu_info);
}

PVTEST(clock, "by Xen's time, wherever it writes it")
{
    uint64_t before;

    pv_machine();
    pc_setup();
    EXPECT(host_logged("xen_pv: clock: pvclock, each CPU its own"));
    for (unsigned i = 0; i < 2; i++) {
        before = pvops_time_now_ns();
        xen.ns_at_0 += 100 * MS;
        fake_xen_write_time();
        EXPECT(pvops_time_now_ns() - before - 100 * MS < MS);
        if (i == 0) {
            pv_gate(PC_EVENT, 1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
            pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
            EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
        }
    }
}

PVTEST(deadline, "by VIRQ_TIMER, not while events are masked")
{
    pv_machine();
    pv_start();
    xen.vcpu->evtchn_upcall_pending = 0; /* of the registration */
    xen.vcpu->evtchn_pending_sel = 0;
    pvops_time_set_deadline(pvops_time_now_ns() + 10 * MS);
    EXPECT(!fake_xen_wait(20 * MS));
    xen.vcpu->evtchn_upcall_mask = 0;
    EXPECT(fake_xen_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));
}

PVTEST(elsewhere, "vcpu_info of the kernel's own, or of shared_info")
{
    static struct vcpu_info theirs __attribute__((aligned(64)));
    struct pvops_resources yours = { .xen_vcpu_info = &theirs };

    pv_machine();
    pc.setup.yours = &yours;
    pv_start();
    EXPECT_EQ(0, xen.registrations);
    xen.vcpu = &theirs;
    flags_work(&theirs);

    pv_machine();
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info,
                    XEN_ENOSYS);
    pv_start();
    EXPECT(host_logged("no register_vcpu_info (-38): shared_info's is used"));
    flags_work(&xen.shared->vcpu_info[0]);

    pv_machine();
    xen.registrations = 1;
    pc_setup();
    pv_gate(PC_EVENT, 1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(host_logged("VCPU 0 has a vcpu_info already"));
}

PVTEST(again,
       "set up again after teardown: vcpu_info stays, the timer does not")
{
    pv_machine();
    pv_start();
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0, xen.timer_port);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(1, xen.registrations);
    EXPECT_EQ(PAGE, pvops_mmu_read_cr3());
    flags_work((struct vcpu_info *)(void *)pc.cpu.xen_vcpu_info);
}

PVTEST(no_timer, "VIRQ_TIMER is somebody's: the kernel's own timer must do")
{
    pv_machine();
    xen.timer_port = 3;
    xen.bound[3] = true;
    pc_setup();
    pv_gate(PC_EVENT, 1, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

PVTEST(stack_and_base, "the kernel's stack and this CPU's segment base")
{
    pv_machine();
    pc_setup();
    pvops_cpu_set_kernel_stack(NULL, 0x7000);
    EXPECT_EQ(0x7000, xen.stack);
    pvops_cpu_set_percpu_base(0xffff123400000000u);
    EXPECT_EQ(0xffff123400000000u, xen.gs_base);
    pvops_cpu_load_tr(0x28);
}

#else

#include "cpu.h"
#include "pc.h"

PVTEST(no_32_bit, "PV domains are of 64 bits: refused, not taken for a PC")
{
    pc_reset();
    fake.xen_pv = true;
    pc.probe.entry = PVOPS_ENTRY_XEN_PV;
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_setup(&pc.info, &pc.setup));
}

#endif
