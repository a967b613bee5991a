/* SPDX-License-Identifier: MIT */
/*
 * VMware's low-bandwidth call by the way that it shows: an instruction, or the
 * port. QEMU's port answers on any PC: only after the signature.
 */
#ifndef PVOPS_VMWARE_CALL_H
#define PVOPS_VMWARE_CALL_H

#include "abi/vmware.h"
#include <x86/insn.h>

/* 'features': ECX of leaf VMWARE_CPUID_FEATURES; 0: there is none. */
static inline void pvi_vmware_call(uint32_t features, struct x86_vmware *r)
{
    if (features & CPUID_VMWARE_FEATURES_ECX_VMMCALL) {
        x86_vmmcall_vmware(r);
    } else if (features & CPUID_VMWARE_FEATURES_ECX_VMCALL) {
        x86_vmcall_vmware(r);
    } else {
        r->edx = VMWARE_HYPERVISOR_PORT;
        x86_inl_vmware(r);
    }
}

#endif /* PVOPS_VMWARE_CALL_H */
