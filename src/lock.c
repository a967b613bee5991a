/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks: what is done while it is somebody else's turn.
 *
 * A waiter spins; where a backend has a sleep that a kick ends, only for a
 * while. No wake-up is lost:
 *
 * - A waiter writes down for which lock it sleeps, with which ticket, and then
 *   sets bit 0 of the tail. That, and the release, are locked instructions on
 *   one word, so one comes first. The release: the waiter sees its turn in what
 *   its instruction returns. The bit: the release sees it, and what was written
 *   before it, and kicks that CPU.
 * - From then on, the sleep is called with the word as it was. It looks again,
 *   interrupts off, right before it sleeps: a kick comes for each release that
 *   it does not see, and one that is early ends the next sleep.
 * - A handler that interrupts this and sleeps for another lock puts back what
 *   it found written down once it has its own, then kicks its own CPU, since a
 *   release in between found nobody. (That the word is looked at again is not
 *   enough: an NMI between STI and HLT lets interrupts in there.)
 * - The bit is cleared by who has the lock, if nobody waits: whoever comes
 *   later and sleeps sets it. So it is clear when the lock is free.
 *
 * A release does not touch the lock after it has given it away, since that may
 * be the end of the lock.
 */
#include "internal.h"

#include <x86/insn.h>
#include <x86/percpu.h>

/* Before a sleep; of unit tests few, as they are about sleeping. */
#ifndef PVI_LOCK_SPINS
#define PVI_LOCK_SPINS 2048
#endif

enum {
    TURN = 2,                   /* from one ticket to the next */
    SOMEBODY_SLEEPS = 1u << 16, /* bit 0 of the tail, in the whole word */
    SPINS = PVI_LOCK_SPINS,     /* before a sleep */
    /* Else few: a backend counts what its wait tries (hyperv_lock.c). */
    SPINS_AWAKE = 64,
};

/* True once it is the turn of 'ticket'. */
static bool spin(const struct pvops_lock *lock, uint16_t ticket, bool online,
                 unsigned spins)
{
    for (unsigned i = 0; i < spins; i++) {
        if (__atomic_load_n(&lock->value.ticket.head, __ATOMIC_ACQUIRE) ==
            ticket)
            return true;
        if (online)
            pvops_smp_poll();
        x86_pause();
    }
    return false;
}

/* A CPU that looks in between sees no lock. */
static void write_down(struct pvi_smp *smp, struct pvops_lock *lock,
                       uint16_t ticket)
{
    __atomic_store_n(&smp->lock, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&smp->lock_ticket, ticket, __ATOMIC_RELEASE);
    __atomic_store_n(&smp->lock, lock, __ATOMIC_RELEASE);
}

/* What a CPU in the slow path has found written down, if it has written. */
struct sleeper {
    bool written;
    struct pvops_lock *interrupted;
    uint16_t interrupted_ticket;
};

static void sleep_for(struct sleeper *sleeper, struct pvi_smp *smp,
                      struct pvops_lock *lock, uint16_t ticket)
{
    uint32_t now;

    if (!sleeper->written) {
        sleeper->interrupted = smp->lock;
        sleeper->interrupted_ticket = smp->lock_ticket;
        sleeper->written = true;
        write_down(smp, lock, ticket);
    }
    now =
        __atomic_or_fetch(&lock->value.word, SOMEBODY_SLEEPS, __ATOMIC_SEQ_CST);
    if ((uint16_t)now != ticket)
        pvops_lock_table.wait(&lock->value.word, now);
}

static void wake_up(const struct sleeper *sleeper, struct pvops_cpu *cpu)
{
    write_down(pvi_smp(cpu), sleeper->interrupted, sleeper->interrupted_ticket);
    if (sleeper->interrupted)
        pvops_lock_table.kick(cpu->index);
}

/* If nobody waits behind 'ticket', which has the lock. */
static void nobody_sleeps(struct pvops_lock *lock, uint16_t ticket)
{
    uint32_t last =
        ticket | (uint32_t)(uint16_t)(ticket + TURN) << 16 | SOMEBODY_SLEEPS;

    __atomic_compare_exchange_n(&lock->value.word, &last,
                                last - SOMEBODY_SLEEPS, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
}

/* A CPU that cannot be kicked, as it is not set up, spins. */
void pvops_lock_slow(struct pvops_lock *lock, uint16_t ticket)
{
    bool sleeps = pvops_lock_table.release == pvi_paravirt_lock_release;
    struct pvops_cpu *cpu = pvi_this_cpu();
    bool online = cpu && pvi_cpu_at(cpu->index) == cpu;
    struct sleeper sleeper = { false, NULL, 0 };

    ticket &= (uint16_t)~1u;
    while (!spin(lock, ticket, online, sleeps ? SPINS : SPINS_AWAKE)) {
        if (online && sleeps)
            sleep_for(&sleeper, pvi_smp(cpu), lock, ticket);
        else if (online)
            pvops_lock_table.wait(
                &lock->value.word,
                __atomic_load_n(&lock->value.word, __ATOMIC_RELAXED));
    }
    if (sleeper.written)
        wake_up(&sleeper, cpu);
    if (sleeps)
        nobody_sleeps(lock, ticket);
}

/* Apart, so that a release without a sleeper saves no register. */
static __attribute__((noinline)) void kick_waiter(const struct pvops_lock *lock,
                                                  uint16_t ticket)
{
    for (unsigned i = 0; pvi_smp_next(&pvi.online, &i); i++) {
        struct pvops_cpu *cpu = pvi_cpu_at(i);

        if (cpu &&
            __atomic_load_n(&pvi_smp(cpu)->lock, __ATOMIC_ACQUIRE) == lock &&
            __atomic_load_n(&pvi_smp(cpu)->lock_ticket, __ATOMIC_ACQUIRE) ==
                ticket) {
            pvops_lock_table.kick(i);
            return;
        }
    }
}

/* One instruction on the whole word; 'head' alone must not carry into it. */
PVOPS_OP_CALL void pvi_paravirt_lock_release(struct pvops_lock *lock)
{
    uint16_t head = lock->value.ticket.head;
    uint16_t next = (uint16_t)(head + TURN);
    uint32_t was = __atomic_fetch_add(&lock->value.word, (uint32_t)next - head,
                                      __ATOMIC_SEQ_CST);

    if (was & SOMEBODY_SLEEPS)
        kick_waiter(lock, next);
}

static bool asked(const struct pvi_smp *smp)
{
    uintptr_t any = 0;

    for (unsigned i = 0; i < PVOPS_MAX_CPUS / PVOPS_CPUS_BITS; i++)
        any |= __atomic_load_n(&smp->asked_by.words[i], __ATOMIC_ACQUIRE);
    return any != 0;
}

/*
 * Who asks for a flush sets its bit, then looks at 'waits'; here the other way
 * round, a full barrier between: one sees the other.
 */
void pvi_lock_wait(const volatile uint32_t *word, uint32_t value,
                   void (*halt)(bool interrupts))
{
    bool interrupts = (pvops_irq_table.save_flags() & PVOPS_IRQ_IF) != 0;
    struct pvi_smp *smp;

    pvops_irq_table.disable();
    smp = pvi_smp(pvi_this_cpu());
    __atomic_store_n(&smp->waits, true, __ATOMIC_SEQ_CST);
    if (*word == value && !asked(smp))
        halt(interrupts);
    __atomic_store_n(&smp->waits, false, __ATOMIC_RELEASE);
    pvops_smp_poll();
    if (interrupts)
        pvops_irq_table.enable();
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
