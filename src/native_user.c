/* SPDX-License-Identifier: MIT */
/*
 * Bare metal: what user mode needs. System calls, FS.base, extended state.
 *
 * Source: Intel SDM volume 2, SYSCALL, SYSRET, XSETBV; volume 3, 13.2 and
 *         13.5 (which bits of CR0 and CR4), volume 4 (the MSRs).
 */
#include "internal.h"

#include "abi/x86.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

#ifdef __x86_64__
PVOPS_OP_CALL void pvi_native_cpu_set_fs_base(uintptr_t base)
{
    x86_wrmsr(MSR_FS_BASE, base);
}

PVOPS_OP_CALL uintptr_t pvi_native_cpu_read_fs_base(void)
{
    return (uintptr_t)x86_rdmsr(MSR_FS_BASE);
}

/* SYSCALL: CS, and SS 8 above. SYSRET: SS 8 above 'user', and CS 16. */
PVOPS_OP_CALL void pvi_native_cpu_set_syscall_entry(uintptr_t syscall,
                                                    uintptr_t hypervisor)
{
    const struct pvops_selectors *s = &pvi.selectors;
    uint64_t user = (uint64_t)s->user_ss - 8;

    (void)hypervisor;
    if (s->kernel_ss != s->kernel_cs + 8 || s->user_cs != s->user_ss + 8)
        pvi_panic("selectors 0x%x 0x%x 0x%x 0x%x are in an order that SYSCALL "
                  "and SYSRET cannot have",
                  s->kernel_cs, s->kernel_ss, s->user_ss, s->user_cs);
    x86_wrmsr(MSR_STAR, user << 48 | (uint64_t)s->kernel_cs << 32);
    x86_wrmsr(MSR_LSTAR, syscall);
    x86_wrmsr(MSR_SFMASK, X86_RFLAGS_IF | X86_RFLAGS_DF | X86_RFLAGS_TF |
                              X86_RFLAGS_NT | X86_RFLAGS_AC);
    x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | EFER_SCE);
}
#else
PVOPS_OP_CALL uintptr_t pvi_native_cpu_read_fs_base(void)
{
    return 0;
}

PVOPS_OP_CALL void pvi_native_cpu_set_syscall_entry(uintptr_t syscall,
                                                    uintptr_t hypervisor)
{
    (void)syscall;
    (void)hypervisor;
}
#endif

/* XSETBV, which Xen PV emulates. x87 is always on (SDM volume 1, 13.3). */
uint64_t pvi_enable_xcr0(uint64_t features)
{
    struct x86_cpuid offered = x86_cpuid(CPUID_XSTATE, 0);

    features &= (uint64_t)offered.edx << 32 | offered.eax;
    x86_xsetbv(features | PVOPS_XSTATE_X87);
    return x86_xgetbv();
}

PVOPS_OP_CALL uint64_t pvi_native_cpu_enable_xstate(uint64_t features)
{
    uintptr_t cr4 = x86_read_cr4() | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

    x86_write_cr0((x86_read_cr0() & ~(uintptr_t)(X86_CR0_EM | X86_CR0_TS)) |
                  X86_CR0_MP);
    if (!(x86_cpuid(1, 0).ecx & CPUID_1_ECX_XSAVE)) {
        x86_write_cr4(cr4);
        return 0;
    }
    x86_write_cr4(cr4 | X86_CR4_OSXSAVE);
    return pvi_enable_xcr0(features);
}
