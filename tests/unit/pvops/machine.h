/* SPDX-License-Identifier: MIT */
/*
 * A machine of the model's with the library on it, from power-on to a set-up
 * boot CPU, for tests of what comes above the clock tier.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <pvops/pvops.h>

#include "internal.h"

enum { MACHINE_DEADLINE = 0x50, MACHINE_EVENT = 0x51 };

struct machine {
    struct pvops_probe_options probe;
    struct pvops_setup_options setup;
    struct pvops_cpu_options cpu_options;
    struct pvops_info info;
    struct pvops_cpu cpu;
};

extern struct machine machine;
extern uint8_t machine_pages[PVOPS_SETUP_PAGES][4096];

/*
 * Power on: the library as it is loaded, a machine with an enabled xAPIC of
 * 100 MHz, a TSC of 2 GHz whose frequency is known, no hypervisor.
 */
void machine_reset(void);

/* pvops_probe() and pvops_setup(), which must work. */
void machine_setup(void);

/* The same and the boot CPU. */
void machine_start(void);

#endif /* MACHINE_H */
