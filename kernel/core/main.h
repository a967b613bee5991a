/* SPDX-License-Identifier: MIT */
/*
 * What pvk knows of the machine and of itself, from start-up on.
 */
#ifndef PVK_CORE_MAIN_H
#define PVK_CORE_MAIN_H

#include <pvops/pvops.h>

#include "boot/boot.h"

struct kernel {
    struct boot boot;
    struct pvops_probe_options probe;
    struct pvops_info info;
    struct pvops_power_acpi acpi;
    struct pvops_setup_options setup;
    struct pvops_sites sites;
    bool unsealed; /* command line: leave every site as it is */
};

extern struct kernel kernel;

/*
 * What the entry code calls, on a stack of its own, interrupts off. 'left' is
 * what the loader passed: an address, physical unless it was Xen's PV builder.
 */
__attribute__((noreturn)) void kernel_start(unsigned door, uintptr_t left,
                                            uint32_t magic);

/*
 * The value of "name=value" on the command line, up to 71 bytes of it, or
 * "" for a word "name"; NULL if it is not there. Valid until the next call.
 */
const char *option(const char *name);

/*
 * The first "name=value" that is none of pvk's own, or the next one behind
 * 'last'; NULL: no more. It is '*out_length' bytes long.
 */
const char *option_foreign(const char *last, size_t *out_length);

#endif /* PVK_CORE_MAIN_H */
