/* SPDX-License-Identifier: MIT */
/*
 * COM1, for the shim's log and the guest's console_io.
 */
#ifndef SHIM_DEV_SERIAL_H
#define SHIM_DEV_SERIAL_H

#include <stddef.h>

void serial_setup(void);
void serial_write(const char *bytes, size_t size);

/* A byte that came, or -1. */
int serial_read(void);

#endif /* SHIM_DEV_SERIAL_H */
