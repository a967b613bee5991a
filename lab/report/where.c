/* SPDX-License-Identifier: MIT */
/*
 * Instructions: of whole runs, and by whom between --from and --to.
 */
#include "report/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

enum {
    INDENT = 2,
    PLATFORM_MAX = 14,
    NUMBER_WIDTH = 11,
    CALLS_WIDTH = 6,
    NUMBER_BYTES = 32,
    /* Two of them and " .. " fit 80 columns. */
    PLACE_MAX = 38,
};

static const struct {
    const char *name;
    size_t all, rep, calls;
} classes[] = {
    { "user", offsetof(struct where_counts, user),
      offsetof(struct where_counts, rep_user),
      offsetof(struct where_counts, calls_user) },
    { "kernel", offsetof(struct where_counts, kernel),
      offsetof(struct where_counts, rep_kernel),
      offsetof(struct where_counts, calls_kernel) },
    { "hypervisor", offsetof(struct where_counts, hypervisor),
      offsetof(struct where_counts, rep_hypervisor),
      offsetof(struct where_counts, calls_hypervisor) },
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

static char *platform_cell(const struct result *result)
{
    char *label = part_label(result);
    char *cell = text_clean(label, TEXT_ASCII, PLATFORM_MAX);

    free(label);
    return cell;
}

static void put_samples(FILE *out, const struct result *result,
                        const struct where_samples *samples, int width)
{
    char *platform = platform_cell(result);

    if (!samples->count)
        fprintf(out, "%*s%-*s  never passed\n", INDENT, "", width, platform);
    for (size_t i = 0; samples->count && i < CLASS_COUNT; i++) {
        struct where_summary all = part_where(samples, classes[i].all);
        struct where_summary rep = part_where(samples, classes[i].rep);
        struct where_summary calls = part_where(samples, classes[i].calls);
        char least[NUMBER_BYTES], median[NUMBER_BYTES], reps[NUMBER_BYTES];
        char called[NUMBER_BYTES];

        fprintf(out, "%*s%-*s  %-11s%7zu  %*s  %*s  %*s  %*s\n", INDENT, "",
                width, i ? "" : platform, classes[i].name, samples->count,
                NUMBER_WIDTH, number(all.least, least), NUMBER_WIDTH,
                number(all.median, median), NUMBER_WIDTH,
                number(rep.median, reps), CALLS_WIDTH,
                number(calls.median, called));
    }
    free(platform);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool same_pair(const struct where_samples *a,
                      const struct where_samples *b)
{
    return same_text(a->from, b->from) && same_text(a->to, b->to);
}

/* Is the pair of entry 'which' of result 'index' one that came before? */
static bool was_shown(const struct report *report, size_t index, size_t which)
{
    const struct where_samples *pair = &report->results[index].where[which];

    for (size_t i = 0; i <= index; i++) {
        const struct result *result = &report->results[i];
        size_t count = i < index ? result->where_count : which;

        for (size_t n = 0; n < count; n++) {
            if (same_pair(&result->where[n], pair))
                return true;
        }
    }
    return false;
}

/* One pair on all platforms: what is compared stands together. */
static void put_pair(FILE *out, const struct report *report,
                     const struct where_samples *pair, int width)
{
    if (pair->from) {
        char *from = text_clean(pair->from, TEXT_ASCII, PLACE_MAX);
        char *to = text_clean(pair->to, TEXT_ASCII, PLACE_MAX);

        fprintf(out, "\n%s .. %s\n", from, to);
        free(from);
        free(to);
    } else {
        fputs("\nthe whole run\n", out);
    }
    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];

        for (size_t n = 0; n < result->where_count; n++) {
            if (same_pair(&result->where[n], pair))
                put_samples(out, result, &result->where[n], width);
        }
    }
}

static void put_pairs(FILE *out, const struct report *report, int width)
{
    fputs("Instructions executed; among them, median: REP iterations, and CALLS"
          "\nof who is below.\n",
          out);
    fprintf(out, "%*s%-*s  %-11s%7s  %*s  %*s  %*s  %*s\n", INDENT, "", width,
            "PLATFORM", "BY", "N", NUMBER_WIDTH, "MIN", NUMBER_WIDTH, "MEDIAN",
            NUMBER_WIDTH, "REP", CALLS_WIDTH, "CALLS");
    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];

        for (size_t n = 0; n < result->where_count; n++) {
            if (!was_shown(report, i, n))
                put_pair(out, report, &result->where[n], width);
        }
    }
    fputc('\n', out);
}

static void put_totals(FILE *out, const struct report *report, int width)
{
    fputs("Instructions of the whole run, whoever executed them.\n", out);
    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];
        char *platform;

        if (!result->instructions)
            continue;
        platform = platform_cell(result);
        fprintf(out, "%*s%-*s  %20" PRIu64 "\n", INDENT, "", width, platform,
                result->instructions);
        free(platform);
    }
    fputc('\n', out);
}

void part_where_table(FILE *out, const struct report *report)
{
    int width = (int)strlen("PLATFORM");
    bool pairs = false, totals = false;

    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];
        char *platform;

        if (!result->where_count && !result->instructions)
            continue;
        pairs = pairs || result->where_count;
        totals = totals || result->instructions;
        platform = platform_cell(result);
        if ((int)strlen(platform) > width)
            width = (int)strlen(platform);
        free(platform);
    }
    if (totals)
        put_totals(out, report, width);
    if (pairs)
        put_pairs(out, report, width);
}
