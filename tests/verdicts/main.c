/* SPDX-License-Identifier: MIT */
/*
 * verdicts: every guest of tests/guest on every platform that can boot it
 * gets the verdict that tests/guest/README.md promises.
 *
 *   verdicts GUESTS LOGS [all|PLATFORM...]     TAP on stdout
 *
 * Without PLATFORM: all; but only the guests that end each in their own way
 * (brief), and those that are about that platform, on shapes, in an HVM domain,
 * on hyperv and vmware, which are kvm with another CPU, and on xen_pvh and
 * xen_domu_pvh, which pvlab watches as it does xen_pv and xen_domu_pv. Under
 * Xen one guest that hangs stands for all that do. "all" is every one in full.
 *
 * pvlab's own lanes run them, so that one outer system serves all guests.
 *
 * Tried: console_feed() counting a PASS line behind other text, an END line
 * without its newline, judge_protocol() without the counts' comparison, and
 * ENDING_RESET taken for a power-off each fail here.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/dirs.h"
#include "base/stop.h"
#include "command/lanes.h"
#include "platform/cache.h"
#include "platform/needs.h"
#include "platform/platform.h"
#include "report/progress.h"

/* What brings the verdict. */
enum end {
    ENDS,     /* the guest's own end */
    HANGS,    /* its silence */
    TIMES_OUT /* the time-out: it is never silent, or this is tried */
};

struct row {
    const char *guest;
    enum verdict verdict;
    const char *reason; /* has to be in the reason; NULL: no matter */
    enum end end;
    const char *platform; /* only there; NULL: wherever no such row is */
};

/* clang-format off */
static const struct row rows[] = {
    { "pass",                VERDICT_PASS,  NULL, ENDS, NULL },
    { "fail",                VERDICT_FAIL,  NULL, ENDS, NULL },
    { "skip",                VERDICT_SKIP,  NULL, ENDS, NULL },
    { "error",               VERDICT_ERROR, NULL, ENDS, NULL },
    { "wrong-end",           VERDICT_ERROR, "END says", ENDS, NULL },
    { "after-end",           VERDICT_ERROR, "after the PVLAB END", ENDS, NULL },
    { "no-check",            VERDICT_ERROR, "without a single check", ENDS, NULL },
    { "two-words",           VERDICT_PASS,  NULL, ENDS, NULL },
    { "end-hang",            VERDICT_PASS,  NULL, ENDS, NULL },
    { "memory",              VERDICT_PASS,  NULL, ENDS, NULL },
    { "big",                 VERDICT_PASS,  NULL, ENDS, NULL },
    { "clock",               VERDICT_PASS,  NULL, ENDS, NULL },
    /* Where a ROM is, tests/cli/rom-i386.bats has it pass. */
    { "vmi-rom",             VERDICT_SKIP,  NULL, ENDS, NULL },
    /* A driver that shares what a domain has once with the library. */
    { "hyperv-driver-first", VERDICT_SKIP,  NULL, ENDS, NULL },
    { "hyperv-driver-first", VERDICT_PASS,  NULL, ENDS, "hyperv" },
    { "hyperv-driver-later", VERDICT_SKIP,  NULL, ENDS, NULL },
    { "hyperv-driver-later", VERDICT_PASS,  NULL, ENDS, "hyperv" },
    { "xen-driver-first",    VERDICT_SKIP,  NULL, ENDS, NULL },
    { "xen-driver-first",    VERDICT_PASS,  NULL, ENDS, "xen_pvh" },
    { "xen-driver-first",    VERDICT_PASS,  NULL, ENDS, "xen_domu_pvh" },
    { "xen-driver-first",    VERDICT_PASS,  NULL, ENDS, "xen_hvm" },
    { "xen-driver-later",    VERDICT_SKIP,  NULL, ENDS, NULL },
    { "xen-driver-later",    VERDICT_PASS,  NULL, ENDS, "xen_pvh" },
    { "xen-driver-later",    VERDICT_PASS,  NULL, ENDS, "xen_domu_pvh" },
    { "xen-driver-later",    VERDICT_PASS,  NULL, ENDS, "xen_hvm" },
    { "dom0",                VERDICT_SKIP,  NULL, ENDS, NULL },
    { "dom0",                VERDICT_PASS,  NULL, ENDS, "xen_pv" },
    { "dom0",                VERDICT_PASS,  NULL, ENDS, "shim" },
    { "dom0",                VERDICT_PASS,  NULL, ENDS, "shim~kvm" },
    { "pv-rules",            VERDICT_SKIP,  NULL, ENDS, NULL },
    { "pv-rules",            VERDICT_PASS,  NULL, ENDS, "xen_pv" },
    { "pv-rules",            VERDICT_PASS,  NULL, ENDS, "shim" },
    { "pv-rules",            VERDICT_PASS,  NULL, ENDS, "shim~kvm" },
    { "poweroff",            VERDICT_CRASH, "printed nothing", ENDS, NULL },
    /* The shim says that it is there. */
    { "poweroff",            VERDICT_CRASH, "before its PVLAB END line", ENDS, "shim" },
    { "poweroff",            VERDICT_CRASH, "before its PVLAB END line", ENDS, "shim~kvm" },
    { "reboot",              VERDICT_CRASH, "before its PVLAB END line", ENDS, NULL },
    { "triple-fault",        VERDICT_CRASH, "before its PVLAB END line", ENDS, NULL },
    { "triple-fault",        VERDICT_CRASH, "triple fault before", ENDS, "native" },
    { "pass-then-crash",     VERDICT_CRASH, "before its PVLAB END line", ENDS, NULL },
    { "half-end",            VERDICT_CRASH, "before its PVLAB END line", ENDS, NULL },
    { "full-end-no-newline", VERDICT_CRASH, "before its PVLAB END line", ENDS, NULL },
    { "flood",               VERDICT_CRASH, "before its PVLAB END line", TIMES_OUT, NULL },
    { "flood-no-newline",    VERDICT_CRASH, "before its PVLAB END line", TIMES_OUT, NULL },
    { "hang",                VERDICT_CRASH, "before its PVLAB END line", HANGS, NULL },
    { "hang-spin",           VERDICT_CRASH, "still running", TIMES_OUT, NULL },
    { "half-end-hang",       VERDICT_CRASH, "before its PVLAB END line", HANGS, NULL },
    /* The calibration loop at port 61h: absent there, or Xen's. */
    { "port61",              VERDICT_PASS,  NULL, ENDS, NULL },
    { "port61",              VERDICT_CRASH, "calibrating", HANGS, "hyperv" },
    { "port61",              VERDICT_CRASH, "calibrating", HANGS, "hyperv~gen2" },
    { "port61",              VERDICT_CRASH, "calibrating", HANGS, "kvm~microvm" },
    { "port61",              VERDICT_CRASH, "calibrating", HANGS, "xen_pvh" },
    { "port61",              VERDICT_CRASH, "calibrating", HANGS, "xen_domu_pvh" },
    { "port61",              VERDICT_SKIP,  NULL, ENDS, "xen_pv" },
    { "port61",              VERDICT_SKIP,  NULL, ENDS, "xen_domu_pv" },
    { "port61",              VERDICT_SKIP,  NULL, ENDS, "shim" },
    { "port61",              VERDICT_SKIP,  NULL, ENDS, "shim~kvm" },
};
/* clang-format on */

