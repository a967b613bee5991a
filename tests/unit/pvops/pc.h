/* SPDX-License-Identifier: MIT */
/*
 * A machine of the model's with the library on it, from power-on to a set-up
 * boot CPU, for tests of what comes above the clock tier.
 */
#ifndef PC_H
#define PC_H

#include <pvops/pvops.h>

#include "internal.h"

enum { PC_DEADLINE = 0x50, PC_EVENT = 0x51 };

struct pc {
    struct pvops_probe_options probe;
    struct pvops_setup_options setup;
    struct pvops_cpu_options cpu_options;
    struct pvops_info info;
    struct pvops_cpu cpu;
};

extern struct pc pc;
extern uint8_t pc_pages[PVOPS_SETUP_PAGES][4096];

/*
 * Power on: the library as it is loaded, a machine with an enabled xAPIC of
 * 100 MHz, a TSC of 2 GHz whose frequency is known, no hypervisor.
 */
void pc_reset(void);

/* pvops_probe() and pvops_setup(), which must work. */
void pc_setup(void);

/* The same and the boot CPU. */
void pc_start(void);

#endif /* PC_H */
