/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's synthetic interrupt controller and timers. Facts only.
 *
 * Source: Microsoft Hypervisor Top Level Functional Specification (TLFS):
 *         "Inter-Partition Communication" (messages, SynIC registers);
 *         "Timers" (synthetic timers); HV_MESSAGE, HV_MESSAGE_TYPE,
 *         HV_TIMER_MESSAGE_PAYLOAD; leaf 0x40000003.
 * Beware: KVM refuses the timers' MSRs, direct mode included, where it has no
 *         SynIC (Linux arch/x86/kvm/hyperv.c, stimer_set_config()), though the
 *         specification asks for none in direct mode. KVM's SCONTROL is 1 from
 *         the start, the specification's 0.
 */
#ifndef ABI_HYPERV_SYNIC_H
#define ABI_HYPERV_SYNIC_H

#include "abi/abi.h"

/* EAX of HV_CPUID_FEATURES: these MSRs may be used. */
#define HV_MSR_SYNIC_AVAILABLE_BIT    2
#define HV_MSR_SYNIC_AVAILABLE        (1u << HV_MSR_SYNIC_AVAILABLE_BIT)
#define HV_MSR_SYNTIMER_AVAILABLE_BIT 3
#define HV_MSR_SYNTIMER_AVAILABLE     (1u << HV_MSR_SYNTIMER_AVAILABLE_BIT)
/* EDX of HV_CPUID_FEATURES */
#define HV_STIMER_DIRECT_MODE_AVAILABLE_BIT 19
#define HV_STIMER_DIRECT_MODE_AVAILABLE                                        \
    (1u << HV_STIMER_DIRECT_MODE_AVAILABLE_BIT)

/* Each virtual processor has its own. Other bits are to be preserved. */
#define HV_X64_MSR_SCONTROL        0x40000080u
#define HV_SYNIC_SCONTROL_ENABLE   1u /* bit 0 */
#define HV_X64_MSR_SIEFP           0x40000082u
#define HV_X64_MSR_SIMP            0x40000083u
#define HV_SYNIC_SIMP_ENABLE       1u /* bit 0; bits 12 and up are a paddr */
#define HV_SYNIC_SIMP_PAGE         (~UINT64_C(0xfff))
#define HV_X64_MSR_EOM             0x40000084u /* any value */
#define HV_X64_MSR_SINT0           0x40000090u /* + number of the SINT */
#define HV_SYNIC_SINT_COUNT        16u
#define HV_SYNIC_SINT_VECTOR       0xffu /* 16 and up */
#define HV_SYNIC_SINT_MASKED_BIT   16
#define HV_SYNIC_SINT_MASKED       (1u << HV_SYNIC_SINT_MASKED_BIT)
#define HV_SYNIC_SINT_AUTO_EOI_BIT 17
#define HV_SYNIC_SINT_AUTO_EOI     (1u << HV_SYNIC_SINT_AUTO_EOI_BIT)
#define HV_SYNIC_SINT_POLLING_BIT  18
#define HV_SYNIC_SINT_POLLING      (1u << HV_SYNIC_SINT_POLLING_BIT)

/* Timer N of a virtual processor: two MSRs, from + 2 N on. */
#define HV_X64_MSR_STIMER0_CONFIG   0x400000b0u
#define HV_X64_MSR_STIMER0_COUNT    0x400000b1u
#define HV_SYNIC_STIMER_COUNT       4u
#define HV_STIMER_ENABLE            1u        /* bit 0; cleared when it fires */
#define HV_STIMER_AUTOENABLE        (1u << 3) /* by a count other than 0 */
#define HV_STIMER_APIC_VECTOR_SHIFT 4
#define HV_STIMER_DIRECT_MODE       (1u << 12)
#define HV_STIMER_SINT_SHIFT        16 /* must not be 0, unless direct */
/* One-shot: absolute, HV_X64_MSR_TIME_REF_COUNT's units; 0 stops it. */

#define HVMSG_NONE          0u /* the slot is empty */
#define HVMSG_TIMER_EXPIRED 0x80000010u

struct hv_message {
    uint32_t message_type;
    uint8_t payload_size;
    uint8_t message_flags; /* HV_MESSAGE_PENDING: write EOM once it is empty */
    uint16_t reserved;
    uint64_t origin;
    uint8_t payload[240];
};
#define HV_MESSAGE_PENDING 1u

ABI_OFFSET(struct hv_message, message_flags, 5);
ABI_OFFSET(struct hv_message, payload, 16);
ABI_SIZE(struct hv_message, 256);

/* Of HVMSG_TIMER_EXPIRED; times in 100 ns. */
struct hv_timer_message_payload {
    uint32_t timer_index;
    uint32_t reserved;
    uint64_t expiration_time;
    uint64_t delivery_time;
};

ABI_SIZE(struct hv_timer_message_payload, 24);

/* What HV_X64_MSR_SIMP points to: a slot for each SINT. */
struct hv_message_page {
    struct hv_message sint_message[HV_SYNIC_SINT_COUNT];
};

ABI_SIZE(struct hv_message_page, 4096);

#endif /* ABI_HYPERV_SYNIC_H */
