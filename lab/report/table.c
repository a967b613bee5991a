/* SPDX-License-Identifier: MIT */
/*
 * The report for people.
 */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "report/parts.h"
#include "report/text.h"

enum {
    WIDTH = 80,
    GAP = 2,
    VERDICT_WIDTH = 7,
    SECONDS_WIDTH = 8,
    /* What is left to platform and hypervisor. */
    NAMES_WIDTH = WIDTH - VERDICT_WIDTH - 2 * SECONDS_WIDTH - 4 * GAP,
    PLATFORM_MAX = 28,
    INDENT = 4,
    /* A reason is a sentence; a guest's may be a book. */
    REASON_BYTES = 1000,
};

struct widths {
    int platform;
    int hypervisor;
};

static const char *colour_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return "\033[32m";
    case VERDICT_SKIP:
        return "\033[33m";
    case VERDICT_ERROR:
        return "\033[35m";
    case VERDICT_FAIL:
        return "\033[31m";
    case VERDICT_CRASH:
        return "\033[1;31m";
    }
    return "";
}

/* Padded outside the colour, so that columns stay. */
static void put_verdict(FILE *out, enum verdict verdict, int width, bool colour)
{
    const char *name = verdict_name(verdict);
    int rest = width - (int)strlen(name);

    fprintf(out, "%s%s%s%*s", colour ? colour_of(verdict) : "", name,
            colour ? "\033[0m" : "", rest > 0 ? rest : 0, "");
}

static char *platform_cell(const struct result *result, size_t limit)
{
    char *label = part_label(result);
    char *cell = text_clean(label, TEXT_ASCII, limit);

    free(label);
    return cell;
}

static char *hypervisor_cell(const struct result *result, size_t limit)
{
    return text_clean(result->hypervisor ? result->hypervisor : "-", TEXT_ASCII,
                      limit);
}

static struct widths measure(const struct report *report)
{
    struct widths widths = { (int)strlen("PLATFORM"),
                             (int)strlen("HYPERVISOR") };

    for (size_t i = 0; i < report->result_count; i++) {
        char *platform = platform_cell(&report->results[i], PLATFORM_MAX);
        char *hypervisor = hypervisor_cell(&report->results[i], NAMES_WIDTH);

        if ((int)strlen(platform) > widths.platform)
            widths.platform = (int)strlen(platform);
        if ((int)strlen(hypervisor) > widths.hypervisor)
            widths.hypervisor = (int)strlen(hypervisor);
        free(platform);
        free(hypervisor);
    }
    if (widths.hypervisor > NAMES_WIDTH - widths.platform)
        widths.hypervisor = NAMES_WIDTH - widths.platform;
    return widths;
}

static void put_seconds(FILE *out, double seconds, bool known)
{
    if (known)
        fprintf(out, "%*s%*.1f", GAP, "", SECONDS_WIDTH, seconds);
    else
        fprintf(out, "%*s%*s", GAP, "", SECONDS_WIDTH, "-");
}

static void put_row(FILE *out, const struct result *result,
                    const struct widths *widths, bool colour)
{
    char *platform = platform_cell(result, PLATFORM_MAX);
    char *hypervisor = hypervisor_cell(result, (size_t)widths->hypervisor);

    fprintf(out, "%-*s%*s%-*s%*s", widths->platform, platform, GAP, "",
            widths->hypervisor, hypervisor, GAP, "");
    put_verdict(out, result->verdict, VERDICT_WIDTH, colour);
    put_seconds(out, result->setup_seconds, result->setup_seconds > 0);
    put_seconds(out, result->seconds, result->log || result->seconds > 0);
    fputc('\n', out);
    free(platform);
    free(hypervisor);
}

/* Words from column 'at' on, broken between them, never within one. */
static void put_wrapped(FILE *out, const char *text, size_t at)
{
    bool first = true;

    while (*text) {
        size_t word;

        text += strspn(text, " ");
        word = strcspn(text, " ");
        if (!word)
            break;
        if (!first && at + 1 + word > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            at = INDENT;
            first = true;
        }
        if (!first)
            at += (size_t)fprintf(out, " ");
        fprintf(out, "%.*s", (int)word, text);
        at += word;
        text += word;
        first = false;
    }
    fputc('\n', out);
}

static void put_why(FILE *out, const struct result *result, bool colour)
{
    char *platform = platform_cell(result, 0);
    char *reason = text_clean(part_reason(result), TEXT_TERMINAL, REASON_BYTES);

    put_verdict(out, result->verdict, 0, colour);
    fprintf(out, " %s: ", platform);
    put_wrapped(out, reason,
                strlen(verdict_name(result->verdict)) + strlen(platform) + 3);
    if (result->log) {
        char *log = text_clean(result->log, TEXT_TERMINAL, 0);

        fprintf(out, "%*slog: %s\n", INDENT, "", log);
        free(log);
    }
    free(platform);
    free(reason);
}

static size_t count_of(const struct report *report, enum verdict verdict)
{
    size_t count = 0;

    for (size_t i = 0; i < report->result_count; i++)
        count += report->results[i].verdict == verdict;
    return count;
}

static void put_summary(FILE *out, const struct report *report, double seconds)
{
    static const struct {
        enum verdict verdict;
        const char *one, *more;
    } words[] = {
        { VERDICT_PASS, "passed", "passed" },
        { VERDICT_FAIL, "failed", "failed" },
        { VERDICT_CRASH, "crashed", "crashed" },
        { VERDICT_ERROR, "error", "errors" },
        { VERDICT_SKIP, "skipped", "skipped" },
    };
    const char *comma = "";

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t count = count_of(report, words[i].verdict);

        if (!count)
            continue;
        fprintf(out, "%s%zu %s", comma, count,
                count == 1 ? words[i].one : words[i].more);
        comma = ", ";
    }
    fprintf(out, "%s in %.1f s\n", *comma ? "" : "nothing ran", seconds);
}

void report_table(FILE *out, const struct report *report, double seconds,
                  bool colour)
{
    struct widths widths = measure(report);
    bool all_passed = true;

    fprintf(out, "%s%-*s%*s%-*s%*s%-*s%*s%*s%*s%*s%s\n",
            colour ? "\033[1m" : "", widths.platform, "PLATFORM", GAP, "",
            widths.hypervisor, "HYPERVISOR", GAP, "", VERDICT_WIDTH, "VERDICT",
            GAP, "", SECONDS_WIDTH, "SETUP s", GAP, "", SECONDS_WIDTH, "BOOT s",
            colour ? "\033[0m" : "");
    for (size_t i = 0; i < report->result_count; i++) {
        put_row(out, &report->results[i], &widths, colour);
        all_passed = all_passed && report->results[i].verdict == VERDICT_PASS;
    }
    fputc('\n', out);
    for (size_t i = 0; i < report->result_count; i++) {
        if (report->results[i].verdict != VERDICT_PASS)
            put_why(out, &report->results[i], colour);
    }
    if (!all_passed)
        fputc('\n', out);
    part_where_table(out, report);
    put_summary(out, report, seconds);
}
