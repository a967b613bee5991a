/* SPDX-License-Identifier: MIT */
/*
 * The ticket lock among CPUs that really run at once: each is a thread, more
 * than the machine has processors, and sleeps in the kernel until it is kicked.
 * A sleep that takes 20 s is a wake-up that was lost.
 *
 * Tried: sleep_for() without setting the bit, or writing down after it; without
 *        putting back what it interrupted, or the kick for it; no
 *        nobody_sleeps(); the first CPU kicked: each fails here.
 */
#define _GNU_SOURCE 1

#include "pvtest.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <x86/percpu.h>

#include "internal.h"

enum { MOST = 8, LOST_S = 3 };

/* A million in all where it is fast. */
#ifdef __x86_64__
enum { ROUNDS_OF_4 = 250000, ROUNDS_OF_8 = 25000 };
#else
enum { ROUNDS_OF_4 = 40000, ROUNDS_OF_8 = 10000 };
#endif

static struct pvops_cpu cpus[MOST];
static struct machine {
    unsigned threads, rounds;
    bool handlers;
    struct pvops_lock lock, other;
    /* Under the lock. */
    unsigned inside, count, next_ticket;
    unsigned others, others_inside;
    /* What must stay 0. */
    unsigned broken, unordered, lost;
    unsigned waited, sleeps, handled;
    pthread_barrier_t start;
    uint32_t kicked[MOST];
} m;

static _Thread_local bool interrupts;
static _Thread_local bool interrupt_waits; /* one at most for each hand-over */
static _Thread_local unsigned seed;

PVOPS_OP_CALL static uintptr_t save_flags(void)
{
    return interrupts ? PVOPS_IRQ_IF : 0;
}

PVOPS_OP_CALL static void disable(void)
{
    interrupts = false;
}

PVOPS_OP_CALL static void enable(void)
{
    interrupts = true;
}

