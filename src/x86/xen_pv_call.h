/* SPDX-License-Identifier: MIT */
/*
 * How a PV domain calls Xen; there is none of 32 bits here.
 *
 * Source: Xen 4.17 xen/include/public/arch-x86/xen-x86_64.h.
 */
#ifndef X86_XEN_PV_CALL_H
#define X86_XEN_PV_CALL_H

#include <pvops/config.h>

#include <x86/xen_call.h>

#ifdef __x86_64__

/* What goes to Xen from a PV domain's ring 3, or to the shim in ring 0. */
#if PVOPS_XENSHIM
#define X86_XEN_ENTER "call xenshim_hypercall"
#else
#define X86_XEN_ENTER "syscall"
#endif

/* RCX and R11 are SYSCALL's own. */
static inline long x86_xen_syscall(unsigned long number, unsigned long a1,
                                   unsigned long a2, unsigned long a3,
                                   unsigned long a4)
{
    X86_XEN_CALL(X86_XEN_ENTER);
}

#endif /* __x86_64__ */

#endif /* X86_XEN_PV_CALL_H */
