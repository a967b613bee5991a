/* SPDX-License-Identifier: MIT */
/*
 * Partial hypervisors: hyperv and kvm with one feature less, with all of them
 * or none, to see whether a kernel believes each feature bit singly.
 *
 *   hyperv~full        each hv-* flag of QEMU's that its KVM can give
 *   hyperv~no-FLAG     the same without FLAG and without what depends on it
 *   hyperv~none        Hyper-V's signature and next to nothing behind it
 *   kvm~no-FLAG        kvm without FLAG
 *   kvm~none           KVM's signature and a feature leaf of zeroes
 *   kvm~no-hypervisor  KVM's leaves, but CPUID's hypervisor bit is clear
 *   kvm~hyperv         KVM's leaves behind Hyper-V's: two signatures
 *   kvm~false          KVM's signature in front of Hyper-V's leaves: bits that
 *                      KVM does not serve, for pvk's report (docs/vendor.md)
 *
 * KVM refuses what no flag stands for (hv-enforce-cpuid, kvm-pv-enforce-cpuid),
 * so that using a missing MSR is a fault, not luck; but for those without
 * kvmclock, where QEMU 7.2 itself fails then.
 */
#ifndef LAB_PLATFORM_PARTIAL_H
#define LAB_PLATFORM_PARTIAL_H

#include "platform/platform.h"

/* All of them, in the order above. */
const struct platform *partial_platforms(size_t *out_count);

#endif /* LAB_PLATFORM_PARTIAL_H */
