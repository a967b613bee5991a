/* SPDX-License-Identifier: MIT */
/*
 * The ticket lock, one CPU at a time: what each step leaves behind, and what
 * another CPU does right in between.
 *
 * Tried: the bit set after the look; the ticket not written down,
 *        or not taken back; 'interrupted' not put back, or no kick for it;
 *        'next' of 32 bits; no nobody_sleeps(); bit 0 of the ticket not taken
 *        away; the first CPU kicked; asked() or *word not looked at; the bit
 *        not set; 'waits' set after the look at asked_by; interrupts left off:
 *        each fails here.
 */
#include "pvtest.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include <x86/percpu.h>

#include "internal.h"

enum { CPUS = 4, WORD_BIT = 0x10000 };

static struct pvops_cpu cpus[CPUS];
static struct pvops_lock lock, other;
static bool interrupts;
static unsigned kicks[CPUS], waits;
static void (*in_wait)(void); /* what happens instead of the sleep */
static void (*in_halt)(bool on);

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
    kicks[cpu]++;
}

PVOPS_OP_CALL static void wait(const volatile uint32_t *word, uint32_t value)
{
    void (*now)(void) = in_wait;

    if (*word != value)
        FAIL("a sleep for a word that has changed already");
    waits++;
    in_wait = NULL;
    if (!now)
        FAIL("a sleep that nothing ends");
    now();
}

static void reset(void)
{
    memset(&pvi, 0, sizeof(pvi));
    memset(cpus, 0, sizeof(cpus));
    memset(kicks, 0, sizeof(kicks));
    memset(&lock, 0, sizeof(lock));
    memset(&other, 0, sizeof(other));
    for (unsigned i = 0; i < CPUS; i++) {
        cpus[i].self = &cpus[i];
        cpus[i].index = i;
        pvi.cpus[i] = &cpus[i];
        pvops_cpus_add(&pvi.online, i);
    }
    fake_percpu = &cpus[0];
    interrupts = true;
    waits = 0;
    in_wait = NULL;
    pvops_irq_table.save_flags = save_flags;
    pvops_irq_table.disable = disable;
    pvops_irq_table.enable = enable;
    pvops_lock_table.release = pvi_paravirt_lock_release;
    pvops_lock_table.wait = wait;
    pvops_lock_table.kick = kick;
}

static void on_cpu(unsigned cpu)
{
    fake_percpu = &cpus[cpu];
}

static const struct pvi_smp *smp(unsigned cpu)
{
    return pvi_smp(&cpus[cpu]);
}

/* By the table, as a site that is not sealed. */
static void release(struct pvops_lock *of)
{
    pvops_lock_table.release(of);
}

static unsigned all_kicks(void)
{
    unsigned all = 0;

    for (unsigned i = 0; i < CPUS; i++)
        all += kicks[i];
    return all;
}

PVTEST(alone, "nobody waits: nobody sleeps, nobody is kicked; both releases")
{
    for (unsigned native = 0; native < 2; native++) {
        reset();
        if (native)
            pvops_lock_table.release = pvi_native_lock_release;
        /* Twice through all tickets. */
        for (unsigned i = 0; i < 65536; i++) {
            EXPECT(!pvops_lock_is_held(&lock));
            if (i & 1)
                EXPECT(pvops_lock_try(&lock));
            else
                pvops_lock_acquire(&lock);
            EXPECT(pvops_lock_is_held(&lock) && !pvops_lock_try(&lock));
            release(&lock);
            EXPECT_EQ((uint16_t)(2 * i + 2), lock.value.ticket.head);
            EXPECT_EQ(lock.value.ticket.head, lock.value.ticket.tail);
        }
        EXPECT_EQ(0, all_kicks());
    }
}

static void others_turn_ends(void)
{
    EXPECT(smp(0)->lock == &lock);
    EXPECT(lock.value.word & WORD_BIT);
    on_cpu(1);
    release(&lock);
    on_cpu(0);
}

