/* SPDX-License-Identifier: MIT */
/*
 * What a PV domain asks of Xen about memory. Facts only; names as in the
 * source.
 *
 * Source: Xen 4.17 xen/include/public/memory.h; ACPI 6.5, 15.1 (e820).
 */
#ifndef ABI_XEN_MEMORY_H
#define ABI_XEN_MEMORY_H

#include "abi/xen.h"

/* Commands of __HYPERVISOR_memory_op; its low 6 bits. */
#define XENMEM_increase_reservation 0u
#define XENMEM_decrease_reservation 1u
#define XENMEM_maximum_ram_page     2u /* returns the last frame */
#define XENMEM_current_reservation  3u /* returns pages */
#define XENMEM_maximum_reservation  4u
#define XENMEM_machphys_mfn_list    5u
#define XENMEM_populate_physmap     6u
#define XENMEM_memory_map           9u
#define XENMEM_machine_memory_map   10u
#define XENMEM_exchange             11u
#define XENMEM_machphys_mapping     12u
#define XENMEM_maximum_gpfn         14u

#define XENMEM_CMD_MASK     63u
#define XENMEM_EXTENT_SHIFT 6 /* above it the extents that are done: Xen's */

struct xen_memory_reservation {
    uint64_t extent_start; /* address of frame numbers */
    uint64_t nr_extents;
    uint32_t extent_order;
    uint32_t mem_flags;
    uint16_t domid;
};

/* Of mem_flags: addresses of so many bits; 0: any. */
#define XENMEMF_ADDRESS_BITS 0xffu

/*
 * Extents of either may be of one page; the numbers of pages are equal. On the
 * way in out.extent_start has pseudo-physical numbers, which M2P is to have.
 */
struct xen_memory_exchange {
    struct xen_memory_reservation in, out;
    uint64_t nr_exchanged;
};

struct xen_machphys_mapping {
    uint64_t v_start, v_end;
    uint64_t max_mfn; /* that has an entry in it */
};

struct xen_machphys_mfn_list {
    uint32_t max_extents;
    uint64_t extent_start; /* address of frame numbers */
    uint32_t nr_extents;   /* out */
};

struct xen_memory_map {
    uint32_t nr_entries; /* in: room; out: entries */
    uint64_t buffer;     /* address of struct e820_entry */
};

struct e820_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));

#define E820_RAM 1u

#ifdef __x86_64__
ABI_SIZE(struct xen_memory_reservation, 32);
ABI_SIZE(struct xen_memory_exchange, 72);
ABI_SIZE(struct xen_machphys_mapping, 24);
ABI_SIZE(struct xen_machphys_mfn_list, 24);
ABI_SIZE(struct xen_memory_map, 16);
#endif
ABI_SIZE(struct e820_entry, 20);

#endif /* ABI_XEN_MEMORY_H */
