/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a boot: what its console said, against how it ended.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "boot/console.h"

/* What happened, as the beginning of a sentence. */
static char *ending_text(enum ending ending, unsigned seconds)
{
    switch (ending) {
    case ENDING_SETTLED:
        break;
    case ENDING_POWEROFF:
        return text_new("powered off");
    case ENDING_RESET:
        return text_new("reset itself (reboot or triple fault)");
    case ENDING_FAULT:
        return text_new("triple fault");
    case ENDING_PANIC:
        return text_new("crashed, as the hypervisor reports");
    case ENDING_HALTED:
        return text_new("suspended itself");
    case ENDING_TIMEOUT:
        return text_new("still running after %u s", seconds);
    case ENDING_SILENT:
        return text_new("still running, silent for %u s", seconds);
    case ENDING_LOG_LIMIT:
        return text_new("console output passed its limit");
    case ENDING_LOST:
        return text_new("the machine monitor ended");
    }
    return text_new("ended");
}

/*
 * Whether the unfinished line would match if it were complete: "login: $" is
 * a mistake that is easily made.
 */
static bool lacks_newline(const struct console *console)
{
    int flags = console->continued ? REG_NOTBOL : 0;

    return console->expect && !console->overlong &&
           regexec(console->expect, console->line, 0, NULL, flags) == 0;
}

/* The last thing the guest said, as the end of a sentence. */
static char *last_text(const struct console *console)
{
    const char *line = console_unfinished(console);

    if (line)
        return text_new("; unfinished last line \"%.100s\"%s", line,
                        lacks_newline(console) ? ", which matches only if a "
                                                 "newline follows"
                                               : "");
    if (console->last[0])
        return text_new("; last line \"%.100s\"", console->last);
    return text_new("; it printed nothing");
}

static void say_crash(const struct console *console, enum ending ending,
                      unsigned seconds, const char *missing,
                      struct result *result)
{
    char *what = ending_text(ending, seconds);
    char *last = last_text(console);

    result->verdict = VERDICT_CRASH;
    result->reason = text_new("%s before %s%s", what, missing, last);
    free(what);
    free(last);
}

/* The first check that did not pass gives the reason. */
static char *first_of(const struct console *console, enum verdict verdict)
{
    for (size_t i = 0; i < console->check_count; i++) {
        const struct check *check = &console->checks[i];

        if (check->verdict != verdict)
            continue;
        return check->reason ? text_new("%s: %s", check->name, check->reason)
                             : text_new("%s", check->name);
    }
    return text_new("%s reported after the first %d checks, whose names alone "
                    "are kept",
                    verdict_name(verdict), CONSOLE_MAX_CHECKS);
}

static bool wall_is_wrong(const struct console *console)
{
    return console->wall_told && fabs(console->wall_ahead_s) > CONSOLE_WALL_S;
}

static void judge_lines(const struct console *console, struct result *result)
{
    if (!console->failed && wall_is_wrong(console)) {
        result->verdict = VERDICT_FAIL;
        result->reason =
            text_new("wall clock: the guest's is %.1f s %s this machine's",
                     fabs(console->wall_ahead_s),
                     console->wall_ahead_s > 0 ? "ahead of" : "behind");
        return;
    }
    if (console->failed)
        result->verdict = VERDICT_FAIL;
    else if (console->errors)
        result->verdict = VERDICT_ERROR;
    else if (console->skipped && !console->passed)
        result->verdict = VERDICT_SKIP;
    else
        result->verdict = VERDICT_PASS;
    if (result->verdict != VERDICT_PASS)
        result->reason = first_of(console, result->verdict);
}

static void say_error(struct result *result, char *reason)
{
    free(result->reason);
    result->verdict = VERDICT_ERROR;
    result->reason = reason;
}

/* The lines, and what END said of them. */
static void judge_end(const struct console *console, struct result *result)
{
    judge_lines(console, result);
    if (result->verdict == VERDICT_FAIL)
        return;
    if (console->spoke_after_end)
        say_error(result, text_new("PVLAB lines after the PVLAB END line"));
    else if (console->end_differs)
        say_error(
            result,
            text_new("END says passed=%u failed=%u skipped=%u, but the lines "
                     "before it came to passed=%u failed=%u skipped=%u",
                     console->end_passed, console->end_failed,
                     console->end_skipped, console->passed,
                     console->failed + console->errors, console->skipped));
}

static void judge_protocol(const struct console *console, enum ending ending,
                           unsigned seconds, struct result *result)
{
    if (!console->end_seen) {
        say_crash(console, ending, seconds, "its PVLAB END line", result);
        return;
    }
    judge_end(console, result);
    if (result->verdict == VERDICT_PASS && !console->passed)
        say_error(result, text_new("the guest ended without a single check"));
}

/*
 * A stranger's kernel: the expected text decides. If it speaks the protocol
 * as well, it is held to that.
 */
static void judge_expect(const struct console *console, enum ending ending,
                         unsigned seconds, struct result *result)
{
    if (console->expect_seen)
        judge_end(console, result);
    else if (console->expect_slow)
        say_error(result, text_new("looking for the expected text took more "
                                   "than %d s of processor time",
                                   CONSOLE_EXPECT_MS / 1000));
    else
        say_crash(console, ending, seconds, "the expected text", result);
}

void console_judge(struct console *console, enum ending ending,
                   unsigned seconds, struct result *result)
{
    free(result->reason);
    result->reason = NULL;
    console_finish(console);
    if (console->expect)
        judge_expect(console, ending, seconds, result);
    else
        judge_protocol(console, ending, seconds, result);

    result->passed = console->passed;
    result->failed = console->failed + console->errors;
    result->skipped = console->skipped;
    result->checks = console->checks;
    result->check_count = console->check_count;
    result->hypervisor = console->hypervisor;
    result->backend = console->backend;
    console->checks = NULL;
    console->check_count = 0;
    console->hypervisor = NULL;
    console->backend = NULL;
}
