/* SPDX-License-Identifier: MIT */
/*
 * COM1, for the shim's log and the guest's console_io. The guest may use it as
 * well, by its ports: it is one of its devices.
 */
#ifndef SHIM_DEV_SERIAL_H
#define SHIM_DEV_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void serial_setup(void);
void serial_write(const char *bytes, size_t size);
/* Before what is said last, where the lock may be this CPU's own: in an NMI. */
void serial_take_over(void);

/* A byte that came, or -1. */
int serial_read(void);
/* Whether there is one. */
bool serial_waiting(void);

/*
 * Its interrupt, once the I/O APICs are known: VECTOR_SERIAL on this CPU for
 * each byte that comes, until the guest has a port bound to it.
 */
void serial_interrupt_setup(void);
void serial_listen(bool listen);
/* UINT32_MAX: there is none. */
uint32_t serial_gsi(void);

/* The guest's own use of its registers. */
uint8_t serial_guest_read(unsigned reg);
void serial_guest_write(unsigned reg, uint8_t value);

#endif /* SHIM_DEV_SERIAL_H */
