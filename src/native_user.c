/* SPDX-License-Identifier: MIT */
/*
 * Bare metal: what user mode needs. System calls, FS.base, extended state.
 *
 * CR4 and XCR0 are Xen's in a PV domain, which emulates both: what is not said
 * to be bare metal's serves there too.
 *
 * Source: Intel SDM volume 2, SYSCALL, SYSRET, XSETBV, WRFSBASE; volume 3, 13.2
 *         and 13.5 (which bits of CR0 and CR4), volume 4 (the MSRs); volume 1,
 *         13.3 (which bits of XCR0 go together). AMD APM volume 2, 6.1.1
 *         (CSTAR, where 32-bit code of user mode enters).
 *         Xen 4.17 xen/arch/x86/pv/domain.c, pv_make_cr4() and
 *         pv_fixup_guest_cr4() (a domain has FSGSBASE and XSETBV once it has
 *         set their bits of CR4).
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
    x86_wrmsr(MSR_CSTAR, (uintptr_t)pvi_native_syscall_32);
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

#ifdef __x86_64__
const char pvi_user_bases[] = "CR4.FSGSBASE is set";

bool pvi_user_bases_enable(void)
{
    uint32_t regs[4];

    pvops_cpu_table.cpuid(0, 0, regs);
    if (regs[0] < CPUID_MORE_FEATURES)
        return false;
    pvops_cpu_table.cpuid(CPUID_MORE_FEATURES, 0, regs);
    if (!(regs[1] & CPUID_7_EBX_FSGSBASE))
        return false;
    x86_write_cr4(x86_read_cr4() | X86_CR4_FSGSBASE);
    return (x86_read_cr4() & X86_CR4_FSGSBASE) != 0;
}
#endif

/* Bits that XSETBV refuses one without another. */
static uint64_t that_go_together(uint64_t features)
{
    if (!(features & PVOPS_XSTATE_SSE))
        features &= ~(uint64_t)PVOPS_XSTATE_AVX;
    if (!(features & PVOPS_XSTATE_AVX) ||
        (features & XCR0_AVX512) != XCR0_AVX512)
        features &= ~(uint64_t)XCR0_AVX512;
    if ((features & XCR0_MPX) != XCR0_MPX)
        features &= ~(uint64_t)XCR0_MPX;
    if ((features & XCR0_AMX) != XCR0_AMX)
        features &= ~(uint64_t)XCR0_AMX;
    return features | PVOPS_XSTATE_X87;
}

/*
 * CPUID is a hypervisor's, if there is one: what XCR0 holds after it, lasts.
 * QEMU's software CPU (7.2) lets a guest of KVM's execute XSETBV unseen, and
 * KVM loads the old value again at its next exit.
 */
uint64_t pvi_enable_xcr0(uint64_t features)
{
    uint32_t offered[4];

    x86_write_cr4(x86_read_cr4() | X86_CR4_OSXSAVE);
    pvops_cpu_table.cpuid(CPUID_XSTATE, 0, offered);
    features &= (uint64_t)offered[3] << 32 | offered[0];
    features = that_go_together(features);
    x86_xsetbv(features);
    pvops_cpu_table.cpuid(CPUID_XSTATE, 0, offered);
    if (x86_xgetbv() == features)
        return features;
    x86_write_cr4(x86_read_cr4() & ~(uintptr_t)X86_CR4_OSXSAVE);
    pvi_log(PVOPS_LOG_INFO, "pvops: XCR0 does not keep what is written to it: "
                            "x87 and SSE alone");
    return 0;
}

/* Old CPUs of 32 bits lack one thing or another, CR4 and CPUID too. */
PVOPS_OP_CALL uint64_t pvi_native_cpu_enable_xstate(uint64_t features)
{
    struct x86_cpuid cpu = { 0, 0, 0, 0 };
    uintptr_t cr4 = 0;

    x86_write_cr0((x86_read_cr0() & ~(uintptr_t)(X86_CR0_EM | X86_CR0_TS)) |
                  X86_CR0_MP);
    if (x86_has_cpuid())
        cpu = x86_cpuid(1, 0);
    if (cpu.edx & CPUID_1_EDX_FXSR)
        cr4 |= X86_CR4_OSFXSR;
    if (cpu.edx & CPUID_1_EDX_SSE)
        cr4 |= X86_CR4_OSXMMEXCPT;
    if (cr4)
        x86_write_cr4(x86_read_cr4() | cr4);
    return cpu.ecx & CPUID_1_ECX_XSAVE ? pvi_enable_xcr0(features) : 0;
}
