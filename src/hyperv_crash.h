/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's crash registers.
 */
#ifndef PVOPS_HYPERV_CRASH_H
#define PVOPS_HYPERV_CRASH_H

#include <pvops/clock.h>

/* Whether this hypervisor has them. Reads CPUID only. */
bool pvi_hyperv_crash_offered(const struct pvops_info *info);

/*
 * Report a crash: P0 is "pvops", P1 is 'where', an address of the kernel's.
 * Returns on Hyper-V; KVM's VMM may stop the guest before it does. Only where
 * the registers are offered. Context: any.
 */
void pvi_hyperv_crash(uintptr_t where);

#endif /* PVOPS_HYPERV_CRASH_H */
