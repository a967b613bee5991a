/* SPDX-License-Identifier: MIT */
/*
 * KVM's CPUID leaves, MSRs and hypercalls. Facts only; names as in the source.
 *
 * Source: Linux Documentation/virt/kvm/x86/{cpuid,msr,hypercalls}.rst;
 *         include/uapi/linux/kvm_para.h and arch/x86/include/uapi/asm/
 *         kvm_para.h for numbers.
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
#define KVM_FEATURE_PV_UNHALT              (1u << KVM_FEATURE_PV_UNHALT_BIT)
#define KVM_FEATURE_PV_TLB_FLUSH_BIT       9
#define KVM_FEATURE_PV_TLB_FLUSH           (1u << KVM_FEATURE_PV_TLB_FLUSH_BIT)
#define KVM_FEATURE_PV_SEND_IPI_BIT        11
#define KVM_FEATURE_PV_SEND_IPI            (1u << KVM_FEATURE_PV_SEND_IPI_BIT)
#define KVM_FEATURE_POLL_CONTROL_BIT       12
#define KVM_FEATURE_POLL_CONTROL           (1u << KVM_FEATURE_POLL_CONTROL_BIT)
#define KVM_FEATURE_PV_SCHED_YIELD_BIT     13
#define KVM_FEATURE_PV_SCHED_YIELD         (1u << KVM_FEATURE_PV_SCHED_YIELD_BIT)
#define KVM_FEATURE_ASYNC_PF_INT_BIT       14
#define KVM_FEATURE_CLOCKSOURCE_STABLE_BIT 24
#define KVM_FEATURE_CLOCKSOURCE_STABLE                                         \
    (1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)

/* EDX of that leaf. REALTIME: VCPUs are not preempted for long. */
#define KVM_HINTS_REALTIME_BIT 0
#define KVM_HINTS_REALTIME     (1u << KVM_HINTS_REALTIME_BIT)

#define MSR_KVM_WALL_CLOCK      0x11u       /* if CLOCKSOURCE */
#define MSR_KVM_SYSTEM_TIME     0x12u       /* if CLOCKSOURCE */
#define MSR_KVM_WALL_CLOCK_NEW  0x4b564d00u /* if CLOCKSOURCE2 */
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01u /* if CLOCKSOURCE2 */
#define MSR_KVM_STEAL_TIME      0x4b564d03u /* a paddr, 64-byte aligned */
#define MSR_KVM_PV_EOI_EN       0x4b564d04u /* a paddr, 4-byte aligned */
#define KVM_MSR_ENABLED         1u          /* bit 0; the rest is a paddr */
/* Bit 0, set at reset: the host polls for a while before a CPU's HLT sleeps. */
#define MSR_KVM_POLL_CONTROL 0x4b564d05u
#define KVM_POLL_ENABLED     1u

/*
 * Written by the host while MSR_KVM_STEAL_TIME is enabled. 'preempted' is
 * PREEMPTED from when the VCPU leaves its processor, for HLT too, and exchanged
 * for 0 before it runs again; if FLUSH_TLB was in it and PV_TLB_FLUSH is
 * offered, all translations of the guest are forgotten, global ones too.
 * Source: Linux arch/x86/kvm/x86.c, record_steal_time(),
 *         kvm_steal_time_set_preempted().
 */
#define KVM_VCPU_PREEMPTED 1u
#define KVM_VCPU_FLUSH_TLB 2u
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
 * Hypercalls: RAX is the number, then the result, negative if it fails; RBX,
 * RCX, RDX and RSI are a0 to a3. KICK_CPU: a1 is the APIC id of a VCPU whose
 * HLT ends, or its next one, whatever its interrupt flag is (PV_UNHALT).
 * SEND_IPI: bit n of a0, and beyond its width of a1, is APIC id a2 + n; a3 is
 * the low half of an ICR without destination and shorthand; the result is how
 * many took it. SCHED_YIELD: a0 is the APIC id of the VCPU that runs instead.
 * Source: hypercalls.rst; arch/x86/kvm/{lapic,x86}.c for what it leaves unsaid:
 *         kvm_pv_send_ipi(), kvm_vcpu_has_events().
 */
#define KVM_HC_KICK_CPU    5u
#define KVM_HC_SEND_IPI    10u
#define KVM_HC_SCHED_YIELD 11u

/*
 * KVM's APIC timer counts nanoseconds, unless the VMM asked for another rate.
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_CAP_X86_APIC_BUS_CYCLES_NS.
 */
#define KVM_APIC_HZ 1000000000u

#endif /* ABI_KVM_H */
