/* SPDX-License-Identifier: MIT */
/*
 * Xen's list of what each machine frame is to the PV domain that has it.
 *
 * Included as <x86/xen_m2p.h>, so that unit tests have a list of their own.
 */
#ifndef X86_XEN_M2P_H
#define X86_XEN_M2P_H

#include "abi/xen_pv.h"

#ifdef __x86_64__

/* Of a frame that is not this domain's: anything. */
static inline uint64_t x86_xen_m2p(uint64_t mfn)
{
    return ((const volatile uint64_t *)MACH2PHYS_VIRT_START)[mfn];
}

#endif

#endif /* X86_XEN_M2P_H */