enum { ROWS = sizeof(rows) / sizeof(rows[0]), MAX_TESTS = 1024 };

/* Does it take many seconds until a kernel runs? */
static bool is_slow(const struct platform *platform)
{
    return platform->uefi || platform->domain == DOMAIN_HVM;
}

/* After its first line a guest that is silent for that long hangs. */
enum { SILENCE_S = 4 };

/* Seconds for a guest that will use them all. */
static unsigned timeout_s(const struct platform *platform)
{
    switch (platform->kind) {
    case PLATFORM_DIRECT:
        return 4;
    case PLATFORM_DOM0:
        return 15;
    case PLATFORM_NESTED:
        return platform->uefi ? 60 : 6;
    case PLATFORM_DOMU:
        return platform->domain == DOMAIN_HVM ? 30 : 10;
    }
    return 30;
}

struct test {
    const struct row *row;
    struct plan plan;
    struct lane_boot boot;
};

static struct test tests[MAX_TESTS];
static const char *names[MAX_TESTS];
static struct result results[MAX_TESTS];
static size_t test_count;

/*
 * A shape differs from its platform in devices, not in how an end is seen: the
 * last three, and what is promised of it alone. The last one alone by UEFI and
 * in an HVM domain, where a boot takes longest; that these pass is seen by
 * tests/pvk.
 */
static const char *const brief[] = { "hang", "half-end", "port61",
                                     "fail", "pass",     "triple-fault" };

static bool is_brief(const struct row *row, const struct platform *platform)
{
    size_t count = sizeof(brief) / sizeof(brief[0]);
    size_t first = 0;

    if (is_slow(platform))
        first = count - 1;
    else if (row->platform)
        return true;
    else if (strchr(platform->name, '~'))
        first = count - 3;
    for (size_t i = first; i < count; i++) {
        if (!strcmp(brief[i], row->guest))
            return true;
    }
    return false;
}

/* Under Xen one guest that hangs stands for all that do. */
static bool hangs_as_another(const struct row *row,
                             const struct platform *platform)
{
    return row->end != ENDS &&
           (platform->uefi || platform->domain != DOMAIN_NONE);
}

/* What a platform shows only in part, unless it is asked for. */
static bool is_like_another(const struct platform *platform)
{
    static const char *const like[] = { "hyperv", "vmware", "xen_pvh",
                                        "xen_domu_pvh" };

    for (size_t i = 0; i < sizeof(like) / sizeof(like[0]); i++) {
        if (!strcmp(platform->name, like[i]))
            return true;
    }
    return strchr(platform->name, '~') || platform->domain == DOMAIN_HVM;
}

static bool has_own_row(const char *guest, const char *platform)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].platform && !strcmp(rows[i].platform, platform) &&
            !strcmp(rows[i].guest, guest))
            return true;
    }
    return false;
}

