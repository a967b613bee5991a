/* SPDX-License-Identifier: MIT */
/*
 * VMware's CPUID leaf, port and hypercalls. Facts only.
 *
 * EAX magic, EBX argument, ECX command, EDX the port (0 with VMCALL and
 * VMMCALL), ESI and EDI further arguments; results in EAX, EBX, ECX, EDX.
 *
 * Source: VMware KB 1009458, "Mechanisms to determine if software is running
 *         in a VMware virtual machine"; open-vm-tools lib/include/
 *         backdoor_def.h; Linux arch/x86/include/asm/vmware.h (the bits),
 *         arch/x86/kernel/cpu/vmware.c (steal clock, VCPU info).
 * Beware: QEMU's port answers on every PC machine: only after the signature.
 */
#ifndef ABI_VMWARE_H
#define ABI_VMWARE_H

#include "abi/abi.h"

#define VMWARE_CPUID_SIGNATURE "VMwareVMware" /* EBX, ECX, EDX of leaf +0 */
#define VMWARE_CPUID_FEATURES  0x10u          /* the timing leaf's ECX */

#define CPUID_VMWARE_FEATURES_ECX_VMMCALL_BIT 0
#define CPUID_VMWARE_FEATURES_ECX_VMMCALL                                      \
    (1u << CPUID_VMWARE_FEATURES_ECX_VMMCALL_BIT)
#define CPUID_VMWARE_FEATURES_ECX_VMCALL_BIT 1
#define CPUID_VMWARE_FEATURES_ECX_VMCALL                                       \
    (1u << CPUID_VMWARE_FEATURES_ECX_VMCALL_BIT)

#define VMWARE_HYPERVISOR_PORT  0x5658u
#define VMWARE_HYPERVISOR_MAGIC 0x564d5868u
/* EBX: the magic; EAX: a version, all ones: unanswered. */
#define VMWARE_CMD_GETVERSION 10u
/* EAX, EBX: TSC Hz, low and high; EBX 0xffffffff: none. ECX: APIC timer Hz. */
#define VMWARE_CMD_GETHZ 45u
/* EAX: s since 1970, UTC, all ones: unanswered. EBX: us of it. */
#define VMWARE_CMD_GETTIME 23u
/* EAX: bits. */
#define VMWARE_CMD_GETVCPU_INFO 68u
/* x2APIC works without remapping of interrupts. */
#define VMWARE_VCPU_INFO_LEGACY_X2APIC_BIT 3
#define VMWARE_VCPU_INFO_LEGACY_X2APIC                                         \
    (1u << VMWARE_VCPU_INFO_LEGACY_X2APIC_BIT)
/* Set: the others mean nothing. */
#define VMWARE_VCPU_INFO_RESERVED_BIT 31
#define VMWARE_VCPU_INFO_RESERVED     (1u << VMWARE_VCPU_INFO_RESERVED_BIT)
/*
 * ESI, EDI: where this CPU's struct vmware_steal_time is, physical, high and
 * low; 0 and VMWARE_STEALCLOCK_DISABLE: nowhere any more. EAX: as follows, or
 * all ones: there is none.
 */
#define VMWARE_CMD_STEALCLOCK      91u
#define VMWARE_STEALCLOCK_DISABLE  1u
#define VMWARE_STEALCLOCK_DISABLED 0u
#define VMWARE_STEALCLOCK_ENABLED  1u

/* A multiple of 64. */
struct vmware_steal_time {
    uint32_t clock_low; /* ticks of the virtual TSC */
    uint32_t clock_high;
    uint64_t reserved[7];
};

ABI_OFFSET(struct vmware_steal_time, clock_high, 4);
ABI_SIZE(struct vmware_steal_time, 64);

#endif /* ABI_VMWARE_H */
