/* SPDX-License-Identifier: MIT */
/*
 * What only an HVM or PVH domain asks of Xen. Facts only; names as in the
 * source.
 *
 * Source: Xen 4.17 xen/include/public/hvm/params.h, hvm/hvm_op.h,
 *         hvm/hvm_vcpu.h, memory.h;
 *         xen/arch/x86/hvm/hvm.c, hvm_latch_shinfo_size() and do_hvm_op().
 */
#ifndef ABI_XEN_HVM_H
#define ABI_XEN_HVM_H

#include "abi/xen.h"

/* hvm_op.h: commands of __HYPERVISOR_hvm_op */
#define HVMOP_set_param 0
#define HVMOP_get_param 1
/*
 * No argument: a NULL. Every VCPU of the domain forgets every translation; one
 * that does not run is not waited for: it does so before it runs again.
 * Source: xen/arch/x86/mm/hap/hap.c, hap_flush_tlb().
 */
#define HVMOP_flush_tlbs               5
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

/* hvm_vcpu.h: VCPUOP_initialise's; the same in both widths */
struct vcpu_hvm_x86_32 {
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t eip, eflags;
    uint32_t cr0, cr3, cr4;
    uint32_t pad1;
    uint64_t efer;
    uint32_t cs_base, ds_base, ss_base, es_base, tr_base;
    uint32_t cs_limit, ds_limit, ss_limit, es_limit, tr_limit;
    uint16_t cs_ar, ds_ar, ss_ar, es_ar, tr_ar;
    uint16_t pad2[3];
};

/*
 * *_ar: bits 40 to 47 of a descriptor, then 52 to 55. Flat segments of 32 bits,
 * and a TSS. GDT and IDT are empty.
 */
#define XEN_HVM_AR_CODE   0xc9bu
#define XEN_HVM_AR_DATA   0xc93u
#define XEN_HVM_AR_TSS    0x8bu
#define XEN_HVM_TSS_LIMIT 0x67u

/* 64-bit mode: its segments are flat, of privilege 0, the selectors 0. */
struct vcpu_hvm_x86_64 {
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
    uint64_t rip, rflags;
    uint64_t cr0, cr3, cr4;
    uint64_t efer;
};

#define VCPU_HVM_MODE_32B 0
#define VCPU_HVM_MODE_64B 1

struct vcpu_hvm_context {
    uint32_t mode;
    uint32_t pad;
    union {
        struct vcpu_hvm_x86_32 x86_32;
        struct vcpu_hvm_x86_64 x86_64;
    } cpu_regs;
};

ABI_SIZE(struct vcpu_hvm_x86_32, 120);
ABI_OFFSET(struct vcpu_hvm_x86_32, cs_ar, 104);
ABI_SIZE(struct vcpu_hvm_x86_64, 112);
ABI_SIZE(struct vcpu_hvm_context, 128);

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
