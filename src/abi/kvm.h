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

#include "abi/abi.h"

#define KVM_CPUID_SIGNATURE "KVMKVMKVM\0\0\0" /* EBX, ECX, EDX of leaf +0 */
#define KVM_CPUID_FEATURES  1u                /* leaf, relative to the base */

#define KVM_FEATURE_CLOCKSOURCE_BIT        0
#define KVM_FEATURE_CLOCKSOURCE            (1u << KVM_FEATURE_CLOCKSOURCE_BIT)
#define KVM_FEATURE_CLOCKSOURCE2_BIT       3
#define KVM_FEATURE_CLOCKSOURCE2           (1u << KVM_FEATURE_CLOCKSOURCE2_BIT)
#define KVM_FEATURE_NOP_IO_DELAY_BIT       1
#define KVM_FEATURE_ASYNC_PF_BIT           4
#define KVM_FEATURE_STEAL_TIME_BIT         5
#define KVM_FEATURE_STEAL_TIME             (1u << KVM_FEATURE_STEAL_TIME_BIT)
#define KVM_FEATURE_PV_EOI_BIT             6
#define KVM_FEATURE_PV_EOI                 (1u << KVM_FEATURE_PV_EOI_BIT)
#define KVM_FEATURE_PV_UNHALT_BIT          7
#define KVM_FEATURE_PV_TLB_FLUSH_BIT       9
#define KVM_FEATURE_PV_SEND_IPI_BIT        11
#define KVM_FEATURE_POLL_CONTROL_BIT       12
#define KVM_FEATURE_PV_SCHED_YIELD_BIT     13
#define KVM_FEATURE_ASYNC_PF_INT_BIT       14
#define KVM_FEATURE_CLOCKSOURCE_STABLE_BIT 24
#define KVM_FEATURE_CLOCKSOURCE_STABLE                                         \
    (1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)

#define MSR_KVM_WALL_CLOCK      0x11u       /* if CLOCKSOURCE */
#define MSR_KVM_SYSTEM_TIME     0x12u       /* if CLOCKSOURCE */
#define MSR_KVM_WALL_CLOCK_NEW  0x4b564d00u /* if CLOCKSOURCE2 */
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01u /* if CLOCKSOURCE2 */
#define MSR_KVM_STEAL_TIME      0x4b564d03u /* a paddr, 64-byte aligned */
#define MSR_KVM_PV_EOI_EN       0x4b564d04u /* a paddr, 4-byte aligned */
#define KVM_MSR_ENABLED         1u          /* bit 0; the rest is a paddr */

/* Written by the host while MSR_KVM_STEAL_TIME is enabled. */
struct kvm_steal_time {
    uint64_t steal;   /* ns */
    uint32_t version; /* odd while the host is writing */
    uint32_t flags;
    uint8_t preempted;
    uint8_t u8_pad[3];
    uint32_t pad[11];
} __attribute__((aligned(64)));

ABI_SIZE(struct kvm_steal_time, 64);
ABI_OFFSET(struct kvm_steal_time, version, 8);
ABI_OFFSET(struct kvm_steal_time, preempted, 16);

/*
 * Bit 0 of the word at MSR_KVM_PV_EOI_EN's address: the interrupt that was
 * injected last needs no EOI. It must be read and cleared by one instruction,
 * which is x86_test_and_clear_0().
 */

/*
 * KVM's APIC timer counts nanoseconds, unless the VMM asked for another rate.
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_CAP_X86_APIC_BUS_CYCLES_NS.
 */
#define KVM_APIC_HZ 1000000000u

#endif /* ABI_KVM_H */
