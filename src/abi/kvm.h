/* SPDX-License-Identifier: MIT */
/*
 * KVM's CPUID leaves and MSRs. Facts only; names as in the source.
 *
 * Source: Linux Documentation/virt/kvm/x86/{cpuid,msr}.rst.
 * Beware: the detection pseudo-code in msr.rst tests "flags & 3" where bit
 *         number 3 is meant; cpuid.rst's table is what hosts implement.
 *         The maximum leaf is 0 in KVM before Linux 2.6.33: read 0x40000001.
 */
#ifndef ABI_KVM_H
#define ABI_KVM_H

#define KVM_CPUID_SIGNATURE "KVMKVMKVM\0\0\0" /* EBX, ECX, EDX of leaf +0 */
#define KVM_CPUID_FEATURES  1u                /* leaf, relative to the base */

#define KVM_FEATURE_CLOCKSOURCE_BIT        0
#define KVM_FEATURE_CLOCKSOURCE            (1u << KVM_FEATURE_CLOCKSOURCE_BIT)
#define KVM_FEATURE_CLOCKSOURCE2_BIT       3
#define KVM_FEATURE_CLOCKSOURCE2           (1u << KVM_FEATURE_CLOCKSOURCE2_BIT)
#define KVM_FEATURE_CLOCKSOURCE_STABLE_BIT 24
#define KVM_FEATURE_CLOCKSOURCE_STABLE                                         \
    (1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)

#define MSR_KVM_SYSTEM_TIME     0x12u       /* if CLOCKSOURCE */
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01u /* if CLOCKSOURCE2 */
#define KVM_MSR_ENABLED         1u          /* bit 0; the rest is a paddr */

/*
 * KVM's APIC timer counts nanoseconds, unless the VMM asked for another rate.
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_CAP_X86_APIC_BUS_CYCLES_NS.
 */
#define KVM_APIC_HZ 1000000000u

#endif /* ABI_KVM_H */
