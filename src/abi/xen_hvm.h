/* SPDX-License-Identifier: MIT */
/*
 * What only an HVM or PVH domain asks of Xen. Facts only; names as in the
 * source.
 *
 * Source: Xen 4.17 xen/include/public/hvm/params.h, hvm/hvm_op.h, memory.h;
 *         xen/arch/x86/hvm/hvm.c, hvm_latch_shinfo_size() and do_hvm_op().
 */
#ifndef ABI_XEN_HVM_H
#define ABI_XEN_HVM_H

#include "abi/xen.h"

/* hvm_op.h: commands of __HYPERVISOR_hvm_op */
#define HVMOP_set_param                0
#define HVMOP_get_param                1
#define HVMOP_set_evtchn_upcall_vector 23

struct xen_hvm_param {
    uint16_t domid;
    uint16_t pad;
    uint32_t index;
    uint64_t value;
};

ABI_SIZE(struct xen_hvm_param, 16);

/*
 * Writing it also tells Xen the width of shared_info's words: that of the mode
 * the VCPU is in. hvmloader leaves 32 bits behind.
 */
#define HVM_PARAM_CALLBACK_IRQ 0
/* Bits 56 to 63 of its value; 0 to 55 are a GSI (0: none), or a vector. */
#define HVM_PARAM_CALLBACK_TYPE_SHIFT  56
#define HVM_PARAM_CALLBACK_TYPE_VECTOR 2u

#define HVM_PARAM_CONSOLE_PFN    17
#define HVM_PARAM_CONSOLE_EVTCHN 18

/*
 * Preferred to HVM_PARAM_CALLBACK_IRQ on this VCPU. Comes through the local
 * APIC, and needs its EOI; the vector of HVM_PARAM_CALLBACK_IRQ does not. Xen
 * refuses a vector below 16, 0 too: it can be changed, but not taken back.
 */
struct xen_hvm_evtchn_upcall_vector {
    uint32_t vcpu;
    uint8_t vector;
};

ABI_SIZE(struct xen_hvm_evtchn_upcall_vector, 8);

/* memory.h: commands of __HYPERVISOR_memory_op */
#define XENMEM_add_to_physmap 7

#define XENMAPSPACE_shared_info 0

struct xen_add_to_physmap {
    uint16_t domid;
    uint16_t size;
    uint32_t space; /* XENMAPSPACE_* */
    unsigned long idx;
    unsigned long gpfn;
};

#ifdef __x86_64__
ABI_SIZE(struct xen_add_to_physmap, 24);
#else
ABI_SIZE(struct xen_add_to_physmap, 16);
#endif

#endif /* ABI_XEN_HVM_H */