PVTEST(handed_over,
       "a sleeper is written down, kicked, and gone when it has it")
{
    /* With the last ticket before the first, too. */
    for (unsigned first = 0xfff8; first != 0x10008; first += 2) {
        reset();
        lock.value.ticket.head = lock.value.ticket.tail = (uint16_t)first;
        pvops_lock_acquire(&lock);
        in_wait = others_turn_ends;
        pvops_lock_acquire(&lock);
        EXPECT_EQ(1, waits);
        EXPECT_EQ(1, kicks[0]);
        EXPECT_EQ(1, all_kicks());
        EXPECT(!smp(0)->lock);
        /* Held, and nobody behind. */
        EXPECT_EQ((uint16_t)(first + 2), lock.value.ticket.head);
        EXPECT_EQ((uint16_t)(first + 4), lock.value.ticket.tail);
        release(&lock);
        EXPECT(!pvops_lock_is_held(&lock) && pvops_lock_try(&lock));
        EXPECT_EQ(1, all_kicks());
    }
}

static void another_comes(void)
{
    lock.value.ticket.tail += 2; /* it spins */
    others_turn_ends();
}

PVTEST(another_behind, "the bit stays as long as somebody waits behind")
{
    reset();
    pvops_lock_acquire(&lock);
    in_wait = another_comes;
    pvops_lock_acquire(&lock);
    EXPECT(lock.value.word & WORD_BIT);
    release(&lock);
    /* Its turn, which it sees by itself: nobody else is kicked. */
    EXPECT_EQ(1, all_kicks());
    pvops_lock_slow(&lock, 4 | 1);
    EXPECT(!(lock.value.word & WORD_BIT));
    release(&lock);
    EXPECT(!pvops_lock_is_held(&lock));
}

PVTEST(right_one, "of those that sleep the one whose turn it is")
{
    reset();
    lock.value.word = (8u << 16) | WORD_BIT;
    for (unsigned i = 1; i < CPUS; i++) {
        pvi_smp(&cpus[i])->lock = i == 1 ? &other : &lock;
        pvi_smp(&cpus[i])->lock_ticket = i == 3 ? 2 : i == 2 ? 4 : 2;
    }
    release(&lock);
    EXPECT_EQ(1, kicks[3]);
    release(&lock);
    EXPECT_EQ(1, kicks[2]);
    EXPECT_EQ(2, all_kicks());
    /* One that was torn down is not looked at. */
    lock.value.word = (8u << 16) | WORD_BIT;
    pvi.cpus[3] = NULL;
    release(&lock);
    EXPECT_EQ(2, all_kicks());
}

static void handler_sleeps(void)
{
    EXPECT(smp(0)->lock == &other && smp(0)->lock_ticket == 2);
    on_cpu(1);
    release(&lock); /* nobody is written down for it */
    EXPECT_EQ(0, all_kicks());
    release(&other);
    EXPECT_EQ(1, kicks[0]);
    on_cpu(0);
}

/* A handler, right before the sleep. */
static void interrupted(void)
{
    in_wait = handler_sleeps;
    pvops_lock_acquire(&other);
    release(&other);
    EXPECT(smp(0)->lock == &lock && smp(0)->lock_ticket == 2);
    EXPECT_EQ(2, kicks[0]);
}

PVTEST(nested, "a handler sleeps for another lock while this one is released")
{
    reset();
    pvops_lock_acquire(&lock);
    pvops_lock_acquire(&other);
    in_wait = interrupted;
    pvops_lock_acquire(&lock);
    EXPECT_EQ(2, waits);
    EXPECT(!smp(0)->lock);
    EXPECT_EQ(2, all_kicks());
}

static unsigned halts;
static bool halted_on;

static void halt(bool on)
{
    EXPECT(!interrupts);
    EXPECT(smp(0)->waits);
    halts++;
    halted_on = on;
    interrupts = on;
    if (in_halt)
        in_halt(on);
}

