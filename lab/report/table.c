/* SPDX-License-Identifier: MIT */
/*
 * The report for people.
 */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/args.h"
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
    KERNEL_MAX = 16,
    BACKEND_MAX = 10,
    /* Its own heading; long names then make the table wider than WIDTH. */
    HYPERVISOR_MIN = 10,
    INDENT = 4,
    /* A reason is a sentence; a guest's may be a book. */
    REASON_BYTES = 1000,
};

/* 0: no column, because no boot has anything to say there. */
struct widths {
    int platform;
    int kernel;
    int hypervisor;
    int backend;
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

/* The kernel has a column of its own. */
static char *platform_cell(const struct result *result, size_t limit)
{
    char *label = result->repeat
                      ? text_new("%s #%u", result->platform, result->repeat)
                      : text_new("%s", result->platform);
    char *cell = text_clean(label, TEXT_ASCII, limit);

    free(label);
    return cell;
}

static char *kernel_cell(const struct result *result)
{
    return text_clean(result->kernel ? result->kernel : "-", TEXT_ASCII,
                      KERNEL_MAX);
}

static char *backend_cell(const struct result *result)
{
    return text_clean(result->backend ? result->backend : "-", TEXT_ASCII,
                      BACKEND_MAX);
}

static char *hypervisor_cell(const struct result *result, size_t limit)
{
    return text_clean(result->hypervisor ? result->hypervisor : "-", TEXT_ASCII,
                      limit);
}

/* Grow the column to 'cell', and free that. */
static void fit(int *width, char *cell)
{
    if ((int)strlen(cell) > *width)
        *width = (int)strlen(cell);
    free(cell);
}

static struct widths measure(const struct report *report)
{
    struct widths widths = { .platform = (int)strlen("PLATFORM"),
                             .hypervisor = (int)strlen("HYPERVISOR") };
    int left = NAMES_WIDTH;

    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];

        fit(&widths.platform, platform_cell(result, PLATFORM_MAX));
        fit(&widths.hypervisor, hypervisor_cell(result, NAMES_WIDTH));
        if (result->kernel) {
            fit(&widths.kernel, text_new("KERNEL"));
            fit(&widths.kernel, kernel_cell(result));
        }
        if (result->backend) {
            fit(&widths.backend, text_new("BACKEND"));
            fit(&widths.backend, backend_cell(result));
        }
    }
    left -= widths.platform;
    left -= widths.kernel ? GAP + widths.kernel : 0;
    left -= widths.backend ? GAP + widths.backend : 0;
    if (left < HYPERVISOR_MIN)
        left = HYPERVISOR_MIN;
    if (widths.hypervisor > left)
        widths.hypervisor = left;
    return widths;
}

/* A cell and the gap behind it; nothing, and 'cell' freed, without a column. */
static void put_cell(FILE *out, int width, char *cell)
{
    if (width)
        fprintf(out, "%-*s%*s", width, cell, GAP, "");
    free(cell);
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
    put_cell(out, widths->platform, platform_cell(result, PLATFORM_MAX));
    put_cell(out, widths->kernel, kernel_cell(result));
    put_cell(out, widths->hypervisor,
             hypervisor_cell(result, (size_t)widths->hypervisor));
    put_cell(out, widths->backend, backend_cell(result));
    put_verdict(out, result->verdict, VERDICT_WIDTH, colour);
    put_seconds(out, result->setup_seconds, result->setup_seconds > 0);
    put_seconds(out, result->seconds, result->log || result->seconds > 0);
    fputc('\n', out);
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
    char *label = part_label(result);
    char *platform = text_clean(label, TEXT_ASCII, 0);
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
    free(label);
    free(platform);
    free(reason);
}

static bool same_text(const char *one, const char *other)
{
    return one && other ? !strcmp(one, other) : one == other;
}

/* The column's word; without one, the name of the only kernel's file. */
static char *image_name(const struct report *report, const struct result *first)
{
    const char *path = report->kernel_path ? report->kernel_path : "kernel";
    const char *slash = strrchr(path, '/');

    if (first->kernel)
        return kernel_cell(first);
    return text_clean(slash ? slash + 1 : path, TEXT_ASCII, KERNEL_MAX);
}

/* "kvm, vmware #2": the boots whose image was another than that of 'first'. */
static char *other_images(const struct report *report,
                          const struct result *first)
{
    char *list = text_new("%s", "");

    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *result = &report->results[i];
        char *cell, *longer;

        if (!result->image || !same_text(first->kernel, result->kernel) ||
            !strcmp(first->image, result->image))
            continue;
        cell = platform_cell(result, PLATFORM_MAX);
        longer = text_new("%s%s%s", list, list[0] ? ", " : "", cell);
        free(cell);
        free(list);
        list = longer;
    }
    return list;
}

static void put_image(FILE *out, const struct report *report,
                      const struct result *first, size_t boots)
{
    char *name = image_name(report, first);
    char *others = other_images(report, first);

    if (others[0]) {
        char *platform = platform_cell(first, PLATFORM_MAX);
        char *text = text_new("%s: NOT the same image in all %zu boots: other "
                              "than on %s on %s",
                              name, boots, platform, others);

        put_wrapped(out, text, 0);
        free(platform);
        free(text);
    } else {
        fprintf(out, "%s: the same image in all %zu boots, SHA-256 %.16s\n",
                name, boots, first->image);
    }
    free(name);
    free(others);
}

/*
 * Of each kernel that was booted more than once: whether it was the same image
 * each time.
 */
static void put_images(FILE *out, const struct report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        const struct result *first = &report->results[i];
        size_t boots = 0, before = 0;

        for (size_t k = 0; first->image && k < report->result_count; k++) {
            const struct result *result = &report->results[k];

            if (!result->image || !same_text(first->kernel, result->kernel))
                continue;
            before += k < i;
            boots++;
        }
        if (!before && boots > 1)
            put_image(out, report, first, boots);
    }
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

    fputs(colour ? "\033[1m" : "", out);
    put_cell(out, widths.platform, text_new("PLATFORM"));
    put_cell(out, widths.kernel, text_new("KERNEL"));
    put_cell(out, widths.hypervisor, text_new("HYPERVISOR"));
    put_cell(out, widths.backend, text_new("BACKEND"));
    fprintf(out, "%-*s%*s%*s%*s%*s%s\n", VERDICT_WIDTH, "VERDICT", GAP, "",
            SECONDS_WIDTH, "SETUP s", GAP, "", SECONDS_WIDTH, "BOOT s",
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
    if (widths.kernel || widths.backend)
        put_images(out, report);
    put_summary(out, report, seconds);
}
