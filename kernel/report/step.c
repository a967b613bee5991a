/* SPDX-License-Identifier: MIT */
/*
 * A counter beside the TSC: read at one time, and in step.
 */
#include "core/divide.h"
#include "report/report.h"

enum { TRIES = 32, READS = 1000, STEP_US = 20000, PPM_MOST = 1000, SLACK = 4 };

bool report_pair(report_read *read, uint64_t *out_value, uint64_t *out_tsc)
{
    uint64_t least = UINT64_MAX;

    *out_value = *out_tsc = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t before = machine_tsc(), value, took;

        if (!read(&value))
            return false;
        took = machine_tsc() - before;
        if (took >= least)
            continue;
        least = took;
        *out_tsc = before + took / 2;
        *out_value = value;
    }
    return true;
}

static bool never_back(struct report_try *try, report_read *read,
                       const char *name)
{
    uint64_t last = 0, value = 0;

    for (unsigned i = 0; i < READS; i++) {
        if (!read(&value)) {
            try_wrong(try, "%s cannot be read", name);
            return false;
        }
        if (value < last) {
            try_wrong(try, "%s steps back by %llu", name,
                      (unsigned long long)(last - value));
            return false;
        }
        last = value;
    }
    return true;
}

bool try_in_step(struct report_try *try, report_read *read, uint32_t hz,
                 const char *name)
{
    uint64_t first, first_tsc, last, last_tsc, want, off;
    uint32_t rest;

    if (!never_back(try, read, name))
        return false;
    if (!report_clock.tsc_hz)
        return true;
    first = last = first_tsc = last_tsc = 0;
    if (report_pair(read, &first, &first_tsc)) {
        report_spin(STEP_US);
        report_pair(read, &last, &last_tsc);
    }
    if (!last_tsc) {
        try_wrong(try, "%s cannot be read", name);
        return false;
    }
    /* Both factors of the product are small: 20 ms, or little more. */
    want = divide((last_tsc - first_tsc) * (hz / 1000),
                  (uint32_t)divide(report_clock.tsc_hz, 1000, &rest), &rest);
    off = last - first > want ? last - first - want : want - (last - first);
    if (off <= SLACK || report_ppm(last - first, want) <= PPM_MOST)
        return true;
    try_wrong(try, "%s goes on by %llu where the TSC says %llu", name,
              (unsigned long long)(last - first), (unsigned long long)want);
    return false;
}
