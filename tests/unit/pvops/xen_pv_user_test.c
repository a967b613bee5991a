/* SPDX-License-Identifier: MIT */
/*
 * The backend xen_pv and user mode: system calls, FS.base, extended state. What
 * the way back to user mode does is shown by real boots (tests/pvk).
 *
 * Tried: CALLBACKF_mask_events left out: syscall_entry fails. The native op
 *        left in the table: each test fails, by an MSR or by CR0. OSXSAVE left
 *        out of pvi_enable_xcr0(): xstate fails. CPUID without Xen's prefix:
 *        xstate and bases fail. is_told() always true of a gate that is
 *        present: int_80 fails.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <x86/system.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_pv_machine.h"

#include "abi/x86.h"

#define xen fake_xen_model

static void syscall_native(void)
{
}

static void syscall_hypervisor(void)
{
}

PVTEST(syscall_entry, "Xen is told the hypervisor's entry, events masked there")
{
    pv_machine();
    pc_setup();
    pvops_cpu_set_syscall_entry(syscall_native, syscall_hypervisor);
    EXPECT_EQ((uintptr_t)syscall_hypervisor, xen.syscall.address);
    EXPECT_EQ(CALLBACKF_mask_events, xen.syscall.flags);
    fake_xen_refuse(__HYPERVISOR_callback_op, CALLBACKOP_register, XEN_EINVAL);
    EXPECT(HOST_PANICS(
        pvops_cpu_set_syscall_entry(syscall_native, syscall_hypervisor)));
    EXPECT_STR("xen_pv: Xen refuses the entry of system calls (-22)",
               host.panic);
}

PVTEST(bases_by_call, "FS.base by hypercall where Xen shows no FSGSBASE")
{
    pv_machine();
    pc_setup();
    EXPECT(!(pvops_caps() & PVOPS_CAP_USER_BASES));
    pvops_cpu_set_fs_base(0x7fff12345678);
    EXPECT_EQ(0x7fff12345678, xen.fs_base);
    EXPECT(HOST_PANICS(pvops_cpu_set_fs_base(UINT64_C(1) << 47)));
    EXPECT_STR("xen_pv: Xen refuses the FS base 0x800000000000 (-22)",
               host.panic);
}

PVTEST(bases, "WRFSBASE where Xen shows it, once CR4 has been written")
{
    pv_machine();
    fake_leaf(CPUID_MORE_FEATURES, 0, CPUID_7_EBX_FSGSBASE, 0, 0);
    pc.setup.user_bases = true;
    pc_setup();
    EXPECT(pvops_caps() & PVOPS_CAP_USER_BASES);
    EXPECT_EQ(X86_CR4_FSGSBASE, fake_system.cr4);
    EXPECT(pvops_cpu_table.set_fs_base == pvi_wrfsbase);
    EXPECT(pvops_cpu_table.read_fs_base == pvi_rdfsbase);
}

PVTEST(xstate, "XSETBV after CR4.OSXSAVE; neither CR0 nor CR4's other bits")
{
    pv_machine();
    pc_setup();
    EXPECT_EQ(0, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(0, fake_system.cr4);

    pv_machine();
    fake_leaf_at(1)->ecx |= CPUID_1_ECX_XSAVE;
    fake_leaf(CPUID_XSTATE, 7, 0, 0, 0);
    pc_setup();
    EXPECT_EQ(7, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR4_OSXSAVE, fake_system.cr4);
}

PVTEST(int_80, "Xen looks at no level: only a gate of user mode's is told")
{
    pv_machine();
    pc_setup();
    pv_gate(0x7f, 0x1000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pv_gate(0x80, 0x2000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pv_gate(0x81, 0x3000, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x1000, xen.traps[0x7f].address);
    EXPECT_EQ(0, xen.traps[0x80].address);
    EXPECT_EQ(0x3000, xen.traps[0x81].address);
    pv_gate(0x80, 0x2000, X86_GATE_PRESENT | X86_GATE_INTERRUPT | 3 << 5);
    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    EXPECT_EQ(0x2000, xen.traps[0x80].address);
}

#endif
