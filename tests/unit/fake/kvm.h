/* SPDX-License-Identifier: MIT */
/*
 * The model's KVM beyond the clock: wall clock, steal time, PV EOI, and in
 * kvm_cpus.c what it does for several CPUs. Only the MSRs of the features that
 * are offered are there.
 */
#ifndef FAKE_KVM_H
#define FAKE_KVM_H

#include <stdbool.h>
#include <stdint.h>

#include "fake_cpus.h"

#include "abi/kvm.h"

struct fake_kvm {
    uint64_t unix_ns;  /* wall clock at fake.now_ps == 0 */
    uint64_t steal_ns; /* written when the area is enabled */
    struct kvm_steal_time *steal;
    uint32_t *pv_eoi;
    bool skips_eoi;    /* this KVM makes use of PV EOI */
    bool wall_refused; /* it leaves the structure as it was */
    unsigned pv_eois;  /* interrupts that ended without an EOI */
    uint32_t features; /* as they were offered */
    /* kvm_cpus.c */
    struct kvm_steal_time *steals[FAKE_CPUS]; /* of each CPU; or NULL */
    bool refuses_ipis;
    unsigned calls, ipi_calls;
    unsigned kicks[FAKE_CPUS], yields[FAKE_CPUS];
};

extern struct fake_kvm fake_kvm;

/* At 'base', with feature bits 'features'. After the APIC timer. */
void fake_kvm_reset(uint32_t base, uint32_t features);

/* 'cpu', another one, has no processor any more; it gets one again. */
void fake_kvm_preempt(unsigned cpu);
void fake_kvm_resume(unsigned cpu);

/* The host writes the steal area. */
void fake_kvm_steal(uint64_t steal_ns);

#endif /* FAKE_KVM_H */
