/* SPDX-License-Identifier: MIT */
/*
 * VMware's CPUID leaf, port and hypercalls. Facts only.
 *
 * EAX magic, EBX argument, ECX command, EDX the port (0 with VMCALL and
 * VMMCALL); results in EAX, EBX, ECX, EDX.
 *
 * Source: VMware KB 1009458, "Mechanisms to determine if software is running
 *         in a VMware virtual machine"; open-vm-tools lib/include/
 *         backdoor_def.h; Linux arch/x86/include/asm/vmware.h (the bits).
 * Beware: QEMU's port answers on every PC machine: only after the signature.
 */
#ifndef ABI_VMWARE_H
#define ABI_VMWARE_H

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
/* EAX, EBX: TSC Hz, low and high; EBX 0xffffffff: none. ECX: APIC timer Hz. */
#define VMWARE_CMD_GETHZ 45u
/* EAX: s since 1970, UTC, all ones: unanswered. EBX: us of it. */
#define VMWARE_CMD_GETTIME 23u

#endif /* ABI_VMWARE_H */
