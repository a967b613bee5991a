/* SPDX-License-Identifier: MIT */
/*
 * One interprocessor interrupt at a time: whom it reaches, and that it wakes.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/idle.h"
#include "core/log.h"

/* How often each CPU was interrupted, and should have been. */
static struct smp_word came[SMP_MOST];
static uint32_t due[SMP_MOST];
static volatile uint32_t sent;

static void count_one(unsigned me)
{
    smp_store(&came[me].value, came[me].value + 1);
}

static bool all_came(void)
{
    for (unsigned i = 0; i < smp_cpus(); i++) {
        if (smp_load(&came[i].value) < due[i])
            return false;
    }
    return true;
}

static void expect_no_more(unsigned me, uint32_t bits)
{
    for (unsigned i = 0; i < smp_cpus(); i++) {
        uint32_t value = smp_load(&came[i].value);

        if (value != due[i])
            smp_fail("CPU %u sent to the set 0x%x: CPU %u was interrupted %u "
                     "times, not %u",
                     me, bits, i, value, due[i]);
    }
}

/* To the CPUs of 'bits'; none: to all others, by no set. */
static void send_to(unsigned me, uint32_t bits)
{
    struct pvops_cpus set = { { 0 } };

    for (unsigned i = 0; i < smp_cpus(); i++) {
        if (bits >> i & 1)
            pvops_cpus_add(&set, i);
        if (bits ? bits >> i & 1 : i != me)
            due[i]++;
    }
    if (bits && !(bits & (bits - 1)) && sent % 2)
        pvops_smp_send_ipi((unsigned)__builtin_ctz(bits), IPI_CHECK);
    else
        pvops_smp_send_ipis(bits ? &set : NULL, IPI_CHECK);
    SMP_WAIT(all_came(), "an interrupt does not reach a CPU of its set");
    expect_no_more(me, bits);
    sent++;
}

/* The set of number 'i' with this CPU as the first: in few there is each. */
static uint32_t rotated(uint32_t bits, unsigned me)
{
    return (bits << me | bits >> (smp_cpus() - me)) & ((1u << smp_cpus()) - 1);
}

static void send_to_sets(unsigned me)
{
    enum { SETTLE_NS = 200000 };

    pvops_irq_enable();
    for (unsigned sender = 0; sender < smp_cpus(); sender++) {
        struct smp_times times = smp_times("smp-sets", 256, 2000);

        smp_meet();
        for (unsigned i = 0; me == sender && smp_more(&times, i); i++)
            send_to(me, rotated(i % (1u << smp_cpus()), me));
        if (me == sender) {
            check_spin_until(pvops_time_now_ns() + SETTLE_NS);
            expect_no_more(me, 0);
        }
        smp_meet();
    }
    pvops_irq_disable();
}

/*
 * From each CPU to every set of CPUs, one after the other: those of the set are
 * interrupted once, the others never.
 *
 * Damage:  smp.c: all others are this one too; each set has the next CPU, too.
 */
static void sets(void)
{
    if (smp_is_one())
        return;
    for (unsigned i = 0; i < SMP_MOST; i++)
        came[i].value = due[i] = 0;
    sent = 0;
    smp_on_ipi(count_one);
    smp_together(send_to_sets);
    smp_on_ipi(NULL);
    log_line("smp: %u sets of CPUs were interrupted", sent);
    smp_judge();
}
const struct check check_smp_sets = { "smp-ipi-reaches-its-set", sets };

static volatile uint32_t asked[SMP_MOST], answered[SMP_MOST];

static struct smp_times wakes;
static unsigned waked, lost;
static uint32_t no_more;
static bool lossy;

static void wait_for_answer(unsigned to, uint32_t number)
{
    /* Xen's scheduler lets each of the others run for 30 ms. */
    enum { LOOK = 1024, EACH_NS = 50000000 };
    uint64_t again_ns = (uint64_t)EACH_NS * smp_cpus();
    uint64_t since_ns = pvops_time_now_ns();
    struct smp_wait wait = { 0, 0, 0 };

    while (smp_load(&answered[to]) != number) {
        smp_wait_step(&wait, "a wake-up is lost");
        if (wait.spins % LOOK || !lossy ||
            pvops_time_now_ns() - since_ns < again_ns)
            continue;
        lost++;
        since_ns = pvops_time_now_ns();
        pvops_smp_send_ipi(to, IPI_CHECK);
    }
}

/* At any time after its answer: while it looks, and once it has halted. */
static void wake_one(unsigned to)
{
    enum { DELAYS = 32 };
    uint32_t next = asked[to] + 1;

    for (unsigned i = 0; i < next % DELAYS; i++)
        x86_pause();
    smp_store(&asked[to], next);
    pvops_smp_send_ipi(to, IPI_CHECK);
    pvops_irq_enable();
    wait_for_answer(to, next);
    pvops_irq_disable();
}

/*
 * CPU 0 wakes the others, which rest until they have been asked; nothing else
 * wakes them: no deadline is set. The answer is not the handler's: one that
 * came before the halt would hide that the halt goes on.
 */
static void wake(unsigned me)
{
    smp_meet();
    if (!me) {
        for (waked = 0; smp_more(&wakes, waked); waked++)
            wake_one(1 + waked % (smp_cpus() - 1));
        smp_store(&no_more, 1);
        for (unsigned i = 1; i < smp_cpus(); i++)
            wake_one(i);
    } else {
        bool last = false;

        /* Read before the answer: CPU 0 sets it behind one, and asks again. */
        for (uint32_t mine = 1; !last; mine++) {
            while (smp_load(&asked[me]) < mine) {
                pvops_irq_safe_halt();
                pvops_irq_disable();
            }
            last = smp_load(&no_more);
            smp_store(&answered[me], mine);
        }
    }
    smp_meet();
}

/*
 * An idle CPU that looks, finds nothing and halts is woken by what was sent
 * between its look and its halt.
 *
 * Damage:  system.h: two NOPs between STI and HLT.
 */
static void woken(void)
{
    if (smp_is_one())
        return;
    wakes = smp_times("smp-wakes", 2000, 100000);
    no_more = lost = 0;
    lossy = idle_may_lose();
    for (unsigned i = 0; i < SMP_MOST; i++)
        asked[i] = answered[i] = 0;
    smp_together(wake);
    log_line("smp: %u times an idle CPU was woken%s, %u times late", waked,
             lossy ? " above a hypervisor" : "", lost);
    if (lost > waked / 64 + 1)
        smp_fail("%u of %u wake-ups are lost", lost, waked);
    smp_judge();
}
const struct check check_smp_wakes = { "smp-idle-cpu-is-woken", woken };
