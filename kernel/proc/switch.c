/* SPDX-License-Identifier: MIT */
/*
 * The kernel stack of a process that has not run yet.
 */
#include "proc/switch.h"

/* Where a new process begins, in traps_64.S. Not a C function. */
void trap_to_user(void);

enum { SAVED_REGISTERS = 6 };

uintptr_t switch_prepare(uintptr_t stack_top, const struct trap_frame *frame)
{
    struct trap_frame *at = (struct trap_frame *)stack_top - 1;
    uintptr_t *word = (uintptr_t *)at;

    *at = *frame;
    *--word = (uintptr_t)trap_to_user;
    for (unsigned i = 0; i < SAVED_REGISTERS; i++)
        *--word = 0;
    return (uintptr_t)word;
}
