/* SPDX-License-Identifier: MIT */
/*
 * The time page that Xen and KVM share with each virtual CPU. Facts only.
 *
 * ns = system_time + (((tsc - tsc_timestamp) << tsc_shift)
 *                     * tsc_to_system_mul >> 32)
 * TSC Hz = (10^9 << 32) / tsc_to_system_mul >> tsc_shift
 *
 * Source: Linux Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW;
 *         Xen xen/include/public/xen.h, struct vcpu_time_info.
 */
#ifndef ABI_PVCLOCK_H
#define ABI_PVCLOCK_H

#include "abi/abi.h"

struct pvclock_vcpu_time_info {
    uint32_t version; /* odd while the host is writing */
    uint32_t pad0;
    uint64_t tsc_timestamp;     /* TSC ticks at the last update */
    uint64_t system_time;       /* ns at the last update */
    uint32_t tsc_to_system_mul; /* 0.32 fixed point: ns per shifted tick */
    int8_t tsc_shift;           /* ticks << shift; negative: >> -shift */
    uint8_t flags;              /* PVCLOCK_* */
    uint8_t pad[2];
} __attribute__((packed, aligned(4)));

#define PVCLOCK_TSC_STABLE_BIT 0
#define PVCLOCK_TSC_STABLE     (1u << PVCLOCK_TSC_STABLE_BIT)

ABI_SIZE(struct pvclock_vcpu_time_info, 32);
ABI_OFFSET(struct pvclock_vcpu_time_info, tsc_timestamp, 8);
ABI_OFFSET(struct pvclock_vcpu_time_info, system_time, 16);
ABI_OFFSET(struct pvclock_vcpu_time_info, tsc_to_system_mul, 24);
ABI_OFFSET(struct pvclock_vcpu_time_info, tsc_shift, 28);
ABI_OFFSET(struct pvclock_vcpu_time_info, flags, 29);

/* Wall clock when system_time was 0; seconds since 1970-01-01 UTC. */
struct pvclock_wall_clock {
    uint32_t version; /* odd while the host is writing */
    uint32_t sec;
    uint32_t nsec;
};

ABI_SIZE(struct pvclock_wall_clock, 12);
ABI_OFFSET(struct pvclock_wall_clock, sec, 4);

#endif /* ABI_PVCLOCK_H */