PVOPS_OP_CALL static void kick(unsigned cpu)
{
    if (!__atomic_exchange_n(&m.kicked[cpu], 1, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &m.kicked[cpu], FUTEX_WAKE_PRIVATE, 1, NULL);
}

static void sleep_until_kicked(void)
{
    unsigned self = fake_percpu->index;
    time_t start = time(NULL);

    __atomic_fetch_add(&m.sleeps, 1, __ATOMIC_RELAXED);
    while (!__atomic_exchange_n(&m.kicked[self], 0, __ATOMIC_SEQ_CST)) {
        const struct timespec second = { .tv_sec = 1 };

        if (m.lost || time(NULL) - start > LOST_S) {
            __atomic_store_n(&m.lost, 1, __ATOMIC_RELAXED);
            sched_yield();
            return;
        }
        syscall(SYS_futex, &m.kicked[self], FUTEX_WAIT_PRIVATE, 0, &second);
    }
}

/* Interrupts off, in a handler and wherever else this lock is taken. */
static void take_other(void)
{
    bool found = interrupts;

    interrupts = false;
    pvops_lock_acquire(&m.other);
    if (m.others_inside++)
        m.broken++;
    if (m.others++ % 4 == 0)
        sched_yield();
    m.others_inside--;
    pvops_lock_table.release(&m.other);
    interrupts = found;
}

/*
 * Interrupts that are on come here: in place of a kick, or, as between STI and
 * an HLT that an NMI came before, and the sleep begins after them.
 */
static void halt(bool on)
{
    unsigned dice = rand_r(&seed) % 4;

    if (on && interrupt_waits && dice < 2) {
        interrupt_waits = false;
        __atomic_fetch_add(&m.handled, 1, __ATOMIC_RELAXED);
        take_other();
        if (dice == 0)
            return;
    }
    sleep_until_kicked();
    interrupts = on;
}

PVOPS_OP_CALL static void wait(const volatile uint32_t *word, uint32_t value)
{
    pvi_lock_wait(word, value, halt);
}

/* As pvops_lock_acquire(), but that the ticket is known. */
static uint16_t acquire(void)
{
    uint32_t was = __atomic_fetch_add(&m.lock.value.word, UINT32_C(2) << 16,
                                      __ATOMIC_ACQUIRE);
    uint16_t ticket = (uint16_t)(was >> 16);

    if ((uint16_t)was != ticket) {
        __atomic_fetch_add(&m.waited, 1, __ATOMIC_RELAXED);
        pvops_lock_slow(&m.lock, ticket);
    }
    return (uint16_t)(ticket & ~1u);
}

static void *run(void *argument)
{
    unsigned index = (unsigned)(uintptr_t)argument;

    fake_percpu = &cpus[index];
    seed = index;
    interrupts = true;
    pthread_barrier_wait(&m.start);
    for (unsigned i = 0; i < m.rounds && !m.lost; i++) {
        uint16_t ticket;

        /* Now and then with interrupts off, or without queueing. */
        interrupts = i % 8 != index;
        interrupt_waits = m.handlers;
        if (i % 64 == 0 && pvops_lock_try(&m.lock))
            ticket = m.lock.value.ticket.head;
        else
            ticket = acquire();
        if (m.inside++)
            m.broken++;
        if (ticket != (uint16_t)m.next_ticket)
            m.unordered++;
        m.next_ticket += 2;
        m.count++;
        if (i % 256 == 0)
            sched_yield(); /* so that there is a queue */
        m.inside--;
        pvops_lock_table.release(&m.lock);
        if (m.handlers && i % 16 == 0)
            take_other();
    }
    return NULL;
}

static void reset(unsigned threads, unsigned rounds)
{
    memset(&m, 0, sizeof(m));
    memset(&pvi, 0, sizeof(pvi));
    memset(cpus, 0, sizeof(cpus));
    m.threads = threads;
    m.rounds = rounds;
    for (unsigned i = 0; i < threads; i++) {
        cpus[i].self = &cpus[i];
        cpus[i].index = i;
        pvi.cpus[i] = &cpus[i];
        pvops_cpus_add(&pvi.online, i);
    }
    pvops_irq_table.save_flags = save_flags;
    pvops_irq_table.disable = disable;
    pvops_irq_table.enable = enable;
    pvops_lock_table.release = pvi_paravirt_lock_release;
    pvops_lock_table.wait = wait;
    pvops_lock_table.kick = kick;
}

static void run_all(void)
{
    pthread_t threads[MOST];

    pthread_barrier_init(&m.start, NULL, m.threads);
    for (unsigned i = 0; i < m.threads; i++) {
        if (pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i))
            FAIL("no thread %u", i);
    }
    for (unsigned i = 0; i < m.threads; i++)
        pthread_join(threads[i], NULL);
    EXPECT_EQ(0, m.lost);
    EXPECT_EQ(0, m.broken);
    EXPECT_EQ(0, m.unordered);
    EXPECT_EQ(m.threads * m.rounds, m.count);
    EXPECT(!pvops_lock_is_held(&m.lock) && !pvops_lock_is_held(&m.other));
    EXPECT(m.lock.value.ticket.head == m.lock.value.ticket.tail);
    for (unsigned i = 0; i < m.threads; i++)
        EXPECT(!pvi_smp(&cpus[i])->lock);
    printf(
        "%u threads: %u times, %u of them waited for; %u sleeps, %u handlers\n",
        m.threads, m.count, m.waited, m.sleeps, m.handled);
}

PVTEST(four, "hand-overs among 4: one at a time, in turn, no wake-up lost")
{
    reset(4, ROUNDS_OF_4);
    run_all();
    EXPECT(m.sleeps > 100);
}

PVTEST(eight, "the same among 8, whose handlers take another lock")
{
    reset(8, ROUNDS_OF_8);
    m.handlers = true;
    run_all();
    EXPECT(m.sleeps > 100 && m.handled > 50);
    /* Not a kick that ends the next sleep, which ends in a kick. */
    EXPECT(m.sleeps < 4 * m.count);
}

static void *release_later(void *argument)
{
    fake_percpu = &cpus[1];
    usleep(20000);
    pvops_lock_table.release(argument);
    return NULL;
}

PVTEST(not_set_up, "a CPU that nobody can kick spins")
{
    pthread_t thread;

    reset(2, 0);
    pvi.cpus[0] = NULL;
    fake_percpu = &cpus[0];
    pvops_lock_acquire(&m.lock);
    EXPECT_EQ(0, pthread_create(&thread, NULL, release_later, &m.lock));
    pvops_lock_acquire(&m.lock);
    pthread_join(thread, NULL);
    EXPECT_EQ(0, m.sleeps);
}
