/* SPDX-License-Identifier: MIT */
/*
 * What user mode needs, on bare metal: system calls, FS.base, extended state.
 *
 * Tried: CSTAR left out, or a bit of SFMASK: syscall_msrs fails. The order of
 *        selectors not looked at: syscall_order fails. CR4 not read again:
 *        bases_refused fails. Without same_user_bases(): bases_further fails.
 *        Without that_go_together(): xstate_together fails. The second CPUID
 *        left out: xstate_lost fails. OSXSAVE set where there is no XSAVE:
 *        xstate_none fails. CR4 written without a look at CPUID: xstate_old
 *        fails.
 */
#include "pvtest.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"

#include "abi/x86.h"

/* XSAVE with all of 'offered'. */
static void xsave(uint32_t offered, uint32_t offered_high)
{
    fake_leaf_at(1)->edx |= CPUID_1_EDX_FXSR | CPUID_1_EDX_SSE;
    fake_leaf_at(1)->ecx |= CPUID_1_ECX_XSAVE;
    fake_leaf(CPUID_XSTATE, offered, 0, 0, offered_high);
}

static uint64_t enabled(uint32_t offered, uint64_t features)
{
    pc_reset();
    xsave(offered, 0);
    pc_setup();
    return pvops_cpu_enable_xstate(features);
}

PVTEST(xstate, "what is asked for and offered; CR0 and CR4 as for SSE")
{
    EXPECT_EQ(7, enabled(7, UINT64_MAX));
    EXPECT_EQ(7, fake_system.xcr0);
    EXPECT_EQ(X86_CR0_MP, fake_system.cr0);
    EXPECT_EQ(X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE,
              fake_system.cr4);
    EXPECT_EQ(3, enabled(7, PVOPS_XSTATE_X87 | PVOPS_XSTATE_SSE));
    EXPECT_EQ(3, enabled(3, UINT64_MAX));
    EXPECT_EQ(1, enabled(7, 0));

    pc_reset();
    xsave(7, 0x10);
    pc_setup();
    fake_system.cr0 = X86_CR0_EM | X86_CR0_TS | 0x20;
    EXPECT_EQ(UINT64_C(0x1000000007), pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR0_MP | 0x20, fake_system.cr0);
}

PVTEST(xstate_together, "never a bit that the CPU takes with another only")
{
    EXPECT_EQ(1, enabled(7, PVOPS_XSTATE_AVX));
    EXPECT_EQ(1, enabled(0xe7, 0xe1));
    EXPECT_EQ(3, enabled(0xe7, 0xe3));
    EXPECT_EQ(7, enabled(0xe7, 0x67));
    EXPECT_EQ(0xe7, enabled(0xe7, 0xe7));
    EXPECT_EQ(7, enabled(0x1f, 0xf));
    EXPECT_EQ(0x1f, enabled(0x1f, 0x1f));
    EXPECT_EQ(7, enabled(0x60007, 0x20007));
    EXPECT_EQ(0x602e7, enabled(0x602e7, UINT64_MAX));
}

PVTEST(xstate_lost, "a hypervisor that does not see XSETBV: as without XSAVE")
{
    pc_reset();
    xsave(7, 0);
    pc_setup();
    fake_system.xcr0_lost = true;
    EXPECT_EQ(0, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT, fake_system.cr4);
    EXPECT(host_logged("XCR0 does not keep what is written to it"));
    EXPECT_EQ(1, enabled(1, UINT64_MAX));
}

PVTEST(xstate_none, "a CPU without XSAVE: x87 and SSE, and 0")
{
    pc_reset();
    fake_leaf_at(1)->edx |= CPUID_1_EDX_FXSR | CPUID_1_EDX_SSE;
    pc_setup();
    EXPECT_EQ(0, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT, fake_system.cr4);
}

PVTEST(xstate_old, "a CPU without FXSAVE, or without CR4")
{
    pc_reset();
    fake_system.no_cr4 = true;
    fake_leaf_at(1)->edx &= ~CPUID_1_EDX_PGE;
    pc_setup();
    fake_system.cr0 = X86_CR0_EM;
    EXPECT_EQ(0, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR0_MP, fake_system.cr0);
    fake_system.no_cr4 = false;
    fake_leaf_at(1)->edx |= CPUID_1_EDX_FXSR;
    EXPECT_EQ(0, pvops_cpu_enable_xstate(UINT64_MAX));
    EXPECT_EQ(X86_CR4_OSFXSR, fake_system.cr4);
}

#ifdef __x86_64__
static void entry(void)
{
}

static void syscall_msrs_are_there(void)
{
    fake_msr(MSR_STAR, 0);
    fake_msr(MSR_LSTAR, 0);
    fake_msr(MSR_CSTAR, 0);
    fake_msr(MSR_SFMASK, 0);
    fake_msr(MSR_EFER, 0x500);
}

