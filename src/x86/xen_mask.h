/* SPDX-License-Identifier: MIT */
/*
 * Events off on this CPU, by the vcpu_info in its struct pvops_cpu: what
 * pvi_xen_pv_save_flags() and pvi_xen_pv_disable() do, inline.
 */
#ifndef X86_XEN_MASK_H
#define X86_XEN_MASK_H

#include "abi/xen.h"

#include <pvops/config.h>
#include <pvops/offsets.h>

#define X86_XEN_TEXT(token) #token
#define X86_XEN_NAME(token) X86_XEN_TEXT(token)
#define X86_XEN_MASK        X86_XEN_NAME(PVOPS_CPU_SEGMENT) ":%c1"

/* Whether they were off before. */
static inline bool x86_xen_mask_own(void)
{
    bool was;

    __asm__ volatile(
        "mov %%" X86_XEN_MASK ", %0\n\t"
        "movb $1, %%" X86_XEN_MASK
        : "=q"(was)
        : "i"(PVOPS_CPU_OFFSET + PVOPS_OFF_xen_vcpu_info + XEN_VCPU_INFO_MASK)
        : "memory");
    return was;
}

#endif /* X86_XEN_MASK_H */
