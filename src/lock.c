/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks: what is done while it is somebody else's turn.
 */
#include "internal.h"

#include <x86/insn.h>

void pvops_lock_slow(struct pvops_lock *lock, uint16_t ticket)
{
    for (;;) {
        uint32_t now = __atomic_load_n(&lock->value.word, __ATOMIC_ACQUIRE);

        if ((uint16_t)now == ticket)
            return;
        pvops_lock_table.wait(&lock->value.word, now);
    }
}

PVOPS_OP_CALL void pvi_native_lock_wait(const volatile uint32_t *word,
                                        uint32_t value)
{
    (void)word;
    (void)value;
    pvops_smp_poll();
    x86_pause();
}

PVOPS_OP_CALL void pvi_native_lock_kick(unsigned cpu)
{
    (void)cpu;
}
