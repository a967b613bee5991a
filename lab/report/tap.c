/* SPDX-License-Identifier: MIT */
/*
 * Test Anything Protocol.
 *
 * Source: testanything.org, "TAP specification", version 13.
 */
#include "report/report.h"

#include <stdlib.h>

#include "report/parts.h"
#include "report/text.h"

enum { TEXT_BYTES = 1000 };

static char *tap(const char *text)
{
    return text_clean(text, TEXT_TAP, TEXT_BYTES);
}

/*
 * What follows '#' is a directive if it begins with SKIP or TODO, and a TODO
 * would make a failure count as none: the verdict goes before a reason that a
 * guest may have worded.
 */
static void put_point(FILE *out, const struct result *result, size_t number)
{
    char *platform = tap(result->platform), *reason = tap(part_reason(result));
    bool ok =
        result->verdict == VERDICT_PASS || result->verdict == VERDICT_SKIP;

    fprintf(out, "%sok %zu - %s", ok ? "" : "not ", number, platform);
    if (result->kernel) {
        char *kernel = tap(result->kernel);

        fprintf(out, ", %s", kernel);
        free(kernel);
    }
    if (result->repeat)
        fprintf(out, ", run %u", result->repeat);
    if (result->verdict == VERDICT_SKIP)
        fprintf(out, " # SKIP %s", reason);
    else if (!ok)
        fprintf(out, " # %s: %s", verdict_name(result->verdict), reason);
    fputc('\n', out);
    free(platform);
    free(reason);
}

static void put_check(FILE *out, const struct check *check)
{
    char *name = tap(check->name);

    fprintf(out, "# %s %s", verdict_name(check->verdict), name);
    if (check->reason) {
        char *reason = tap(check->reason);

        fprintf(out, ": %s", reason);
        free(reason);
    }
    fputc('\n', out);
    free(name);
}

void report_tap(FILE *out, const struct report *report)
{
    fprintf(out, "TAP version 13\n1..%zu\n", report->result_count);
    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];

        put_point(out, result, i + 1);
        for (size_t j = 0; j < result->check_count; j++) {
            if (result->checks[j].verdict != VERDICT_PASS)
                put_check(out, &result->checks[j]);
        }
        if (result->verdict != VERDICT_PASS && result->log) {
            char *log = text_clean(result->log, TEXT_TERMINAL, 0);

            fprintf(out, "# log: %s\n", log);
            free(log);
        }
    }
}
