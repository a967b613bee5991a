/* SPDX-License-Identifier: MIT */
/*
 * System calls, by Linux's numbers for x86-64.
 */
#ifndef PVK_PROC_SYSCALL_H
#define PVK_PROC_SYSCALL_H

#include "arch/frame.h"

/*
 * Let SYSCALL of programs come in, on this CPU. Context: after
 * pvops_cpu_setup().
 */
void syscall_init(void);

/* What the entry code calls: the number is in 'ax', and the result too. */
void syscall_handle(struct trap_frame *frame);

#endif /* PVK_PROC_SYSCALL_H */
