/* SPDX-License-Identifier: MIT */
/*
 * Whether a call that flushes a TLB does: a translation that the CPU has used
 * is made out of date, then the call, then a read through it.
 */
#include "report/report.h"

void report_stale_begin(struct report_stale *stale, unsigned cpu)
{
    stale->cpu = cpu;
    stale->page = machine_stale(cpu);
    stale->kept = stale->page && !machine_is_fresh(cpu);
}

void report_stale_judge(struct report_try *try,
                        const struct report_stale *stale, const char *what)
{
    if (!stale->page)
        try_untried(try, "%s; no page is free to see a flush by", what);
    else if (!machine_is_fresh(stale->cpu))
        try_wrong(try, "%s, and the old translation is used", what);
    else if (stale->kept)
        try_right(try, "%s, and the old translation is gone", what);
    else
        try_right(try, "%s; the old translation was gone before", what);
}
