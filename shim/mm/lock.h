/* SPDX-License-Identifier: MIT */
/*
 * A lock of several CPUs. Who waits forgets translations that another asks it
 * to, because interrupts are off in the shim.
 */
#ifndef SHIM_MM_LOCK_H
#define SHIM_MM_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <x86/insn.h>

struct lock {
    volatile uint32_t taken;
};

/* Whether there is more than one CPU. */
extern bool lock_several;

/* flush.c: what other CPUs wait for; may be called with any lock. */
void flush_serve(void);

static inline void lock_take(struct lock *lock)
{
    if (!lock_several)
        return;
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE)) {
        flush_serve();
        x86_pause();
    }
}

static inline void lock_release(struct lock *lock)
{
    if (lock_several)
        __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif /* SHIM_MM_LOCK_H */
