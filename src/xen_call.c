/* SPDX-License-Identifier: MIT */
/*
 * How this domain calls Xen: SYSCALL, VMCALL or VMMCALL.
 *
 * Needs nothing of the kernel's and may be the first thing to run.
 */
#include "x86/xen_hypercall.h"

#include "abi/cpuid.h"

#include <x86/insn.h>
#include <x86/xen_pv_call.h>

static enum {
    WAY_NONE = 0,
    WAY_SYSCALL,
    WAY_VMCALL,
    WAY_VMMCALL,
} way;

long pvi_xen_call(unsigned long number, unsigned long a1, unsigned long a2,
                  unsigned long a3, unsigned long a4)
{
    switch (way) {
#ifdef __x86_64__
    case WAY_SYSCALL:
        return x86_xen_syscall(number, a1, a2, a3, a4);
#endif
    case WAY_VMCALL:
        return x86_xen_vmcall(number, a1, a2, a3, a4);
    case WAY_VMMCALL:
        return x86_xen_vmmcall(number, a1, a2, a3, a4);
    default:
        return -XEN_ENOSYS;
    }
}

bool pvi_xen_found(void)
{
    return way != WAY_NONE;
}

bool pvi_xen_find(const struct pvops_info *info)
{
    uint32_t maker;

    way = WAY_NONE;
    if (info->entry == PVOPS_ENTRY_XEN_PV) {
        way = WAY_SYSCALL;
    } else if (info->base[PVOPS_HYPERVISOR_XEN]) {
        maker = x86_cpuid(CPUID_BASIC, 0).ebx;
        way = maker == CPUID_0_EBX_AMD || maker == CPUID_0_EBX_HYGON
                  ? WAY_VMMCALL
                  : WAY_VMCALL;
    }

    /* KVM can show Xen's leaves and answer hypercalls with an error. */
    if (way && xen_version() < 0)
        way = WAY_NONE;
    return pvi_xen_found();
}
