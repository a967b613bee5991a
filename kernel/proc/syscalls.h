/* SPDX-License-Identifier: MIT */
/*
 * Each system call of pvk's, by its name in Linux. The arguments are in the
 * frame: di, si, dx, r10, r8, r9. The result is what the program finds in RAX.
 */
#ifndef PVK_PROC_SYSCALLS_H
#define PVK_PROC_SYSCALLS_H

#include "arch/frame.h"

/* syscall_file.c */
long call_read(struct trap_frame *frame);
long call_write(struct trap_frame *frame);
long call_writev(struct trap_frame *frame);
long call_close(struct trap_frame *frame);
long call_dup2(struct trap_frame *frame);
long call_pipe(struct trap_frame *frame);
long call_pipe2(struct trap_frame *frame);

/* syscall_memory.c */
long call_mmap(struct trap_frame *frame);
long call_mprotect(struct trap_frame *frame);
long call_munmap(struct trap_frame *frame);
long call_brk(struct trap_frame *frame);

/* signal.c */
long call_rt_sigaction(struct trap_frame *frame);
long call_rt_sigreturn(struct trap_frame *frame);

/* syscall_time.c */
long call_nanosleep(struct trap_frame *frame);
long call_clock_gettime(struct trap_frame *frame);

/* syscall_about.c */
long call_uname(struct trap_frame *frame);
long call_sysinfo(struct trap_frame *frame);

#endif /* PVK_PROC_SYSCALLS_H */
