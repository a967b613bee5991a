/* SPDX-License-Identifier: MIT */
/*
 * What the files of the kvm backend share.
 */
#ifndef PVOPS_KVM_CPU_H
#define PVOPS_KVM_CPU_H

#include "internal.h"

#include "abi/kvm.h"
#include "abi/pvclock.h"

/* pvops_cpu.private_; what the host writes never crosses a page. */
struct pvi_kvm_cpu {
    struct kvm_steal_time steal;
    struct pvclock_vcpu_time_info time; /* only during wall_ns() */
    struct pvclock_wall_clock wall;     /* the same */
    uint32_t pv_eoi;
    uint64_t stolen_at_start_ns;
    bool steal_ours; /* else both areas stay as they are: all zero */
    bool pv_eoi_ours;
    bool poll_ours; /* the host did not poll before */
};

static inline struct pvi_kvm_cpu *pvi_kvm_cpu(struct pvops_cpu *cpu)
{
    return (struct pvi_kvm_cpu *)(void *)cpu->private_;
}

/* kvm_smp.c: after the native ops; 'features' and 'hints' are KVM's leaf. */
void pvi_kvm_smp_setup(uint32_t features, uint32_t hints);
/* pvi_backend.forgets_later */
bool pvi_kvm_forgets_later(struct pvops_cpu *cpu);

#endif /* PVOPS_KVM_CPU_H */
