/* SPDX-License-Identifier: MIT */
/*
 * From one kernel stack to another.
 */
#ifndef PVK_PROC_SWITCH_H
#define PVK_PROC_SWITCH_H

#include <stdint.h>

#include "arch/frame.h"

/* Returns when somebody switches back to *out_saved. In switch_64.S. */
void switch_stacks(uintptr_t *out_saved, uintptr_t to);

/* What switch_stacks() is to be given, the first time, for this stack. */
uintptr_t switch_prepare(uintptr_t stack_top, const struct trap_frame *frame);

#endif /* PVK_PROC_SWITCH_H */
