/* SPDX-License-Identifier: MIT */
/*
 * Xen's interface as far as a guest here needs it.
 *
 * Facts only: no code. Names as in the source.
 *
 * Source: Xen xen/include/public/{xen,sched,version,vcpu,physdev,memory,
 *         event_channel}.h, hvm/{hvm_op,params}.h, io/console.h,
 *         arch-x86/{cpuid,xen-x86_64}.h, arch-x86/hvm/start_info.h.
 */
#ifndef GUEST_XEN_ABI_H
#define GUEST_XEN_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Hypercall numbers. */
#define __HYPERVISOR_memory_op         12
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

#define XENMEM_memory_map 9

struct xen_memory_map {
    uint32_t nr_entries; /* in: room; out: written */
    struct e820_entry *buffer;
};

/* Named by Xen only as "as E820 returns it". */
struct e820_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct e820_entry) == 20, "e820_entry");

#define UVMF_INVLPG 2 /* this CPU's TLB */

/* CPUID: base is 0x40000000, or higher by a multiple of 0x100. */
#define XEN_CPUID_FIRST_LEAF 0x40000000
#define XEN_CPUID_LAST_BASE  0x40010000
/* Leaf base + 2: EBX is the MSR that takes the hypercall page's address. */
#define XEN_CPUID_HYPERCALL_LEAF 2

/* Flags of start_info and hvm_start_info. */
#define SIF_PRIVILEGED    (1u << 0)
#define SIF_INITDOMAIN    (1u << 1)
#define SIF_MULTIBOOT_MOD (1u << 2)
#define SIF_MOD_START_PFN (1u << 3)

#ifdef __x86_64__

/* PV only. Machine frame to guest frame, one 8-byte entry each. */
#define MACH2PHYS_VIRT_START 0xffff800000000000

#define MAX_GUEST_CMDLINE 1024

struct start_info {
    char magic[32];
    uint64_t nr_pages;
    uint64_t shared_info;
    uint32_t flags; /* SIF_* */
    uint64_t store_mfn;
    uint32_t store_evtchn;
    /* With SIF_INITDOMAIN these two hold something else. */
    uint64_t console_mfn;
    uint32_t console_evtchn;
    uint64_t pt_base;
    uint64_t nr_pt_frames;
    uint64_t mfn_list;
    uint64_t mod_start; /* virtual, unless SIF_MOD_START_PFN */
    uint64_t mod_len;
    char cmd_line[MAX_GUEST_CMDLINE];
    uint64_t first_p2m_pfn;
    uint64_t nr_p2m_frames;
};

_Static_assert(offsetof(struct start_info, console_mfn) == 72, "console");
_Static_assert(offsetof(struct start_info, cmd_line) == 128, "cmd_line");

#endif /* __x86_64__ */

#endif /* GUEST_XEN_ABI_H */
