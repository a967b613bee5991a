/* SPDX-License-Identifier: MIT */
/*
 * Self-checks: run, reported, counted.
 */
#include "checks/check.h"

#include <pvops/config.h>
#include <pvops/time.h>

#include "arch/insn.h"
#include "core/deadline.h"
#include "core/idle.h"
#include "core/log.h"
#include "core/text.h"

enum outcome { PASSED, FAILED, SKIPPED };

bool check_deadlines_work;

static enum outcome outcome;
static char reason[160];
static unsigned counts[CHECK_OUTCOMES];

__attribute__((format(printf, 2, 0))) static void
settle(enum outcome what, const char *format, va_list args)
{
    if (outcome != PASSED)
        return;
    outcome = what;
    text_format(reason, sizeof(reason), format, args);
}

void check_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(FAILED, format, args);
    va_end(args);
}

void check_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(SKIPPED, format, args);
    va_end(args);
}

bool check_failed(void)
{
    return outcome == FAILED;
}

bool check_needs_sites(void)
{
#if PVOPS_FULL
    return false;
#else
    check_skip("PVOPS_FULL=0: there are no sites");
    return true;
#endif
}

void check_run(const struct check *check)
{
    static const char *const words[] = { "PASS", "FAIL", "SKIP" };

    outcome = PASSED;
    reason[0] = '\0';
    check->run();
    counts[outcome]++;
    log_plain("PVLAB %s %s%s%s", words[outcome], check->name,
              reason[0] ? " " : "", reason);
}

void check_count(unsigned passed, unsigned failed, unsigned skipped)
{
    counts[PASSED] += passed;
    counts[FAILED] += failed;
    counts[SKIPPED] += skipped;
}

void check_counts(unsigned out_counts[CHECK_OUTCOMES])
{
    for (unsigned i = 0; i < CHECK_OUTCOMES; i++)
        out_counts[i] = counts[i];
}

void check_end(void)
{
    log_plain("PVLAB END passed=%u failed=%u skipped=%u", counts[PASSED],
              counts[FAILED], counts[SKIPPED]);
}

static uint64_t wake(uint64_t at_ns)
{
    (void)at_ns;
    return 0;
}

void check_sleep_until(uint64_t at_ns)
{
    while (check_deadlines_work && pvops_time_now_ns() < at_ns) {
        deadline_set(at_ns, wake);
        idle_halt();
    }
    check_spin_until(at_ns);
}

void check_spin_until(uint64_t at_ns)
{
    while (pvops_time_now_ns() < at_ns)
        x86_pause();
}