static void add(const struct row *row, const struct platform *platform,
                const char *guests, const char *suffix, const char *logs)
{
    struct test *test = &tests[test_count];
    char *kernel = text_new("%s/%s%s.elf", guests, row->guest, suffix);
    struct boot_options options = {
        .kernel = kernel,
        .log_dir = logs,
        .timeout_s = row->end == TIMES_OUT ? timeout_s(platform) : 0,
    };

    if (test_count == MAX_TESTS)
        abort();
    test->row = row;
    plan_make(&test->plan, platform, NULL, &options, NULL,
              (unsigned)test_count);
    if (row->end == HANGS)
        test->plan.silence_s = SILENCE_S;
    test->boot.plan = &test->plan;
    test->boot.tag = text_new("%s%s-%s", row->guest, suffix, platform->name);
    test->boot.index = test_count;
    names[test_count++] = test->boot.tag;
}

static void add_platform(const struct platform *platform, const char *guests,
                         const char *logs, bool all)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];

        if (row->platform ? strcmp(row->platform, platform->name) != 0
                          : has_own_row(row->guest, platform->name))
            continue;
        if (!all && !is_brief(row, platform) &&
            (is_like_another(platform) || hangs_as_another(row, platform)))
            continue;
        add(row, platform, guests, "", logs);
        /* The 32-bit form enters by Multiboot1. */
        if (platform->kind == PLATFORM_DIRECT && !platform->shim &&
            row->end == ENDS)
            add(row, platform, guests, "-32", logs);
    }
}

static void make_lanes(struct lane *lanes, size_t *out_count)
{
    size_t count = 0;

    for (int kind = OUTER_COUNT - 1; kind >= 0; kind--) {
        size_t begun = SIZE_MAX;

        for (size_t i = 0; i < test_count; i++) {
            struct test *test = &tests[i];
            struct lane *lane;

            if (test->plan.outer != (enum outer_kind)kind)
                continue;
            if (kind == OUTER_NONE || begun == SIZE_MAX) {
                begun = count++;
                lanes[begun].outer = (enum outer_kind)kind;
                lanes[begun].boots = calloc(test_count, sizeof(test->boot));
            }
            lane = &lanes[begun];
            lane->boots[lane->count++] = test->boot;
        }
    }
    *out_count = count;
}

static bool as_promised(const struct row *row, const struct result *result)
{
    return result->verdict == row->verdict &&
           (!row->reason ||
            (result->reason && strstr(result->reason, row->reason)));
}

static unsigned show(void)
{
    unsigned failed = 0;

    printf("1..%zu\n", test_count);
    for (size_t i = 0; i < test_count; i++) {
        const struct row *row = tests[i].row;
        const struct result *result = &results[i];
        bool good = as_promised(row, result);

        printf("%sok %zu - %s: %s\n", good ? "" : "not ", i + 1, names[i],
               verdict_name(row->verdict));
        if (good)
            continue;
        failed++;
        printf("# got %s: %.400s\n# log: %s\n", verdict_name(result->verdict),
               result->reason ? result->reason : "no reason",
               result->log ? result->log : "none");
    }
    return failed;
}

static void say(const char *text)
{
    fprintf(stderr, "verdicts: %s\n", text);
}

/* A platform that cannot be had here must not look like one that passed. */
static void fetch(const struct platform *platform)
{
    char why[WHY_BYTES];
    enum component component;

    while (needs_fetch(platform, false, &component)) {
        if (!cache_need(component, say, why)) {
            say(why);
            break;
        }
    }
}

/* Two at least: while one waits, another computes. */
static unsigned jobs(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 2                ? 2
           : count > LANES_MAX_JOBS ? LANES_MAX_JOBS
                                    : (unsigned)count;
}

int main(int argc, char **argv)
{
    static struct lane lanes[MAX_TESTS];
    struct progress *progress;
    char why[WHY_BYTES];
    size_t lane_count;
    unsigned failed;

    if (argc < 3) {
        fprintf(stderr, "usage: verdicts GUESTS LOGS [all|PLATFORM...]\n");
        return EXIT_USAGE;
    }
    stop_setup();
    if (!dirs_temp(why) || !dirs_logs(argv[2], why)) {
        say(why);
        return VERDICT_ERROR;
    }
    for (size_t i = 0; i < platform_count; i++) {
        bool chosen = argc == 3;

        for (int a = 3; a < argc; a++)
            chosen = chosen || !strcmp(argv[a], platforms[i].name) ||
                     !strcmp(argv[a], "all");
        /* Native with a ROM that no guest of these looks for. */
        if (!chosen || platforms[i].rom)
            continue;
        fetch(&platforms[i]);
        add_platform(&platforms[i], argv[1], argv[2], argc > 3);
    }
    make_lanes(lanes, &lane_count);
    progress = progress_new(names, test_count);
    lanes_run(lanes, lane_count, jobs(), progress, results);
    progress_free(progress);
    failed = show();
    dirs_remove_temp();
    return failed ? VERDICT_FAIL : VERDICT_PASS;
}
