/* SPDX-License-Identifier: MIT */
/*
 * The kernel's one lock. A CPU has it from its entry from user mode until its
 * return, and gives it up while it has nothing to do: of all CPUs one is in the
 * kernel at a time, those in programs are not held up. Whoever waits for it
 * does what other CPUs' flushes ask for (pvops/lock.h).
 *
 * Context: interrupts off. An interrupt that comes while the kernel waits for
 * work finds the lock free, and does not take it.
 */
#ifndef PVK_PROC_LOCK_H
#define PVK_PROC_LOCK_H

#include <pvops/lock.h>

extern struct pvops_lock kernel_lock;

static inline void kernel_enter(void)
{
    pvops_lock_acquire(&kernel_lock);
}

static inline void kernel_leave(void)
{
    pvops_lock_release(&kernel_lock);
}

#endif /* PVK_PROC_LOCK_H */
