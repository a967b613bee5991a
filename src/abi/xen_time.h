/* SPDX-License-Identifier: MIT */
/*
 * What the clock needs of Xen. Facts only; names as in the source.
 *
 * Source: Xen xen/include/public/arch-x86/cpuid.h (leaves), vcpu.h (the time
 *         areas; the one by physical address since 4.18), xen.h (shared_info,
 *         hypercall numbers), arch-x86/xen-x86_{32,64}.h (registers);
 *         xen/arch/x86/include/asm/vlapic.h (the APIC bus's period).
 */
#ifndef ABI_XEN_TIME_H
#define ABI_XEN_TIME_H

#include "abi/abi.h"

#define XEN_CPUID_SIGNATURE "XenVMMXenVMM" /* EBX, ECX, EDX of leaf +0 */

/* Relative to the base. Subleaf 0: */
#define XEN_CPUID_TIME              3u
#define XEN_CPUID_TIME_EMULATED_BIT 0 /* EAX: RDTSC is emulated */
#define XEN_CPUID_TIME_EMULATED     (1u << XEN_CPUID_TIME_EMULATED_BIT)
#define XEN_CPUID_TIME_RELIABLE_BIT 1 /* EAX: the host's TSC is reliable */
#define XEN_CPUID_TIME_RELIABLE     (1u << XEN_CPUID_TIME_RELIABLE_BIT)
/* ECX: guest's TSC kHz; 0 in a PV dom0 of 4.17. */
#define XEN_CPUID_TIME_HOST 2u /* subleaf; EAX: host's TSC kHz */

#define XEN_CPUID_HVM                 4u
#define XEN_HVM_CPUID_VCPU_ID_BIT     3 /* EAX: EBX is the VCPU's id */
#define XEN_HVM_CPUID_VCPU_ID_PRESENT (1u << XEN_HVM_CPUID_VCPU_ID_BIT)

#define __HYPERVISOR_vcpu_op 24u

/* By linear address, written whichever page tables are loaded; 0: no more. */
#define VCPUOP_register_vcpu_time_memory_area 13u
/* By physical address; all ones: no more. -ENOSYS before 4.18. */
#define VCPUOP_register_vcpu_time_phys_area 15u

struct vcpu_register_time_memory_area {
    uint64_t addr;
};

ABI_SIZE(struct vcpu_register_time_memory_area, 8);

/* shared_info.vcpu_info[0].time, a struct pvclock_vcpu_time_info. */
#define XEN_SHARED_INFO_TIME 32u

/* An HVM or PVH domain's APIC timer. */
#define XEN_APIC_HZ 100000000u

#endif /* ABI_XEN_TIME_H */