PVTEST(syscall_msrs, "each MSR, and none of EFER's other bits changed")
{
    pc_reset();
    pc.setup.selectors = (struct pvops_selectors){ 0x8, 0x10, 0x23, 0x1b };
    syscall_msrs_are_there();
    pc_setup();
    pvops_cpu_set_syscall_entry(entry, NULL);
    EXPECT_EQ(UINT64_C(0x0013000800000000), fake_msr_value(MSR_STAR));
    EXPECT_EQ((uintptr_t)entry, fake_msr_value(MSR_LSTAR));
    EXPECT_EQ((uintptr_t)pvi_native_syscall_32, fake_msr_value(MSR_CSTAR));
    EXPECT_EQ(0x44700, fake_msr_value(MSR_SFMASK));
    EXPECT_EQ(0x501, fake_msr_value(MSR_EFER));
}

PVTEST(syscall_order, "selectors that SYSCALL or SYSRET cannot have")
{
    static const struct pvops_selectors wrong[] = {
        { 0x8, 0x10, 0x1b, 0x23 },
        { 0x10, 0x8, 0x23, 0x1b },
    };

    for (unsigned i = 0; i < 2; i++) {
        pc_reset();
        pc.setup.selectors = wrong[i];
        syscall_msrs_are_there();
        pc_setup();
        EXPECT(HOST_PANICS(pvops_cpu_set_syscall_entry(entry, NULL)));
        EXPECT(strstr(host.panic, "are in an order that SYSCALL and SYSRET"));
        EXPECT_EQ(0, fake_msr_value(MSR_LSTAR));
    }
}

PVTEST(bases_by_msr, "FS.base by its MSR where there is no FSGSBASE")
{
    pc_reset();
    fake_msr(MSR_FS_BASE, 0);
    pc_setup();
    EXPECT(!(pvops_caps() & PVOPS_CAP_USER_BASES));
    EXPECT_EQ(0, fake_system.cr4);
    pvops_cpu_set_fs_base(0x7fff12345678);
    EXPECT_EQ(0x7fff12345678, fake_msr_value(MSR_FS_BASE));
    EXPECT_EQ(0x7fff12345678, pvops_cpu_read_fs_base());
}

static void with_fsgsbase(void)
{
    pc_reset();
    fake_leaf(CPUID_MORE_FEATURES, 0, CPUID_7_EBX_FSGSBASE, 0, 0);
    pc.setup.user_bases = true;
}

PVTEST(bases_unasked, "the bit stays clear unless the kernel asks for it")
{
    with_fsgsbase();
    pc.setup.user_bases = false;
    pc_setup();
    EXPECT(!(pvops_caps() & PVOPS_CAP_USER_BASES));
    EXPECT_EQ(0, fake_system.cr4);
}

PVTEST(bases, "WRFSBASE, sealed inline, where CR4 takes the bit")
{
    with_fsgsbase();
    pc_setup();
    EXPECT(pvops_caps() & PVOPS_CAP_USER_BASES);
    EXPECT_EQ(X86_CR4_FSGSBASE, fake_system.cr4);
    EXPECT(pvops_cpu_table.set_fs_base == pvi_wrfsbase);
    EXPECT(pvops_cpu_table.read_fs_base == pvi_rdfsbase);
}

PVTEST(bases_refused, "CPUID shows it, CR4 does not take it; or beyond the end")
{
    with_fsgsbase();
    fake_system.cr4_refused = X86_CR4_FSGSBASE;
    pc_setup();
    EXPECT(!(pvops_caps() & PVOPS_CAP_USER_BASES));
    EXPECT(pvops_cpu_table.set_fs_base == pvi_native_cpu_set_fs_base);

    with_fsgsbase();
    fake_leaf_at(0)->eax = 6;
    pc_setup();
    EXPECT(!(pvops_caps() & PVOPS_CAP_USER_BASES));
    EXPECT_EQ(0, fake_system.cr4);
}

PVTEST(bases_further, "each further CPU sets the bit, or is refused")
{
    static struct pvops_cpu cpu_1;

    with_fsgsbase();
    pc_start();
    pvi.stage = PVI_STAGE_SEALED;
    pc.cpu_options.index = 1;
    fake_percpu = &cpu_1;
    fake_system.cr4 = 0;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpu_1, &pc.cpu_options));
    EXPECT_EQ(X86_CR4_FSGSBASE, fake_system.cr4);
    pvops_cpu_teardown(&cpu_1);
    fake_system.cr4 = 0;
    fake_system.cr4_refused = X86_CR4_FSGSBASE;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&cpu_1, &pc.cpu_options));
    EXPECT(host_logged("CPU 1 has no WRFSBASE as the boot CPU has"));
}
#endif
