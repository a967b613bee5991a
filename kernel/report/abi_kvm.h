/* SPDX-License-Identifier: MIT */
/*
 * KVM's interface, as the report tries it. Facts only; typed again here, so
 * that pvk needs nothing of src/ and a mistake there is not made twice.
 *
 * Source: Linux Documentation/virt/kvm/x86/{cpuid,msr,hypercalls}.rst;
 *         include/uapi/linux/kvm_para.h (hypercalls, errors).
 */
#ifndef PVK_REPORT_ABI_KVM_H
#define PVK_REPORT_ABI_KVM_H

#include <stdint.h>

enum {
    KVM_MSR_WALL_OLD = 0x11,
    KVM_MSR_TIME_OLD = 0x12,
    KVM_MSR_WALL = 0x4b564d00,
    KVM_MSR_TIME = 0x4b564d01,
    KVM_MSR_ASYNC_PF_EN = 0x4b564d02,
    KVM_MSR_STEAL = 0x4b564d03,
    KVM_MSR_EOI = 0x4b564d04,
    KVM_MSR_POLL = 0x4b564d05,
    KVM_MSR_ASYNC_PF_INT = 0x4b564d06,
    KVM_MSR_ASYNC_PF_ACK = 0x4b564d07,
    KVM_MSR_MIGRATION = 0x4b564d08,
    KVM_ENABLE = 1, /* bit 0; the rest is an address */
};

enum {
    KVM_CALL_POLL_IRQ = 1,
    KVM_CALL_MMU_OP = 2,
    KVM_CALL_KICK = 5,    /* flags, APIC id */
    KVM_CALL_PAIRING = 9, /* address, type 0; out: kvm_pairing */
    KVM_CALL_IPI = 10,   /* bitmap low, high, lowest APIC id, ICR; out: count */
    KVM_CALL_YIELD = 11, /* APIC id */
    KVM_CALL_MAP_GPA = 12, /* address, pages, attributes */
    KVM_CALL_NONE = 0x7fff,
    KVM_ERROR_ENOSYS = 1000,
    KVM_ERROR_EINVAL = 22,
    KVM_ERROR_EOPNOTSUPP = 95,
};

struct kvm_wall {
    uint32_t version, sec, nsec;
};

struct kvm_steal {
    uint64_t steal;
    uint32_t version, flags;
    uint8_t preempted; /* bit 0: it was; bit 1: flush before it runs */
    uint8_t pad[47];
};
_Static_assert(sizeof(struct kvm_steal) == 64, "kvm_steal");

struct kvm_pairing {
    int64_t sec, nsec;
    uint64_t tsc;
    uint32_t flags, pad[9];
};
_Static_assert(sizeof(struct kvm_pairing) == 64, "kvm_pairing");

#endif /* PVK_REPORT_ABI_KVM_H */
