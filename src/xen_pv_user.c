/* SPDX-License-Identifier: MIT */
/*
 * What user mode needs in a PV domain. It is in ring 3 as the kernel is; Xen
 * changes root and GS.base between them at each exception, system call, event
 * and HYPERVISOR_iret.
 *
 * Source: Xen 4.17 xen/include/public/callback.h; xen/arch/x86/pv/callback.c
 *         (CALLBACKF_mask_events), misc-hypercalls.c (do_set_segment_base());
 *         xen/arch/x86/x86_64/entry.S, switch_to_kernel (without a callback for
 *         it, SYSCALL of 32-bit code is an invalid opcode).
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86.h"
#include "abi/xen_pv.h"
#include "x86/xen_hypercall.h"

#include <x86/insn.h>

/* Without CR4.FSGSBASE. */
void pvi_xen_pv_set_fs_base(uintptr_t base)
{
    long result = xen_set_segment_base(SEGBASE_FS, base);

    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the FS base 0x%llx (-%u)",
                  (unsigned long long)base, pvi_xen_errno(result));
}

void pvi_xen_pv_set_syscall_entry(uintptr_t syscall, uintptr_t hypervisor)
{
    long result = xen_register_callback(CALLBACKTYPE_syscall,
                                        CALLBACKF_mask_events, hypervisor);

    (void)syscall;
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the entry of system calls (-%u)",
                  pvi_xen_errno(result));
}

/* CR0 and CR4.OSFXSR are Xen's. */
uint64_t pvi_xen_pv_enable_xstate(uint64_t features)
{
    if (!(x86_cpuid_xen_pv(1, 0).ecx & CPUID_1_ECX_XSAVE))
        return 0;
    return pvi_enable_xcr0(features);
}

#endif
