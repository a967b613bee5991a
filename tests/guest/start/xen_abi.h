/* SPDX-License-Identifier: MIT */
/*
 * Xen's interface as far as a guest here needs it.
 *
 * Facts only: no code. Names as in the source.
 *
 * Source: Xen xen/include/public/{xen,sched,version,vcpu}.h,
 *         arch-x86/cpuid.h.
 */
#ifndef GUEST_XEN_ABI_H
#define GUEST_XEN_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Hypercall numbers. */
#define __HYPERVISOR_update_va_mapping 14 /* address, entry, UVMF_* */
#define __HYPERVISOR_xen_version       17
#define __HYPERVISOR_vcpu_op           24
#define __HYPERVISOR_sched_op          29

#define XENVER_version       0 /* result: major << 16 | minor */
#define XENVER_extraversion  1 /* fills char[16] */
#define XEN_EXTRAVERSION_LEN 16

#define VCPUOP_is_up 3 /* result: 0, 1, or negative: no such VCPU */

#define SCHEDOP_yield 0
#define SCHEDOP_poll  3

/* A guest handle is a pointer; 'timeout' is 4-byte aligned on i386. */
struct sched_poll {
    uint32_t *ports;
    uint32_t nr_ports;
    uint64_t timeout; /* absolute ns; 0: none */
};

#define UVMF_INVLPG 2 /* this CPU's TLB */

/* CPUID: base is 0x40000000, or higher by a multiple of 0x100. */
#define XEN_CPUID_FIRST_LEAF 0x40000000
#define XEN_CPUID_LAST_BASE  0x40010000
/* Leaf base + 2: EBX is the MSR that takes the hypercall page's address. */
#define XEN_CPUID_HYPERCALL_LEAF 2

#endif /* GUEST_XEN_ABI_H */
