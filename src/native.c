/* SPDX-License-Identifier: MIT */
/*
 * What bare metal does for the cold ops. The hot ones are in x86/native_*.S.
 */
#include "internal.h"

#include "abi/x86.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

PVOPS_OP_CALL void pvi_native_irq_safe_halt(void)
{
    x86_sti_hlt();
}

PVOPS_OP_CALL void pvi_native_irq_halt(void)
{
    x86_hlt();
}

PVOPS_OP_CALL void pvi_native_cpu_load_gdt(void *gdt, unsigned bytes)
{
    struct x86_descriptor_table table = {
        .limit = (uint16_t)(bytes - 1),
        .base = (uintptr_t)gdt,
    };

    x86_lgdt(&table);
    x86_load_segments(pvi.selectors.kernel_cs, pvi.selectors.kernel_ss);
}

PVOPS_OP_CALL void pvi_native_cpu_load_idt(const void *idt, unsigned bytes)
{
    struct x86_descriptor_table table = {
        .limit = (uint16_t)(bytes - 1),
        .base = (uintptr_t)idt,
    };

    x86_lidt(&table);
}

PVOPS_OP_CALL void pvi_native_cpu_load_tr(unsigned selector)
{
    x86_ltr((uint16_t)selector);
}

PVOPS_OP_CALL void pvi_native_cpu_set_percpu_base(uintptr_t base)
{
#ifdef __x86_64__
    x86_wrmsr(X86_PERCPU_SEGMENT_IS_GS ? MSR_GS_BASE : MSR_FS_BASE, base);
#else
    (void)base;
#endif
}

PVOPS_OP_CALL void pvi_native_cpu_cpuid(uint32_t leaf, uint32_t subleaf,
                                        uint32_t out_regs[4])
{
    struct x86_cpuid r = x86_cpuid(leaf, subleaf);

    out_regs[0] = r.eax;
    out_regs[1] = r.ebx;
    out_regs[2] = r.ecx;
    out_regs[3] = r.edx;
}

PVOPS_OP_CALL uint64_t pvi_native_cpu_read_msr(uint32_t msr)
{
    return x86_rdmsr(msr);
}

PVOPS_OP_CALL void pvi_native_cpu_write_msr(uint32_t msr, const uint64_t *value)
{
    x86_wrmsr(msr, *value);
}

PVOPS_OP_CALL uint64_t pvi_native_time_now_ns(void)
{
    return pvops_clock_now_ns(&pvi.clock);
}

PVOPS_OP_CALL uint64_t pvi_native_time_stolen_ns(void)
{
    return 0;
}
