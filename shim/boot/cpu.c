/* SPDX-License-Identifier: MIT */
/*
 * Control registers and MSRs of a CPU, as a PV guest of Xen finds them.
 *
 * Source: Xen 4.17 xen/arch/x86/include/asm/processor.h (XEN_MSR_PAT);
 *         xen/arch/x86/setup.c, cpu/common.c (CR4).
 */
#include "boot/cpu.h"

#include "abi/x86.h"
#include "boot/map.h"
#include "dev/lapic.h"
#include "domain/descriptors.h"
#include "domain/vcpu.h"
#include "trap/trap.h"

#include <x86/insn.h>
#include <x86/system.h>

#define MSR_PAT  0x277u
#define PAT      0x050100070406ull
#define CR4_MCE  0x40ull
#define EFER_NXE 0x800ull

static uint64_t wanted_cr4(void)
{
    struct x86_cpuid one = x86_cpuid(1, 0);
    uint64_t cr4 = X86_CR4_PAE | X86_CR4_PGE | X86_CR4_OSFXSR |
                   X86_CR4_OSXMMEXCPT | CR4_MCE;

    if (one.ecx & CPUID_1_ECX_XSAVE)
        cr4 |= X86_CR4_OSXSAVE;
    return cr4;
}

void cpu_setup(struct vcpu *vcpu)
{
    vcpu->real_cr4 = wanted_cr4();
    __asm__ volatile("mov %0, %%cr4" : : "r"(vcpu->real_cr4) : "memory");
    x86_wrmsr(MSR_PAT, PAT);
    x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
    descriptors_load(vcpu);
    trap_load(vcpu);
    lapic_enable();
    vcpu->apic_id = lapic_id();
}
