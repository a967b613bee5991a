/* SPDX-License-Identifier: MIT */
/*
 * The module that is loaded at run time: what it is asked and what it says.
 */
#ifndef PVK_MODULE_MODULE_H
#define PVK_MODULE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

struct module_says {
    bool off, on; /* interrupts, after it disabled and enabled them */
    uintptr_t cr3;
    uint64_t now_ns;
};

/* Context: interrupts off; leaves them off. */
void module_entry(struct module_says *out_says);

#endif /* PVK_MODULE_MODULE_H */
