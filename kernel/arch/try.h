/* SPDX-License-Identifier: MIT */
/*
 * A function that may fault, and is given up then.
 */
#ifndef PVK_ARCH_TRY_H
#define PVK_ARCH_TRY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Call 'run' with 'argument': a few instructions that take no lock and leave
 * nothing half done. False if one of them faulted; trap_last says how.
 *
 * Context: interrupts off, one CPU at a time, not within itself.
 */
bool trap_try(void (*run)(void *argument), void *argument);

/* trap.c asks: the stack pointer to go back to, 0 if nothing is tried. */
extern uintptr_t trap_try_stack;
extern const uint8_t trap_try_faulted[];

#endif /* PVK_ARCH_TRY_H */
