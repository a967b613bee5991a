/* SPDX-License-Identifier: MIT */
/*
 * Message signalled interrupts: MSI, and entries of MSI-X.
 */
#ifndef SHIM_DEV_MSI_H
#define SHIM_DEV_MSI_H

#include <stdbool.h>
#include <stdint.h>

struct msi {
    uint32_t device;         /* pci_device() */
    uint16_t capability;     /* where in its configuration space */
    volatile uint8_t *entry; /* MSI-X's; NULL: MSI */
};

/*
 * Of a device of segment 0. 0; -XEN_ENODEV: no such device or capability,
 * -XEN_EINVAL: no such entry, -XEN_ENOMEM: no room to see its table.
 */
int msi_find(unsigned bus, unsigned devfn, bool msix, unsigned number,
             struct msi *out);

/* Which vector it is, and of which CPU. */
void msi_route(const struct msi *msi, uint8_t vector, uint32_t apic_id);
/* The CPU alone. */
void msi_move(const struct msi *msi, uint32_t apic_id);
/* If it can be; an MSI need not have a bit for it. */
void msi_mask(const struct msi *msi, bool masked);

#endif /* SHIM_DEV_MSI_H */
