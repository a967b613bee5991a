/* SPDX-License-Identifier: MIT */
/*
 * Error and signal numbers that programs see.
 *
 * Source: Linux include/uapi/asm-generic/errno-base.h, errno.h; arch/x86/
 *         include/uapi/asm/signal.h.
 */
#ifndef PVK_PROC_ERRNO_H
#define PVK_PROC_ERRNO_H

enum {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    ENODEV = 19,
    EINVAL = 22,
    EMFILE = 24,
    EPIPE = 32,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
};

enum {
    SIGILL = 4,
    SIGTRAP = 5,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGSEGV = 11,
    SIGPIPE = 13,
};

#endif /* PVK_PROC_ERRNO_H */