PVTEST(wait_op,
       "a backend's wait looks again first; interrupts stay as they are")
{
    uint32_t word = 5;

    for (unsigned on = 0; on < 2; on++) {
        reset();
        halts = 0;
        interrupts = on;
        pvi_lock_wait(&word, 5, halt);
        EXPECT_EQ(1, halts);
        EXPECT_EQ(on, halted_on);
        EXPECT_EQ(on, interrupts);
        EXPECT(!smp(0)->waits);
        pvi_lock_wait(&word, 6, halt);
        EXPECT_EQ(1, halts);
        EXPECT_EQ(on, interrupts);
        EXPECT(!smp(0)->waits);
    }
}

PVTEST(wait_flush, "who is asked for a flush answers and does not sleep")
{
    const uint32_t word = 5;

    for (unsigned asker = 1; asker < CPUS; asker++) {
        struct pvi_smp *asks;

        reset();
        halts = 0;
        asks = pvi_smp(&cpus[asker]);
        asks->flush = (struct pvi_flush){ .kind = PVI_FLUSH_RANGE };
        asks->flush_left = 1;
        pvops_cpus_add(&pvi_smp(&cpus[0])->asked_by, asker);
        pvi_lock_wait(&word, 5, halt);
        EXPECT_EQ(0, halts);
        EXPECT_EQ(0, asks->flush_left);
        pvi_lock_wait(&word, 5, halt);
        EXPECT_EQ(1, halts);
    }
}

enum { APART_BYTES = 8192 };
static struct pvops_cpu *apart; /* in pages of its own */

/* The first thing that the waiter writes there; then it goes on. */
static void ask_at_write(int signal)
{
    (void)signal;
    if (mprotect(apart, APART_BYTES, PROT_READ | PROT_WRITE))
        FAIL("mprotect");
    EXPECT(!pvi_smp(apart)->waits); /* hence it is not kicked */
    pvi_smp(&cpus[1])->flush_left = 1;
    pvops_cpus_add(&pvi_smp(apart)->asked_by, 1);
}

PVTEST(wait_flush_before, "asked right before it is seen to wait: no sleep")
{
    const struct sigaction at_write = { .sa_handler = ask_at_write };
    const uint32_t word = 5;
    struct sigaction was;

    _Static_assert(sizeof(*apart) <= APART_BYTES, "APART_BYTES");
    reset();
    halts = 0;
    apart = mmap(NULL, APART_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (apart == MAP_FAILED)
        FAIL("mmap");
    *apart = cpus[0];
    apart->self = pvi.cpus[0] = fake_percpu = apart;
    EXPECT_EQ(0, sigaction(SIGSEGV, &at_write, &was));
    EXPECT_EQ(0, mprotect(apart, APART_BYTES, PROT_READ));
    pvi_lock_wait(&word, 5, halt);
    sigaction(SIGSEGV, &was, NULL);
    EXPECT_EQ(0, halts);
    EXPECT_EQ(0, pvi_smp(&cpus[1])->flush_left);
    fake_percpu = &cpus[0];
    munmap(apart, APART_BYTES);
}

static void asked_in_halt(bool on)
{
    (void)on;
    pvi_smp(&cpus[1])->flush_left = 1;
    pvops_cpus_add(&pvi_smp(&cpus[0])->asked_by, 1);
}

PVTEST(wait_flush_later, "asked while it sleeps: it answers when it is kicked")
{
    const uint32_t word = 5;

    reset();
    interrupts = false;
    in_halt = asked_in_halt;
    pvi_lock_wait(&word, 5, halt);
    in_halt = NULL;
    EXPECT_EQ(0, pvi_smp(&cpus[1])->flush_left);
}

/* A wait that cannot be kicked, such as a hypervisor's yield. */
static void it_is_released(void)
{
    EXPECT(!smp(0)->lock);
    EXPECT(!(lock.value.word & WORD_BIT));
    release(&lock);
}

PVTEST(yield_only, "a wait without a kick: nothing is written down")
{
    reset();
    pvops_lock_table.release = pvi_native_lock_release;
    pvops_lock_acquire(&lock);
    in_wait = it_is_released;
    pvops_lock_acquire(&lock);
    EXPECT_EQ(1, waits);
    EXPECT_EQ(0, all_kicks());
}
