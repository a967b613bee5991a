/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V: who the guest is, its hypercall page, its crash. Facts only.
 *
 * Source: Microsoft Hypervisor Top Level Functional Specification (TLFS):
 *         "Hypercall Interface": reporting the guest OS identity, establishing
 *         the hypercall interface, register mapping; "Partition Properties":
 *         partition crash enlightenment; "Virtual Processors": VP index;
 *         "Virtual Interrupt Control": EOI, ICR and TPR accesses;
 *         HV_PARTITION_PRIVILEGE_MASK; "Feature and Interface Discovery",
 *         leaves 0x40000003 and 0x40000004.
 */
#ifndef ABI_HYPERV_HYPERCALL_H
#define ABI_HYPERV_HYPERCALL_H

#include "abi/abi.h"

/* EAX of HV_CPUID_FEATURES: these MSRs may be used. */
#define HV_MSR_VP_RUNTIME_AVAILABLE_BIT 0

#define HV_MSR_APIC_ACCESS_AVAILABLE_BIT 4

#define HV_MSR_APIC_ACCESS_AVAILABLE (1u << HV_MSR_APIC_ACCESS_AVAILABLE_BIT)

#define HV_MSR_HYPERCALL_AVAILABLE_BIT 5 /* and HV_X64_MSR_GUEST_OS_ID */
#define HV_MSR_HYPERCALL_AVAILABLE     (1u << HV_MSR_HYPERCALL_AVAILABLE_BIT)
#define HV_MSR_VP_INDEX_AVAILABLE_BIT  6
#define HV_MSR_VP_INDEX_AVAILABLE      (1u << HV_MSR_VP_INDEX_AVAILABLE_BIT)
#define HV_MSR_RESET_AVAILABLE_BIT     7
#define HV_ACCESS_REENLIGHTENMENT_BIT  13
/* EDX of HV_CPUID_FEATURES */
#define HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE_BIT 4

#define HV_GUEST_CRASH_MSR_AVAILABLE_BIT 10

#define HV_GUEST_CRASH_MSR_AVAILABLE (1u << HV_GUEST_CRASH_MSR_AVAILABLE_BIT)

#define HV_CPUID_RECOMMENDATIONS 4u /* leaf, relative to the base */
/* EAX of it */
#define HV_REMOTE_TLB_FLUSH_RECOMMENDED_BIT 2
#define HV_REMOTE_TLB_FLUSH_RECOMMENDED                                        \
    (1u << HV_REMOTE_TLB_FLUSH_RECOMMENDED_BIT)

#define HV_APIC_ACCESS_RECOMMENDED_BIT 3 /* EOI, ICR and TPR by MSR */
#define HV_APIC_ACCESS_RECOMMENDED     (1u << HV_APIC_ACCESS_RECOMMENDED_BIT)

#define HV_RELAXED_TIMING_RECOMMENDED_BIT 5
#define HV_CLUSTER_IPI_RECOMMENDED_BIT    10
#define HV_CLUSTER_IPI_RECOMMENDED        (1u << HV_CLUSTER_IPI_RECOMMENDED_BIT)
/* EBX: how often to try for a lock before telling the hypervisor. */
#define HV_SPINLOCK_NEVER_NOTIFY UINT32_MAX

/*
 * One for all virtual processors. 0: nobody has said yet, and there is no
 * hypercall page then; made 0 later, the page goes.
 */
#define HV_X64_MSR_GUEST_OS_ID 0x40000000u
/*
 * Bit 63: open source; then bits 62 to 56 are a type that Microsoft gives
 * (1 Linux, 2 FreeBSD, 3 Xen, 4 illumos), 55 to 48 the vendor's own, 47 to 16
 * a version, 15 to 0 a build. Without bit 63: bits 62 to 48 are a vendor.
 */
#define HV_GUEST_OS_ID_OPEN_SOURCE_BIT 63
#define HV_GUEST_OS_ID_OPEN_SOURCE                                             \
    (UINT64_C(1) << HV_GUEST_OS_ID_OPEN_SOURCE_BIT)

/* One for all: bits 63 to 12 are the page's; 11 to 2 are to be preserved. */
#define HV_X64_MSR_HYPERCALL            0x40000001u
#define HV_X64_MSR_HYPERCALL_ENABLE_BIT 0
#define HV_X64_MSR_HYPERCALL_ENABLE     (1u << HV_X64_MSR_HYPERCALL_ENABLE_BIT)
#define HV_X64_MSR_HYPERCALL_LOCKED_BIT 1 /* cannot be changed until reset */
#define HV_X64_MSR_HYPERCALL_LOCKED     (1u << HV_X64_MSR_HYPERCALL_LOCKED_BIT)
#define HV_X64_MSR_HYPERCALL_PAGE       (~UINT64_C(0xfff))

#define HV_X64_MSR_VP_INDEX 0x40000002u
#define HV_X64_MSR_EOI      0x40000070u

/*
 * What becomes of a crash is written to the control register in one store. Bit
 * 62, which is not used here: P3 and P4 are the physical address and the length
 * of a text.
 */
#define HV_X64_MSR_CRASH_P0     0x40000100u
#define HV_X64_MSR_CRASH_PARAMS 5u
#define HV_X64_MSR_CRASH_CTL    0x40000105u
#define HV_CRASH_CTL_NOTIFY_BIT 63
#define HV_CRASH_CTL_NOTIFY     (UINT64_C(1) << HV_CRASH_CTL_NOTIFY_BIT)

/* Input value of a hypercall: its code, and whether operands are registers. */
#define HV_HYPERCALL_FAST_BIT 16
#define HV_HYPERCALL_FAST     (UINT64_C(1) << HV_HYPERCALL_FAST_BIT)
#define HV_STATUS_MASK        0xffffu /* of its result */

#endif /* ABI_HYPERV_HYPERCALL_H */
