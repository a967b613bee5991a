/* SPDX-License-Identifier: MIT */
/*
 * The selectors that the entry of system calls puts into the frame, on bare
 * metal: those of arch/cpu.c. Also read by assembly.
 */
#ifndef PVK_PROC_SYSCALL_ABI_H
#define PVK_PROC_SYSCALL_ABI_H

#define SYSCALL_USER_CS 0x23
#define SYSCALL_USER_SS 0x1b

#endif /* PVK_PROC_SYSCALL_ABI_H */
