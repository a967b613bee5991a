/* SPDX-License-Identifier: MIT */
/*
 * Configuration space by ports: address and data, one user at a time.
 */
#include "dev/pci.h"

#include "abi/pci.h"
#include "dev/port.h"
#include "mm/lock.h"

static struct lock lock;
static uint32_t guest_address;

uint32_t pci_device(unsigned bus, unsigned devfn)
{
    return PCI_ADDRESS_ENABLE | (bus & 255) << PCI_BUS_SHIFT |
           (devfn & 255) << PCI_DEVFN_SHIFT;
}

/* Put back for a guest whose ports are not emulated. */
static uint32_t begin(uint32_t device, unsigned at)
{
    uint32_t before;

    lock_take(&lock);
    before = port_in(PCI_PORT_ADDRESS, 4);
    port_out(PCI_PORT_ADDRESS, 4, device | (at & 0xfc));
    return before;
}

static void end(uint32_t before)
{
    port_out(PCI_PORT_ADDRESS, 4, before);
    lock_release(&lock);
}

uint32_t pci_read(uint32_t device, unsigned at, unsigned bytes)
{
    uint32_t before = begin(device, at);
    uint32_t value = port_in((uint16_t)(PCI_PORT_DATA + at % 4), bytes);

    end(before);
    return value;
}

void pci_write(uint32_t device, unsigned at, unsigned bytes, uint32_t value)
{
    uint32_t before = begin(device, at);

    port_out((uint16_t)(PCI_PORT_DATA + at % 4), bytes, value);
    end(before);
}

static bool is_address(uint16_t port, unsigned bytes)
{
    return port == PCI_PORT_ADDRESS && bytes == 4;
}

uint32_t pci_guest_read(uint16_t port, unsigned bytes)
{
    uint32_t value;

    if (is_address(port, bytes))
        return guest_address;
    lock_take(&lock);
    if (port >= PCI_PORT_DATA)
        port_out(PCI_PORT_ADDRESS, 4, guest_address);
    value = port_in(port, bytes);
    lock_release(&lock);
    return value;
}

void pci_guest_write(uint16_t port, unsigned bytes, uint32_t value)
{
    lock_take(&lock);
    if (is_address(port, bytes)) {
        guest_address = value;
    } else {
        if (port >= PCI_PORT_DATA)
            port_out(PCI_PORT_ADDRESS, 4, guest_address);
        port_out(port, bytes, value);
    }
    lock_release(&lock);
}
