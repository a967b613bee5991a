/* SPDX-License-Identifier: MIT */
/*
 * Stop a machine where a guest begins, by QEMU's gdb stub: under Xen the
 * machine's first instruction is not the guest's.
 */
#ifndef LAB_QEMU_GDB_STOP_H
#define LAB_QEMU_GDB_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dirs.h"

/*
 * Let the machine behind 127.0.0.1:'port' run until the instruction at
 * 'address' is about to be executed for the first time, in whatever mode;
 * leave it stopped there and the port free. 'armed', unless NULL, is called
 * when the machine would not get past the address any more.
 *
 * The port must be known to be open, and that machine's.
 *
 * Errors: false with a sentence in 'why': no stub, the machine ended, or not
 *         reached within 'limit_s' seconds.
 */
bool gdb_stop_at(unsigned port, uint64_t address, unsigned limit_s,
                 void (*armed)(void *context), void *context,
                 char why[WHY_BYTES]);

#endif /* LAB_QEMU_GDB_STOP_H */
