/* SPDX-License-Identifier: MIT */
/*
 * Ports by number and width; and those that the guest shares with the shim.
 */
#ifndef SHIM_DEV_PORT_H
#define SHIM_DEV_PORT_H

#include <stdint.h>

#include <x86/insn.h>

/* 'bytes' is 1, 2 or 4. */
static inline uint32_t port_in(uint16_t port, unsigned bytes)
{
    return bytes == 1   ? x86_inb(port)
           : bytes == 2 ? x86_inw(port)
                        : x86_inl(port);
}

static inline void port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    if (bytes == 1)
        x86_outb(port, (uint8_t)value);
    else if (bytes == 2)
        x86_outw(port, (uint16_t)value);
    else
        x86_outl(port, value);
}

/* The guest's: as above, but for what is shared. */
uint32_t port_guest_in(uint16_t port, unsigned bytes);
void port_guest_out(uint16_t port, unsigned bytes, uint32_t value);

#endif /* SHIM_DEV_PORT_H */
