/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks whose waiters sleep in the hypervisor, if it can wake them: a
 * processor that is shared is not spent on waiting for a CPU that does not run.
 *
 * Tier guest. Before pvops_setup() releasing one, and waiting, panics with its
 * name.
 *
 * Fair: a lock is had in the order in which it was asked for, so that of n CPUs
 * none waits for more than n - 1 others. A waiter does what other CPUs' flushes
 * ask for (smp.h), with interrupts off too.
 */
#ifndef PVOPS_LOCK_H
#define PVOPS_LOCK_H

#include <pvops/site.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * All zero: free. 'head' is the ticket whose turn it is, 'tail' the next to be
 * drawn; they count by 2, and bit 0 of 'tail' says that somebody may sleep, as
 * nobody does for a lock that is free: then they are the same.
 */
struct pvops_lock {
    union {
        uint32_t word;
        struct {
            uint16_t head;
            uint16_t tail;
        } ticket;
    } value;
};

/* One pointer an op; filled by pvops_setup(). */
struct pvops_lock_table {
    PVOPS_OP_CALL void (*release)(struct pvops_lock *lock);
    PVOPS_OP_CALL void (*wait)(const volatile uint32_t *word, uint32_t value);
    PVOPS_OP_CALL void (*kick)(unsigned cpu);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_lock_table pvops_lock_table;

/*
 * What pvops_lock_acquire() does if it is not its turn; of 'ticket' bit 0 means
 * nothing. Not for direct use.
 */
void pvops_lock_slow(struct pvops_lock *lock, uint16_t ticket);

/*
 * Have the lock.
 *
 * Context: any but NMI, preemption off, the per-CPU segment loaded; interrupts
 *          off if a handler has it too.
 */
static inline void pvops_lock_acquire(struct pvops_lock *lock)
{
    uint32_t was = __atomic_fetch_add(&lock->value.word, UINT32_C(2) << 16,
                                      __ATOMIC_ACQUIRE);
    uint16_t ticket = (uint16_t)(was >> 16);

    if (__builtin_expect((uint16_t)was != ticket, 0))
        pvops_lock_slow(lock, ticket);
}

/* Have the lock if it is free; false: it is not. Context: any. */
static inline bool pvops_lock_try(struct pvops_lock *lock)
{
    uint32_t was = __atomic_load_n(&lock->value.word, __ATOMIC_RELAXED);

    return (uint16_t)was == was >> 16 &&
           __atomic_compare_exchange_n(&lock->value.word, &was,
                                       was + (UINT32_C(2) << 16), false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Whether somebody has it, or waits for it; old when it is read. */
static inline bool pvops_lock_is_held(const struct pvops_lock *lock)
{
    uint32_t now = __atomic_load_n(&lock->value.word, __ATOMIC_RELAXED);

    return (uint16_t)now != now >> 16;
}

/*
 * Give the lock to who waits longest.
 *
 * Class:   hot, C's convention.
 * Context: who has it.
 * Native:  ADD to a word of memory.
 */
static inline void pvops_lock_release(struct pvops_lock *lock)
{
#if PVOPS_FULL
    PVOPS_SITE_1("pvops_lock_table", lock_release, lock);
#else
    pvops_lock_table.release(lock);
#endif
}

/*
 * For locks of your own: sleep in the hypervisor while '*word' is 'value',
 * until pvops_lock_kick() of this CPU or, if they are on, an interrupt. Returns
 * at any time, and at once where the hypervisor has no such thing: after a
 * PAUSE. Others' flushes are done. Test the condition again.
 *
 * Class:   cold.
 * Context: any but NMI, after pvops_cpu_setup(); leaves interrupts as they are.
 * Native:  PAUSE.
 */
static inline void pvops_lock_wait(const volatile uint32_t *word,
                                   uint32_t value)
{
    pvops_lock_table.wait(word, value);
}

/*
 * End the wait of 'cpu', which is set up, or its next one. To be called after
 * '*word' was changed. Native: nothing.
 *
 * Class:   cold.
 * Context: any but NMI.
 */
static inline void pvops_lock_kick(unsigned cpu)
{
    pvops_lock_table.kick(cpu);
}

PVOPS_END_DECLS

#endif /* PVOPS_LOCK_H */
