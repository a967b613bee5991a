/* SPDX-License-Identifier: MIT */
/*
 * What the self-checks of several CPUs share: all CPUs at once in one function,
 * and ways to wait that end.
 */
#ifndef PVK_CHECKS_SMP_H
#define PVK_CHECKS_SMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "arch/trap.h"

enum { SMP_MOST = CPU_MOST, SMP_LINE = 64, SMP_PATIENCE_S = 20 };

/* What each CPU has by itself, in a cache line of its own. */
struct smp_word {
    volatile uint32_t value;
} __attribute__((aligned(64)));

/* How many CPUs run; they are 0 to this - 1. */
unsigned smp_cpus(void);

/* True, and the check is skipped, if there is one alone. */
bool smp_is_one(void);

/*
 * 'part' on every CPU at once with its number, interrupts off, outside of any
 * handler; returns when all have come back. CPU 0 is the caller.
 */
void smp_together(void (*part)(unsigned me));

/* Within a part: all come here before one goes on. Interrupts may be off. */
void smp_meet(void);

/*
 * Called with each interrupt PVOPS_ARRIVED_IPI(IPI_CHECK), on the CPU where
 * it arrived; NULL: none. Set while no other CPU runs a part.
 */
void smp_on_ipi(void (*handler)(unsigned me));

/*
 * While a condition does not hold: the flushes that others ask for, a PAUSE
 * and, with interrupts on, after some of them a halt of 0.2 ms at most. After
 * SMP_PATIENCE_S it panics with 'what' and the number of this CPU.
 */
struct smp_wait {
    unsigned spins;
    uint64_t since_ns;
    unsigned rests;
};
void smp_wait_step(struct smp_wait *wait, const char *what);
#define SMP_WAIT(condition, what)                                              \
    do {                                                                       \
        struct smp_wait wait_ = { 0, 0, 0 };                                   \
                                                                               \
        while (!(condition))                                                   \
            smp_wait_step(&wait_, what);                                       \
    } while (0)

static inline uint32_t smp_load(const volatile uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void smp_store(volatile uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/*
 * What goes wrong on any CPU: the first one counts, and becomes the check's by
 * smp_judge(). Context: any.
 */
__attribute__((format(printf, 1, 2))) void smp_fail(const char *format, ...);
bool smp_failed(void);
void smp_judge(void);

/*
 * How often something is done: the number behind 'name' on the command line,
 * 'full' of it with "smp-full"; else at most 'brief' times, and no more after
 * 0.4 s but the first 8.
 */
struct smp_times {
    unsigned most;
    bool brief;
    uint64_t since_ns;
};
struct smp_times smp_times(const char *name, unsigned brief, unsigned full);
bool smp_more(const struct smp_times *times, unsigned done);

/* All of these checks. Context: boot CPU, the others up, interrupts off. */
void smp_check_all(void);

/* Files of this folder. */
extern const struct check check_smp_cpus, check_smp_sets, check_smp_deadlines;
extern const struct check check_smp_stolen, check_smp_wakes, check_smp_storm;
extern const struct check check_smp_clock, check_smp_lock, check_smp_nested;
extern const struct check check_smp_flush, check_smp_crossed, check_smp_torn;
extern const struct check check_smp_cycles;

#endif /* PVK_CHECKS_SMP_H */
