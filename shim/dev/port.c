/* SPDX-License-Identifier: MIT */
/*
 * The guest has all ports; two devices among them are the shim's as well.
 */
#include "dev/port.h"

#include "abi/pci.h"
#include "abi/uart.h"
#include "dev/pci.h"
#include "dev/serial.h"

enum { SHARED_PORTS = 8 }; /* of both; aligned */

static inline uint16_t block(uint16_t port)
{
    return (uint16_t)(port & ~(SHARED_PORTS - 1));
}

uint32_t port_guest_in(uint16_t port, unsigned bytes)
{
    if (block(port) == PCI_PORT_ADDRESS)
        return pci_guest_read(port, bytes);
    if (block(port) == UART_COM1 && bytes == 1)
        return serial_guest_read(port - UART_COM1);
    return port_in(port, bytes);
}

void port_guest_out(uint16_t port, unsigned bytes, uint32_t value)
{
    if (block(port) == PCI_PORT_ADDRESS)
        pci_guest_write(port, bytes, value);
    else if (block(port) == UART_COM1 && bytes == 1)
        serial_guest_write(port - UART_COM1, (uint8_t)value);
    else
        port_out(port, bytes, value);
}
