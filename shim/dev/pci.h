/* SPDX-License-Identifier: MIT */
/*
 * PCI's configuration space, by the two ports that the guest uses as well.
 */
#ifndef SHIM_DEV_PCI_H
#define SHIM_DEV_PCI_H

#include <stdbool.h>
#include <stdint.h>

/* Of a device of segment 0: its bus and function as the address port has it. */
uint32_t pci_device(unsigned bus, unsigned devfn);

/* Its registers; 'bytes' is 1, 2 or 4. */
uint32_t pci_read(uint32_t device, unsigned at, unsigned bytes);
void pci_write(uint32_t device, unsigned at, unsigned bytes, uint32_t value);

/*
 * The guest's own use of the ports 0xcf8 to 0xcff. Its address is kept, and
 * goes to the machine with each access of data: no other use comes between.
 */
uint32_t pci_guest_read(uint16_t port, unsigned bytes);
void pci_guest_write(uint16_t port, unsigned bytes, uint32_t value);

#endif /* SHIM_DEV_PCI_H */
