/* SPDX-License-Identifier: MIT */
/*
 * What CPUs cost each other, between two markers, which pvlab bench has
 * counted: instructions of all CPUs together.
 *
 * So that nothing else is in a sample, who has nothing to do halts: CPU 0 when
 * it has sent what it sends, the others unless they are meant to run. A CPU
 * that "runs" loops over a PAUSE, at which QEMU goes on to the next.
 */
#include "bench/smp.h"

#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/layout.h"
#include "bench/ops.h"
#include "checks/smp.h"
#include "core/deadline.h"
#include "core/log.h"

enum { ROUNDS = 16, SETTLE_NS = 2000000, TO = 1 };

static void told(unsigned each, const char *name)
{
    log_plain("bench: %u %u %s", ROUNDS, each, name);
}

/* What CPU 1, and the others, do meanwhile. */
enum order { IDLE, RUN, RUN_OFF, TAKE_LOCK, LEAVE };
static volatile uint32_t order, orders; /* the second counts them */
static struct smp_word heard[SMP_MOST];
static struct pvops_lock lock;
static volatile bool reply, replied, stop_here;

static uint64_t nothing(uint64_t at_ns)
{
    (void)at_ns;
    return 0;
}

/* At rest for that long; what comes meanwhile is served. */
static void settle(void)
{
    uint64_t until_ns = pvops_time_now_ns() + SETTLE_NS;

    while (pvops_time_now_ns() < until_ns) {
        pvops_irq_disable();
        deadline_set(until_ns, nothing);
        pvops_irq_safe_halt();
    }
    pvops_irq_disable();
    deadline_cancel();
}

/* The end of a sample is where CPU 1 has been told what arrived. */
static void arrived(unsigned me)
{
    if (me == TO && stop_here) {
        bench_to();
        stop_here = false;
    }
    if (!me)
        replied = true;
    else if (me == TO && reply)
        pvops_smp_send_ipi(0, IPI_CHECK);
}

static void obey(unsigned me)
{
    uint32_t number = 0;

    for (;;) {
        while (orders == number) {
            pvops_irq_safe_halt();
            pvops_irq_disable();
        }
        number = orders;
        smp_store(&heard[me].value, number);
        switch (order) {
        case RUN:
            pvops_irq_enable();
            while (orders == number)
                x86_pause();
            pvops_irq_disable();
            break;
        case RUN_OFF:
            while (orders == number)
                x86_pause();
            break;
        case TAKE_LOCK:
            if (me != TO)
                break;
            pvops_lock_acquire(&lock);
            bench_to();
            pvops_lock_release(&lock);
            pvops_smp_send_ipi(0, IPI_CHECK);
            break;
        case LEAVE:
            return;
        }
    }
}

/* They have heard it, and are at it. */
static void give(enum order what)
{
    order = what;
    smp_store(&orders, orders + 1);
    pvops_smp_send_ipis(NULL, IPI_CHECK);
    pvops_irq_enable();
    for (unsigned i = 1; i < smp_cpus(); i++)
        SMP_WAIT(smp_load(&heard[i].value) == orders, "it does not obey");
    pvops_irq_disable();
    settle();
}

/* Until CPU 1 has answered; interrupts are off before and after. */
static void wait_for_reply(void)
{
    while (!replied) {
        pvops_irq_safe_halt();
        pvops_irq_disable();
    }
}

static void send_alone(void)
{
    reply = false;
    for (unsigned round = 0; round < ROUNDS; round++) {
        give(RUN_OFF);
        bench_from();
        pvops_smp_send_ipi(TO, IPI_CHECK);
        bench_to();
        give(IDLE);
    }
    told(1, "IPI: send");
}

static void send_and_serve(enum order state, const char *name)
{
    give(state);
    reply = true;
    for (unsigned round = 0; round < ROUNDS; round++) {
        settle();
        replied = false;
        stop_here = true;
        bench_from();
        pvops_smp_send_ipi(TO, IPI_CHECK);
        wait_for_reply();
    }
    reply = false;
    give(IDLE);
    told(1, name);
}

static void flush(enum order state, unsigned pages, const char *name)
{
    uintptr_t root = pvops_mmu_read_cr3();

    give(state);
    for (unsigned round = 0; round < ROUNDS; round++) {
        settle();
        bench_from();
        pvops_smp_flush_range(NULL, root, LAYOUT_SCRATCH, pages);
        bench_to();
    }
    give(IDLE);
    told(pages, name);
}

static void hand_over(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        replied = false;
        pvops_lock_acquire(&lock);
        give(TAKE_LOCK);
        bench_from();
        pvops_lock_release(&lock);
        wait_for_reply();
    }
    told(1, "lock: from release to the waiter's return");
}

/* The same by hand: what a kernel without libpvops has. */
static void by_hand(uint32_t *word)
{
    uint32_t was =
        __atomic_fetch_add(word, UINT32_C(2) << 16, __ATOMIC_ACQUIRE);
    uint16_t ticket = (uint16_t)(was >> 16 & 0xfffe);

    while ((uint16_t)was != ticket) {
        x86_pause();
        was = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    }
    __asm__ volatile("addw $2, %0"
                     : "+m"(*(uint16_t *)(void *)word)
                     :
                     : "memory");
}

static void uncontended(void)
{
    static uint32_t word;

    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        by_hand(&word);
        bench_to();
    }
    told(1, "lock and unlock, nobody waits: by hand");
    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        pvops_lock_acquire(&lock);
        pvops_lock_release(&lock);
        bench_to();
    }
    told(1, "lock and unlock, nobody waits");
}

static volatile bool fired;

static uint64_t fire(uint64_t at_ns)
{
    (void)at_ns;
    bench_to();
    fired = true;
    return 0;
}

static void timer(void)
{
    volatile uint64_t ns;

    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        ns = pvops_time_now_ns();
        bench_to();
    }
    told(1, "clock: read");
    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        pvops_time_set_deadline(UINT64_MAX / 2);
        bench_to();
        pvops_time_cancel_deadline();
    }
    told(1, "timer: arm");
    for (unsigned round = 0; round < ROUNDS; round++) {
        fired = false;
        ns = pvops_time_now_ns();
        bench_from();
        deadline_set(ns, fire);
        while (!fired) {
            pvops_irq_safe_halt();
            pvops_irq_disable();
        }
    }
    told(1, "timer: arm, fire at once, arrive");
    (void)ns;
}

static void part(unsigned me)
{
    if (me) {
        obey(me);
        return;
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        bench_from();
        bench_to();
    }
    told(1, "nothing");
    timer();
    uncontended();
    send_alone();
    send_and_serve(IDLE, "IPI: send to serve, it idles");
    send_and_serve(RUN, "IPI: send to serve, it runs");
    flush(IDLE, 1, "flush of 1 page, the others idle");
    flush(RUN, 1, "flush of 1 page, the others run");
    flush(IDLE, 64, "flush of 64 pages, the others idle");
    flush(RUN, 64, "flush of 64 pages, the others run");
    hand_over();
    give(LEAVE);
}

void bench_smp(void)
{
    if (smp_cpus() < 2) {
        log_line("bench-smp needs two CPUs");
        return;
    }
    smp_on_ipi(arrived);
    smp_together(part);
    smp_on_ipi(NULL);
}
