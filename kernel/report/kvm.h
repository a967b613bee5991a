/* SPDX-License-Identifier: MIT */
/*
 * KVM's probes.
 */
#ifndef PVK_REPORT_KVM_H
#define PVK_REPORT_KVM_H

#include "report/abi_kvm.h"
#include "report/report.h"

/* Bits of the features' leaf. */
#define KVM_BIT(bit) BY(1, EAX, bit)

/* kvm_time.c */
void probe_kvm_clock_old(struct report_try *try);
void probe_kvm_clock(struct report_try *try);
void probe_kvm_stable(struct report_try *try);
void probe_kvm_wall(struct report_try *try);

/* kvm_areas.c */
void probe_kvm_steal(struct report_try *try);
void probe_kvm_eoi(struct report_try *try);
void probe_kvm_flush(struct report_try *try);
void probe_kvm_poll(struct report_try *try);

/* kvm_calls.c */
void probe_kvm_kick(struct report_try *try);
void probe_kvm_ipi(struct report_try *try);
void probe_kvm_yield(struct report_try *try);
void probe_kvm_pairing(struct report_try *try);
void probe_kvm_map_gpa(struct report_try *try);
void probe_kvm_unknown(struct report_try *try);

#endif /* PVK_REPORT_KVM_H */
