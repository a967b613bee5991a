/* SPDX-License-Identifier: MIT */
/*
 * What a PV dom0 asks of Xen about the interrupts of devices. Facts only; names
 * as in the source.
 *
 * A PIRQ is an interrupt of the machine: below the number of the I/O APICs'
 * pins that pin, else a message's.
 *
 * Source: Xen 4.17 xen/include/public/physdev.h, event_channel.h; xen/arch/x86/
 *         physdev.c, irq.c, msi.c, io_apic.c (error numbers).
 */
#ifndef ABI_XEN_PHYSDEV_H
#define ABI_XEN_PHYSDEV_H

#include "abi/xen_pv.h"

/* Commands of __HYPERVISOR_physdev_op besides PHYSDEVOP_set_iopl. */
#define PHYSDEVOP_irq_status_query   5u
#define PHYSDEVOP_set_iobitmap       7u
#define PHYSDEVOP_apic_read          8u
#define PHYSDEVOP_apic_write         9u
#define PHYSDEVOP_alloc_irq_vector   10u
#define PHYSDEVOP_free_irq_vector    11u
#define PHYSDEVOP_eoi                12u
#define PHYSDEVOP_map_pirq           13u
#define PHYSDEVOP_unmap_pirq         14u
#define PHYSDEVOP_manage_pci_add     15u
#define PHYSDEVOP_manage_pci_remove  16u
#define PHYSDEVOP_pirq_eoi_gmfn_v1   17u
#define PHYSDEVOP_restore_msi        19u
#define PHYSDEVOP_manage_pci_add_ext 20u
#define PHYSDEVOP_setup_gsi          21u
#define PHYSDEVOP_get_free_pirq      23u
#define PHYSDEVOP_pci_mmcfg_reserved 24u
#define PHYSDEVOP_pci_device_add     25u
#define PHYSDEVOP_pci_device_remove  26u
#define PHYSDEVOP_restore_msi_ext    27u
#define PHYSDEVOP_pirq_eoi_gmfn_v2   28u

struct physdev_eoi {
    uint32_t irq;
};

/*
 * Xen answers needs_eoi of all: a guest that wants to know better has it write
 * a bit for each PIRQ into a page (pirq_eoi_gmfn). v1 besides: PHYSDEVOP_eoi
 * unmasks the port, too.
 */
struct physdev_irq_status_query {
    uint32_t irq;
    uint32_t flags; /* out */
};
#define XENIRQSTAT_needs_eoi_BIT 0
#define XENIRQSTAT_needs_eoi     (1u << XENIRQSTAT_needs_eoi_BIT)

struct physdev_pirq_eoi_gmfn {
    uint64_t gmfn; /* a frame of the machine's */
};

struct physdev_set_iobitmap {
    uint64_t bitmap; /* guest's address; a bit that is set: not allowed */
    uint32_t nr_ports;
};

struct physdev_apic {
    uint64_t apic_physbase;
    uint32_t reg;
    uint32_t value;
};

/* Xen's answer is the number of the interrupt itself. */
struct physdev_irq {
    uint32_t irq;
    uint32_t vector; /* out */
};

#define MAP_PIRQ_TYPE_MSI       0
#define MAP_PIRQ_TYPE_GSI       1
#define MAP_PIRQ_TYPE_MSI_SEG   3
#define MAP_PIRQ_TYPE_MULTI_MSI 4 /* -EOPNOTSUPP without remapping */

struct physdev_map_pirq {
    uint16_t domid;
    int32_t type;
    int32_t index; /* GSI; MSI: -1 */
    int32_t pirq;  /* in: -1, or which; out */
    int32_t bus;   /* MSI_SEG: high half, the segment */
    int32_t devfn;
    int32_t entry_nr;    /* MSI-X's; MULTI_MSI: how many */
    uint64_t table_base; /* MSI-X's base address; 0: MSI */
};

struct physdev_unmap_pirq {
    uint16_t domid;
    int32_t pirq;
};

/* -EEXIST if it was set up before. */
struct physdev_setup_gsi {
    int32_t gsi;
    uint8_t triggering; /* 0: edge, 1: level */
    uint8_t polarity;   /* 0: active high, 1: low */
};

struct physdev_get_free_pirq {
    int32_t type;
    uint32_t pirq; /* out */
};

/* manage_pci_*, restore_msi */
struct physdev_restore_msi {
    uint8_t bus, devfn;
};

/* pci_device_*, restore_msi_ext: begins with */
struct physdev_pci_device {
    uint16_t seg;
    uint8_t bus, devfn;
};

struct evtchn_bind_pirq {
    uint32_t pirq;
    uint32_t flags; /* BIND_PIRQ__WILL_SHARE: with other domains */
    uint32_t port;  /* out */
};

ABI_SIZE(struct physdev_eoi, 4);
ABI_SIZE(struct physdev_irq_status_query, 8);
ABI_SIZE(struct physdev_pirq_eoi_gmfn, 8);
ABI_SIZE(struct physdev_irq, 8);
ABI_SIZE(struct physdev_unmap_pirq, 8);
ABI_SIZE(struct physdev_setup_gsi, 8);
ABI_SIZE(struct physdev_get_free_pirq, 8);
ABI_SIZE(struct physdev_restore_msi, 2);
ABI_SIZE(struct physdev_pci_device, 4);
ABI_SIZE(struct evtchn_bind_pirq, 12);
#ifdef __x86_64__
ABI_SIZE(struct physdev_set_iobitmap, 16);
ABI_SIZE(struct physdev_apic, 16);
ABI_SIZE(struct physdev_map_pirq, 40);
ABI_OFFSET(struct physdev_map_pirq, table_base, 32);
#endif

#endif /* ABI_XEN_PHYSDEV_H */
