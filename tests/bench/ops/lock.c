/* SPDX-License-Identifier: MIT */
/*
 * ops: a lock that nobody else wants, taken and given back: as the library's
 * users have it, and a ticket lock by hand.
 */
#include <pvops/lock.h>

/* ops.S calls them, with the lock in the first register. */
PVOPS_OP_CALL void lock_hand(struct pvops_lock *lock);
PVOPS_OP_CALL void lock_pvops(struct pvops_lock *lock);

PVOPS_OP_CALL void lock_hand(struct pvops_lock *lock)
{
    uint32_t was = UINT32_C(2) << 16;
    uint16_t ticket;

    __asm__ volatile("lock; xaddl %0, %1"
                     : "+r"(was), "+m"(lock->value.word)
                     :
                     : "memory", "cc");
    ticket = (uint16_t)(was >> 16);
    if (__builtin_expect((uint16_t)was != ticket, 0))
        pvops_lock_slow(lock, ticket);
    __asm__ volatile("addw $2, %0"
                     : "+m"(lock->value.ticket.head)
                     :
                     : "memory", "cc");
}

PVOPS_OP_CALL void lock_pvops(struct pvops_lock *lock)
{
    pvops_lock_acquire(lock);
    pvops_lock_release(lock);
}
