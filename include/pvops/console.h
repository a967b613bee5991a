/* SPDX-License-Identifier: MIT */
/*
 * The console that the platform gives: COM1, Xen's console_io or its ring.
 *
 * Tier guest, and the first thing to have: it works before pvops_setup() and
 * by itself, and drags in no other chapter. Of the host functions it needs
 * pvops_host_map() alone.
 *
 *   Xen dom0              console_io
 *   Xen domU, PV or PVH   the shared ring
 *   Xen domU, HVM         COM1; without one the shared ring
 *   everything else       COM1, if there is a port at 0x3f8
 */
#ifndef PVOPS_CONSOLE_H
#define PVOPS_CONSOLE_H

#include <pvops/clock.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * Choose the console by how the kernel was entered and what the probe found.
 * May be called again, when the kernel's mappings have changed. False: there
 * is none, and what is written is lost.
 *
 * 'options' is what the probe was given; NULL for none, but not in a Xen PV
 * domain, whose start_info it holds. COM1 is set to 115200 baud, 8N1.
 *
 * Host:    pvops_host_map() of a ring of Xen's.
 * Context: after pvops_probe(); boot CPU, interrupts off.
 */
bool pvops_console_setup(const struct pvops_info *info,
                         const struct pvops_probe_options *options);

/*
 * Write 'size' bytes. "\n" goes out as "\r\n" where a terminal needs it. Waits
 * for a reader that is slow, but no longer than ten seconds without progress;
 * then bytes are lost, and later calls do not wait until the reader is back.
 *
 * Context: any; not two CPUs at a time.
 */
void pvops_console_write(const char *bytes, size_t size);

/* The next byte that was typed, or -1. Context: as pvops_console_write(). */
int pvops_console_read(void);

/*
 * Wait until the reader has all: before a power-off. Within the same bounds.
 *
 * Context: as pvops_console_write().
 */
void pvops_console_drain(void);

PVOPS_END_DECLS

#endif /* PVOPS_CONSOLE_H */
