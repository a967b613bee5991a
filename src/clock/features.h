/* SPDX-License-Identifier: MIT */
/*
 * Which feature bits the probe keeps in pvops_info.features.
 */
#ifndef CLOCK_FEATURES_H
#define CLOCK_FEATURES_H

enum pvi_features {
    PVI_CPU_EDX,    /* CPUID 1 */
    PVI_KVM_EAX,    /* KVM's leaf +1 */
    PVI_HYPERV_EAX, /* Hyper-V's leaf +3: MSRs that are ours to use */
    PVI_HYPERV_EDX,
    PVI_FEATURES,
};

#endif /* CLOCK_FEATURES_H */
