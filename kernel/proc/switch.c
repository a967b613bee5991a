/* SPDX-License-Identifier: MIT */
/*
 * The kernel stack of a process that has not run yet.
 */
#include "proc/switch.h"

enum { SAVED_REGISTERS = 6 };

uintptr_t switch_prepare(uintptr_t stack_top, const struct trap_frame *frame)
{
    struct trap_frame *at = (struct trap_frame *)stack_top - 1;
    uintptr_t *word = (uintptr_t *)at;

    *at = *frame;
    *--word = (uintptr_t)switch_to_user;
    for (unsigned i = 0; i < SAVED_REGISTERS; i++)
        *--word = 0;
    return (uintptr_t)word;
}
