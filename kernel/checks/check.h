/* SPDX-License-Identifier: MIT */
/*
 * Self-checks: what pvk tries of libpvops, each reported by one line that
 * pvlab reads (docs/console.md).
 *
 * Beside each check stands a one-line damage to the library with which it was
 * seen to fail ("Damage:").
 */
#ifndef PVK_CHECKS_CHECK_H
#define PVK_CHECKS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <pvops/config.h>

struct check {
    const char *name;
    void (*run)(void);
};

/* Run it, print its line, count it. */
void check_run(const struct check *check);

/* Within run(): why it fails, or cannot be tried. The first one counts. */
__attribute__((format(printf, 1, 2))) void check_fail(const char *format, ...);
__attribute__((format(printf, 1, 2))) void check_skip(const char *format, ...);

/* Leaves run() if 'condition' does not hold. */
#define CHECK(condition, ...)                                                  \
    do {                                                                       \
        if (!(condition)) {                                                    \
            check_fail(__VA_ARGS__);                                           \
            return;                                                            \
        }                                                                      \
    } while (0)

/* Whether the check that runs has failed. */
bool check_failed(void);

/*
 * True, and the check is skipped, in a build without tables and sites, where
 * there is nothing of it.
 */
bool check_needs_sites(void);

/* Verdicts that somebody else printed. */
void check_count(unsigned passed, unsigned failed, unsigned skipped);

/* What was counted: passed, failed, skipped. */
enum { CHECK_OUTCOMES = 3 };
void check_counts(unsigned out_counts[CHECK_OUTCOMES]);

/* The line PVLAB END. */
void check_end(void);

/* Busy, with interrupts as they are, until now_ns() is 'at_ns'. */
void check_spin_until(uint64_t at_ns);

/*
 * The same at rest, if deadlines work, so that a machine that is shared can do
 * something else meanwhile. Context: interrupts off; leaves them off.
 */
void check_sleep_until(uint64_t at_ns);
extern bool check_deadlines_work;

/* What the checks are about; each is a file of this folder. */
extern const struct check check_poison, check_order_early, check_order_late;
extern const struct check check_irq_flag, check_irq_held;
extern const struct check check_deadline, check_deadline_cancel, check_tick;
extern const struct check check_clock_monotonic, check_clock_agrees, check_wall;
extern const struct check check_page, check_null_page, check_text_read_only;
#if PVOPS_DEBUG_MMU
extern const struct check check_table_read_only;
#endif
extern const struct check check_heap, check_exceptions;
extern const struct check check_free_pages, check_lower_half;
#ifdef __x86_64__
extern const struct check check_space_isolation, check_space_cow;
extern const struct check check_space_changes, check_space_memory;
#endif
extern const struct check check_sites, check_injected, check_same_results;
extern const struct check check_module;

/* same.c: try the ops and keep the results, before sealing. */
void same_remember(void);

#endif /* PVK_CHECKS_CHECK_H */
