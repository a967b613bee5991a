/* SPDX-License-Identifier: MIT */
/*
 * Interprocessor interrupts: none is lost, each request is served once.
 */
#include <pvops/pvops.h>

#include "checks/check.h"
#include "checks/smp.h"
#include "core/log.h"

/* What one CPU asks another for: one request at a time, by its number. */
struct mail {
    volatile uint32_t posted;
    volatile uint32_t served;
} __attribute__((aligned(SMP_LINE)));

static struct mail mail[SMP_MOST][SMP_MOST]; /* [from][to] */
static uint32_t each;                        /* requests of a pair */
static uint32_t closed; /* nothing more is posted: the time is over */
static struct smp_word served_here[SMP_MOST];

static void serve(unsigned me)
{
    for (unsigned from = 0; from < smp_cpus(); from++) {
        struct mail *one = &mail[from][me];
        uint32_t posted = smp_load(&one->posted);

        if (posted == one->served)
            continue;
        if (posted != one->served + 1)
            smp_fail("CPU %u was asked by %u for %u after %u", me, from, posted,
                     one->served);
        served_here[me].value++;
        smp_store(&one->served, posted);
    }
}

static bool is_free(unsigned me, unsigned to)
{
    return smp_load(&mail[me][to].served) == mail[me][to].posted;
}

static bool all_free(unsigned me)
{
    for (unsigned to = 0; to < smp_cpus(); to++) {
        if (!is_free(me, to))
            return false;
    }
    return true;
}

static bool post(unsigned me, unsigned to)
{
    struct mail *one = &mail[me][to];

    if (!is_free(me, to) || one->posted == each || smp_load(&closed))
        return false;
    smp_store(&one->posted, one->posted + 1);
    return true;
}

static bool some_free(unsigned me)
{
    for (unsigned to = 0; to < smp_cpus(); to++) {
        if (is_free(me, to) && mail[me][to].posted != each &&
            !smp_load(&closed))
            return true;
    }
    return all_free(me);
}

static bool is_over(unsigned me)
{
    if (!all_free(me))
        return false;
    for (unsigned to = 0; to < smp_cpus() && !smp_load(&closed); to++) {
        if (mail[me][to].posted != each)
            return false;
    }
    return true;
}

/* To one after the other, this one too. */
static void to_one(unsigned me)
{
    for (unsigned to = 0; to < smp_cpus(); to++) {
        if (post(me, to))
            pvops_smp_send_ipi(to, IPI_CHECK);
    }
}

/* To all that have none, at once. */
static void to_several(unsigned me)
{
    struct pvops_cpus several = { { 0 } };
    bool any = false;

    for (unsigned to = 0; to < smp_cpus(); to++) {
        if (post(me, to)) {
            pvops_cpus_add(&several, to);
            any = true;
        }
    }
    if (any)
        pvops_smp_send_ipis(&several, IPI_CHECK);
}

/* To all others at once, by no set. */
static void to_others(unsigned me)
{
    bool any = false;

    SMP_WAIT(all_free(me), "an interprocessor interrupt of the storm is lost");
    for (unsigned to = 0; to < smp_cpus(); to++) {
        if (to != me)
            any = post(me, to) || any;
    }
    if (any)
        pvops_smp_send_ipis(NULL, IPI_CHECK);
}

static struct smp_times times;

static void send_all(unsigned me)
{
    static void (*const ways[])(unsigned me) = { to_one, to_several,
                                                 to_others };

    smp_meet();
    pvops_irq_enable();
    for (unsigned i = me; !is_over(me) && !smp_failed(); i++) {
        if (!me && i % 16 == 15 && !smp_more(&times, i))
            smp_store(&closed, 1);
        ways[i % 3](me);
        SMP_WAIT(some_free(me), "an interprocessor interrupt is lost");
    }
    /* Others still ask this one. */
    smp_meet();
    pvops_irq_disable();
}

/*
 * All CPUs to all, at once: each request is posted before its interrupt, and
 * one is under way from each to each. Those of several may come as one.
 *
 * Damage:  smp.c, send_ipis(): CPU 2 left out, of three.
 */
static void storm(void)
{
    unsigned pairs = smp_cpus() * smp_cpus();
    uint32_t served = 0, posted = 0;

    if (smp_is_one())
        return;
    times = smp_times("smp-storm", 20000, 1000000);
    each = (times.most + pairs - 1) / pairs;
    closed = 0;
    for (unsigned i = 0; i < SMP_MOST * SMP_MOST; i++)
        mail[i / SMP_MOST][i % SMP_MOST] = (struct mail){ 0, 0 };
    for (unsigned i = 0; i < SMP_MOST; i++)
        served_here[i].value = 0;
    smp_on_ipi(serve);
    smp_together(send_all);
    smp_on_ipi(NULL);
    for (unsigned i = 0; i < smp_cpus(); i++) {
        served += served_here[i].value;
        for (unsigned to = 0; to < smp_cpus(); to++)
            posted += mail[i][to].posted;
    }
    log_line("smp: %u requests by IPI, %u served", posted, served);
    if (served != posted || (!times.brief && posted != each * pairs))
        smp_fail("%u requests were made, and %u served", posted, served);
    smp_judge();
}
const struct check check_smp_storm = { "smp-ipi-storm", storm };
