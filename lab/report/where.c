/* SPDX-License-Identifier: MIT */
/*
 * Who executed the instructions between --from and --to.
 */
#include "report/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

enum { PLATFORM_MAX = 20, NUMBER_WIDTH = 11, NUMBER_BYTES = 32 };

static const struct {
    const char *name;
    size_t all, rep;
} classes[] = {
    { "user", offsetof(struct where_counts, user),
      offsetof(struct where_counts, rep_user) },
    { "kernel", offsetof(struct where_counts, kernel),
      offsetof(struct where_counts, rep_kernel) },
    { "hypervisor", offsetof(struct where_counts, hypervisor),
      offsetof(struct where_counts, rep_hypervisor) },
};

enum { CLASS_COUNT = sizeof(classes) / sizeof(classes[0]) };

/* Exact up to the column's width; JSON has every digit. */
static const char *number(uint64_t value, char text[NUMBER_BYTES])
{
    if (value < UINT64_C(100000000000))
        snprintf(text, NUMBER_BYTES, "%" PRIu64, value);
    else
        snprintf(text, NUMBER_BYTES, "%.4e", (double)value);
    return text;
}

static void put_result(FILE *out, const struct result *result, int width)
{
    char *label = part_label(result);
    char *platform = text_clean(label, TEXT_ASCII, PLATFORM_MAX);

    for (size_t i = 0; i < CLASS_COUNT; i++) {
        struct where_summary all = part_where(result, classes[i].all);
        struct where_summary rep = part_where(result, classes[i].rep);
        char least[NUMBER_BYTES], median[NUMBER_BYTES], reps[NUMBER_BYTES];

        fprintf(out, "%-*s  %-11s%7zu  %*s  %*s  %*s\n", width,
                i ? "" : platform, classes[i].name, result->where_count,
                NUMBER_WIDTH, number(all.least, least), NUMBER_WIDTH,
                number(all.median, median), NUMBER_WIDTH,
                number(rep.median, reps));
    }
    free(platform);
    free(label);
}

void part_where_table(FILE *out, const struct report *report)
{
    int width = (int)strlen("PLATFORM");
    bool any = false;

    for (size_t i = 0; i < report->result_count; i++) {
        char *label;

        if (!report->results[i].where_count)
            continue;
        any = true;
        label = part_label(&report->results[i]);
        if ((int)strlen(label) > width)
            width = (int)strlen(label);
        free(label);
    }
    if (!any)
        return;
    if (width > PLATFORM_MAX)
        width = PLATFORM_MAX;
    fprintf(out,
            "Instructions executed; REP: iterations among them, median.\n");
    fprintf(out, "%-*s  %-11s%7s  %*s  %*s  %*s\n", width, "PLATFORM", "BY",
            "N", NUMBER_WIDTH, "MIN", NUMBER_WIDTH, "MEDIAN", NUMBER_WIDTH,
            "REP");
    for (size_t i = 0; i < report->result_count; i++) {
        if (report->results[i].where_count)
            put_result(out, &report->results[i], width);
    }
    fputc('\n', out);
}
