/* SPDX-License-Identifier: MIT */
/*
 * All CPUs at once in one function, and waits that end.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "arch/trap.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/cpus.h"
#include "core/deadline.h"
#include "core/idle.h"
#include "core/log.h"
#include "core/main.h"
#include "core/text.h"

unsigned smp_cpus(void)
{
    return cpus_count();
}

bool smp_is_one(void)
{
    if (smp_cpus() > 1)
        return false;
    check_skip("one CPU");
    return true;
}

static void (*current)(unsigned me);

static void run_current(void *argument)
{
    current((unsigned)(uintptr_t)argument);
    deadline_cancel();
}

void smp_together(void (*part)(unsigned me))
{
    current = part;
    for (unsigned i = 1; i < smp_cpus(); i++)
        cpus_begin(i, run_current, (void *)(uintptr_t)i);
    part(0);
    deadline_cancel();
    for (unsigned i = 1; i < smp_cpus(); i++)
        cpus_wait(i);
}

static uint32_t arrived, meetings;

void smp_meet(void)
{
    uint32_t meeting = __atomic_load_n(&meetings, __ATOMIC_ACQUIRE);

    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == smp_cpus()) {
        __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&meetings, meeting + 1, __ATOMIC_RELEASE);
        return;
    }
    SMP_WAIT(__atomic_load_n(&meetings, __ATOMIC_ACQUIRE) != meeting,
             "a CPU does not come to where the others are");
}

static void (*on_ipi)(unsigned me);

static void ipi(void)
{
    on_ipi(this_cpu()->index);
}

void smp_on_ipi(void (*handler)(unsigned me))
{
    if (handler)
        on_ipi = handler;
    trap_check_ipi = handler ? ipi : NULL;
}

static uint64_t wake(uint64_t at_ns)
{
    (void)at_ns;
    return 0;
}

/* Others want the processor: longer each time, at last for 3 ms. */
static void rest(struct smp_wait *wait, uint64_t now)
{
    enum { REST_NS = 200000, DOUBLED = 4 };

    pvops_irq_disable();
    deadline_set(now + ((uint64_t)REST_NS << wait->rests), wake);
    idle_halt();
    deadline_cancel();
    pvops_irq_enable();
    if (wait->rests < DOUBLED)
        wait->rests++;
}

/* The time is looked at seldom: where it costs an exit it is dear. */
void smp_wait_step(struct smp_wait *wait, const char *what)
{
    enum { LOOK = 1024 };
    uint64_t now;

    pvops_smp_poll();
    x86_pause();
    if (++wait->spins % LOOK)
        return;
    now = pvops_time_now_ns();
    if (!wait->since_ns)
        wait->since_ns = now;
    if (now - wait->since_ns > SMP_PATIENCE_S * UINT64_C(1000000000))
        panic("CPU %u waited for %u s: %s", this_cpu()->index, SMP_PATIENCE_S,
              what);
    if (pvops_irq_save_flags() & PVOPS_IRQ_IF)
        rest(wait, now);
}

static struct pvops_lock reason_lock;
static bool failed;
static char reason[160];

void smp_fail(const char *format, ...)
{
    uintptr_t flags = pvops_irq_save();
    va_list args;

    pvops_lock_acquire(&reason_lock);
    if (!failed) {
        va_start(args, format);
        text_format(reason, sizeof(reason), format, args);
        va_end(args);
        __atomic_store_n(&failed, true, __ATOMIC_RELEASE);
    }
    pvops_lock_release(&reason_lock);
    pvops_irq_restore(flags);
}

bool smp_failed(void)
{
    return __atomic_load_n(&failed, __ATOMIC_ACQUIRE);
}

void smp_judge(void)
{
    if (failed)
        check_fail("%s", reason);
    failed = false;
}

static unsigned number(const char *text)
{
    unsigned value = 0;

    for (; *text >= '0' && *text <= '9' && value < 100000000; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value;
}

struct smp_times smp_times(const char *name, unsigned brief, unsigned full)
{
    struct smp_times times = { brief, true, pvops_time_now_ns() };
    const char *given = option(name);
    unsigned most = given ? number(given) : 0;

    if (!most && option("smp-full"))
        most = full;
    if (most) {
        times.most = most;
        times.brief = false;
    }
    return times;
}

bool smp_more(const struct smp_times *times, unsigned done)
{
    enum { LEAST = 8, NS = 400000000 };

    if (done >= times->most)
        return false;
    return !times->brief || done < LEAST ||
           pvops_time_now_ns() - times->since_ns < NS;
}

void smp_check_all(void)
{
    static const struct check *const checks[] = {
        &check_smp_cpus,      &check_smp_sets,    &check_smp_storm,
        &check_smp_wakes,     &check_smp_clock,   &check_smp_stolen,
        &check_smp_deadlines, &check_smp_lock,    &check_smp_nested,
        &check_smp_flush,     &check_smp_crossed, &check_smp_torn,
        &check_smp_cycles,
    };

    /* The others count on CPUs 0 to smp_cpus() - 1. */
    if (cpus_missing()) {
        check_run(&check_smp_cpus);
        return;
    }
    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        const char *only = option("smp-only");

        uint64_t start_ns = pvops_time_now_ns();

        if (only && *only && !text_equal(only, checks[i]->name))
            continue;
        check_run(checks[i]);
        log_line("smp: it took %llu us",
                 (unsigned long long)((pvops_time_now_ns() - start_ns) >> 10));
    }
}
