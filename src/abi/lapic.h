/* SPDX-License-Identifier: MIT */
/*
 * The local APIC beyond what abi/cpuid.h says of its timer. Facts only.
 *
 * Source: Intel SDM volume 3A, chapter "Advanced Programmable Interrupt
 *         Controller": table of the register address map; 10.5.4.1
 *         (TSC-deadline mode; xAPIC: MFENCE between LVT and MSR); 10.9
 *         (spurious interrupt). AMD APM volume 2, chapter 16. LVT and EOI
 *         numbers seen on QEMU 7.2 and KVM.
 * Beware: on family 5 and early family 6 the spurious vector's low four bits
 *         are ones, whatever is written.
 */
#ifndef ABI_LAPIC_H
#define ABI_LAPIC_H

#define APIC_BASE_ADDRESS  0xfffffffffffff000ull /* of IA32_APIC_BASE */
#define APIC_BASE_FAMILY_5 0xfee00000u           /* which has no such MSR */

#define APIC_ID                   0x020u
#define APIC_ID_SHIFT             24 /* of an xAPIC; x2APIC: all 32 bits */
#define APIC_EOI                  0x0b0u
#define APIC_SPURIOUS             0x0f0u
#define APIC_SPURIOUS_ENABLED_BIT 8
#define APIC_SPURIOUS_ENABLED     (1u << APIC_SPURIOUS_ENABLED_BIT)
#define APIC_SPURIOUS_VECTOR      0xffu
/* Eight registers of 32 vectors each, 0x10 apart. */
#define APIC_ISR      0x100u
#define APIC_ISR_STEP 0x010u

/*
 * Interrupt command: SDM 10.6.1. x2APIC: one MSR, the destination in the high
 * half; it has no "pending", and WRMSR to it does not order stores (10.12.3).
 */
#define APIC_ICR             0x300u
#define APIC_ICR_HIGH        0x310u
#define APIC_ICR_PENDING_BIT 12
#define APIC_ICR_PENDING     (1u << APIC_ICR_PENDING_BIT)
#define APIC_ICR_INIT        0x00000500u
#define APIC_ICR_STARTUP     0x00000600u /* low byte: page of the code */
#define APIC_ICR_ASSERT_BIT  14
#define APIC_ICR_ASSERT      (1u << APIC_ICR_ASSERT_BIT)
#define APIC_ICR_LEVEL_BIT   15
#define APIC_ICR_LEVEL       (1u << APIC_ICR_LEVEL_BIT)
#define MSR_X2APIC_ICR       0x830u

#define CPUID_1_ECX_TSC_DEADLINE_BIT 24
#define CPUID_1_ECX_TSC_DEADLINE     (1u << CPUID_1_ECX_TSC_DEADLINE_BIT)

#define MSR_IA32_TSC_DEADLINE 0x6e0u /* 0: none */

/*
 * Errata of Haswell to Skylake: the deadline timer may misbehave after
 * IA32_TSC_ADJUST was used. Source: Linux bd9240a18edf, "x86/apic: Add
 * TSC_DEADLINE quirk due to errata".
 */
#define CPUID_7_EBX_TSC_ADJUST_BIT 1
#define CPUID_7_EBX_TSC_ADJUST     (1u << CPUID_7_EBX_TSC_ADJUST_BIT)
#define MSR_IA32_TSC_ADJUST        0x3bu

#endif /* ABI_LAPIC_H */
