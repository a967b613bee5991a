/* SPDX-License-Identifier: MIT */
/*
 * The console that the platform gives: COM1, Xen's console_io or its ring.
 *
 * Tier guest, and the first thing to have: it works before pvops_setup() and
 * by itself; it drags in no other chapter but power's notion of the platform.
 */
#ifndef PVOPS_CONSOLE_H
#define PVOPS_CONSOLE_H

#include <pvops/clock.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * Choose the console by how the kernel was entered and what the probe found.
 * Calls pvops_host_map() for a ring of Xen's. May be called again, when the
 * kernel's mappings have changed. False: there is none, and what is written
 * is lost.
 *
 * Context: after pvops_probe(); boot CPU, interrupts off.
 */
bool pvops_console_setup(const struct pvops_info *info,
                         const struct pvops_probe_options *options);

/*
 * Write 'size' bytes. "\n" goes out as "\r\n" where a serial line needs it.
 * Waits for a reader that is slow, within bounds; then bytes are lost.
 *
 * Context: any; not two CPUs at a time.
 */
void pvops_console_write(const char *bytes, size_t size);

/* The next byte that was typed, or -1. Context: as pvops_console_write(). */
int pvops_console_read(void);

/* Wait, within bounds, until the reader has all: before a power-off. */
void pvops_console_drain(void);

PVOPS_END_DECLS

#endif /* PVOPS_CONSOLE_H */
