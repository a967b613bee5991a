/* SPDX-License-Identifier: MIT */
/*
 * CPUID leaves and MSRs of the processor itself. Facts only.
 *
 * Source: Intel SDM volume 2A, CPUID; volume 3A, 11.4.4 and 11.5.4 (APIC base,
 *         APIC timer), 11.12.1.2 (x2APIC's MSRs); volume 4, IA32_APIC_BASE.
 *         AMD APM volume 3, appendix E (CPUID; 8000_0007, 8000_001F,
 *         4000_00xx); volume 2, 15.34.10 (SEV_STATUS). Intel TDX Module 1.5
 *         ABI specification, CPUID leaf 21H.
 * Beware: TCG answers leaves beyond the maximum with other leaves' content.
 */
#ifndef ABI_CPUID_H
#define ABI_CPUID_H

#define CPUID_BASIC    0u /* EAX: maximum; EBX, EDX, ECX: vendor */
#define CPUID_FEATURES 1u

#define CPUID_1_ECX_HYPERVISOR_BIT 31
#define CPUID_1_ECX_HYPERVISOR     (1u << CPUID_1_ECX_HYPERVISOR_BIT)
#define CPUID_1_EDX_TSC_BIT        4
#define CPUID_1_EDX_TSC            (1u << CPUID_1_EDX_TSC_BIT)
#define CPUID_1_EDX_MSR_BIT        5
#define CPUID_1_EDX_MSR            (1u << CPUID_1_EDX_MSR_BIT)
#define CPUID_1_EDX_APIC_BIT       9
#define CPUID_1_EDX_APIC           (1u << CPUID_1_EDX_APIC_BIT)
#define CPUID_1_EDX_SSE2_BIT       26
#define CPUID_1_EDX_SSE2           (1u << CPUID_1_EDX_SSE2_BIT)

/* EBX of leaf 0 of those whose hypercall instruction is VMMCALL. */
#define CPUID_0_EBX_AMD   0x68747541u /* "Auth", of AuthenticAMD */
#define CPUID_0_EBX_HYGON 0x6f677948u /* "Hygo", of HygonGenuine */

/* TSC Hz = ECX * EBX / EAX; ECX is the crystal, and the APIC timer's, in Hz. */
#define CPUID_PERFORMANCE 0xau /* architectural performance monitoring */

#define CPUID_TSC 0x15u
/* EAX bits 0 to 15: base frequency in MHz, rounded. */
#define CPUID_FREQUENCY             0x16u
#define CPUID_FREQUENCY_EAX_MHZ     0xffffu
#define CPUID_EXTENDED              0x80000000u /* EAX: maximum */
#define CPUID_EXTENDED_FEATURES     0x80000001u
#define CPUID_POWER                 0x80000007u
#define CPUID_ADDRESS_WIDTH         0x80000008u /* EAX 0 to 7: physical */
#define CPUID_POWER_EDX_TSC_INV_BIT 8
#define CPUID_POWER_EDX_TSC_INV     (1u << CPUID_POWER_EDX_TSC_INV_BIT)

#define CPUID_EXTENDED_EDX_1GIB_BIT 26 /* pages */
#define CPUID_EXTENDED_EDX_1GIB     (1u << CPUID_EXTENDED_EDX_1GIB_BIT)

/* Memory that is hidden from the hypervisor: Intel's way, AMD's. */
#define CPUID_TDX                    0x21u
#define CPUID_TDX_EBX                0x65746e49u /* "IntelTDX    " */
#define CPUID_TDX_EDX                0x5844546cu
#define CPUID_TDX_ECX                0x20202020u
#define CPUID_ENCRYPTION             0x8000001fu
#define CPUID_ENCRYPTION_EAX_SEV_BIT 1
#define CPUID_ENCRYPTION_EAX_SEV     (1u << CPUID_ENCRYPTION_EAX_SEV_BIT)
#define MSR_SEV_STATUS               0xc0010131u
#define SEV_STATUS_ENABLED_BIT       0
#define SEV_STATUS_ENABLED           (1u << SEV_STATUS_ENABLED_BIT)

/*
 * A hypervisor's leaves: EAX the last of them, EBX, ECX, EDX its signature.
 * One that shows several signatures has them 0x100 leaves apart.
 */
#define CPUID_HYPERVISOR      0x40000000u
#define CPUID_HYPERVISOR_STEP 0x100u
#define CPUID_HYPERVISOR_END  0x40010000u

/*
 * Beyond a hypervisor's first leaf by 0x10: EAX TSC kHz, EBX APIC timer kHz.
 * VMware's, later KVM's (QEMU, Cloud Hypervisor, Firecracker), bhyve's.
 * Source: LKML, "Hypervisor CPUID interface proposal" (2008); Linux
 *         Documentation/virt/kvm/x86/cpuid.rst; FreeBSD sys/x86/x86/tsc.c.
 */
#define CPUID_HYPERVISOR_TIMING 0x10u

#define MSR_IA32_APIC_BASE         0x1bu
#define IA32_APIC_BASE_X2APIC_BIT  10
#define IA32_APIC_BASE_X2APIC      (1u << IA32_APIC_BASE_X2APIC_BIT)
#define IA32_APIC_BASE_ENABLED_BIT 11
#define IA32_APIC_BASE_ENABLED     (1u << IA32_APIC_BASE_ENABLED_BIT)

/* A register at offset R of the xAPIC's page is MSR 0x800 + R / 16. */
#define MSR_X2APIC             0x800u
#define APIC_LVT_TIMER         0x320u
#define APIC_TIMER_INITIAL     0x380u
#define APIC_TIMER_CURRENT     0x390u
#define APIC_TIMER_DIVIDE      0x3e0u
#define APIC_TIMER_DIVIDE_BY_1 0xbu
#define APIC_LVT_MASKED_BIT    16
#define APIC_LVT_MASKED        (1u << APIC_LVT_MASKED_BIT)
#define APIC_LVT_DEADLINE_BIT  18 /* bits 17 and 18: 0 one-shot, 1 periodic */
#define APIC_LVT_DEADLINE      (1u << APIC_LVT_DEADLINE_BIT)

#endif /* ABI_CPUID_H */
