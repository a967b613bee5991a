/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's x2APIC mode.
 *
 * Source: Intel SDM 3A, 11.12.1 (detecting and enabling x2APIC mode).
 */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "core/main.h"

enum {
    CPUID_1_ECX_X2APIC = 1 << 21,
    MSR_APIC_BASE = 0x1b,
    APIC_BASE_X2APIC = 1 << 10,
    APIC_BASE_ENABLED = 1 << 11,
};

void cpu_use_x2apic(void)
{
    uint32_t low, high;

    if (!option("x2apic") || !cpu_has_ports() ||
        !(x86_cpuid(1, 0).ecx & CPUID_1_ECX_X2APIC))
        return;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_APIC_BASE));
    if (low & APIC_BASE_ENABLED)
        __asm__ volatile("wrmsr"
                         :
                         : "c"(MSR_APIC_BASE), "a"(low | APIC_BASE_X2APIC),
                           "d"(high)
                         : "memory");
}
