/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts of user mode, x86-64.
 */
#ifndef PVK_PROC_TRAP_H
#define PVK_PROC_TRAP_H

#include "arch/frame.h"

/* What the stubs call, instead of trap_handle(). */
void trap_handle_user(struct trap_frame *frame);

#endif /* PVK_PROC_TRAP_H */
