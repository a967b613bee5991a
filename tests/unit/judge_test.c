/* SPDX-License-Identifier: MIT */
/*
 * Verdicts: each with its exit status and reason, for each way to end, and
 * the same whether the console arrives at once or byte by byte.
 *
 * Damage tried, each seen by a row: console_finish() left out of
 * console_judge(); FAIL and ERROR swapped in judge_lines(); "&& !passed" of
 * SKIP left out; the "return" after FAIL left out of judge_end();
 * spoke_after_end, end_differs, expect_slow or "without a single check" never
 * looked at; expect_seen taken for granted; judge_expect() left at
 * judge_lines(); console->used in the place of console_unfinished(); two
 * endings swapped; lacks_newline() made false; "+ errors" left out of
 * result->failed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "boot/console.h"

#define END(p, f, s) "PVLAB END passed=" #p " failed=" #f " skipped=" #s "\n"
#define COUNT(rows)  (sizeof(rows) / sizeof((rows)[0]))

struct row {
    const char *text;
    const char *expect; /* NULL: none */
    enum ending ending;
    int status;
    const char *reason; /* NULL: none */
};

static void judge(const struct row *row, bool xen, size_t step,
                  struct result *result)
{
    static struct console console;
    const uint8_t *text = (const uint8_t *)row->text;
    size_t size = strlen(row->text);
    regex_t regex;

    if (row->expect)
        assert_int_equal(regcomp(&regex, row->expect, REG_EXTENDED | REG_NOSUB),
                         0);
    console_setup(&console, row->expect ? &regex : NULL, xen);
    for (size_t i = 0; i < size; i += step) {
        if (console_feed(&console, text + i,
                         size - i < step ? size - i : step) &&
            row->expect)
            break;
    }
    *result = (struct result){ .verdict = VERDICT_ERROR };
    console_judge(&console, row->ending, 30, result);
    console_teardown(&console);
    if (row->expect)
        regfree(&regex);
}

static void check_rows(const struct row *rows, size_t count, bool xen)
{
    for (size_t i = 0; i < 2 * count; i++) {
        const struct row *row = &rows[i / 2];
        struct result result;

        judge(row, xen, i % 2 ? 1 : strlen(row->text) + !*row->text, &result);
        if ((int)result.verdict != row->status ||
            !result.reason != !row->reason ||
            (row->reason && strcmp(result.reason, row->reason)))
            fail_msg("'%s': %s (%d): %s; not %d: %s", row->text,
                     verdict_name(result.verdict), result.verdict,
                     result.reason ? result.reason : "-", row->status,
                     row->reason ? row->reason : "-");
        result_release(&result);
    }
}

static void verdicts(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        { "PVLAB PASS a\n" END(1, 0, 0), NULL, ENDING_POWEROFF, 0, NULL },
        { "PVLAB PASS a\nPVLAB SKIP b\n" END(1, 0, 1), NULL, ENDING_POWEROFF, 0, NULL },
        { "PVLAB SKIP a no CPU\n" END(0, 0, 1), NULL, ENDING_POWEROFF, 3, "a: no CPU" },
        { "PVLAB SKIP a\nPVLAB SKIP b c\n" END(0, 0, 2), NULL, ENDING_POWEROFF, 3, "a" },
        { "PVLAB PASS a\nPVLAB ERROR b c\n" END(1, 1, 0), NULL, ENDING_POWEROFF, 4, "b: c" },
        { "PVLAB ERROR b c\nPVLAB FAIL d e\nPVLAB PASS a\n" END(1, 2, 0), NULL, ENDING_POWEROFF, 5, "d: e" },
        { "PVLAB SKIP a\nPVLAB ERROR b\n" END(0, 1, 1), NULL, ENDING_POWEROFF, 4, "b" },
        { "PVLAB SKIP a\nPVLAB FAIL b\n" END(0, 1, 1), NULL, ENDING_POWEROFF, 5, "b" },
        /* END, and what does not fit it. */
        { END(0, 0, 0), NULL, ENDING_POWEROFF, 4, "the guest ended without a single check" },
        { "PVLAB PASS a\n" END(2, 0, 0), NULL, ENDING_POWEROFF, 4,
          "END says passed=2 failed=0 skipped=0, but the lines before it came to passed=1 failed=0 skipped=0" },
        { "PVLAB ERROR a\n" END(0, 0, 0), NULL, ENDING_POWEROFF, 4,
          "END says passed=0 failed=0 skipped=0, but the lines before it came to passed=0 failed=1 skipped=0" },
        { "PVLAB SKIP a\n" END(0, 0, 0), NULL, ENDING_POWEROFF, 4,
          "END says passed=0 failed=0 skipped=0, but the lines before it came to passed=0 failed=0 skipped=1" },
        { "PVLAB FAIL a\n" END(0, 0, 0), NULL, ENDING_POWEROFF, 5, "a" },
        { "PVLAB PASS a\n" END(1, 0, 0) "PVLAB FAIL b\n", NULL, ENDING_POWEROFF, 4, "PVLAB lines after the PVLAB END line" },
        { "PVLAB PASS a\n" END(1, 0, 0) END(1, 0, 0), NULL, ENDING_POWEROFF, 4, "PVLAB lines after the PVLAB END line" },
        { "PVLAB FAIL a\n" END(0, 1, 0) "PVLAB FAIL b\n", NULL, ENDING_POWEROFF, 5, "a" },
        /* Without END nothing counts. */
        { "PVLAB PASS a\n", NULL, ENDING_POWEROFF, 6, "powered off before its PVLAB END line; last line \"PVLAB PASS a\"" },
        { "PVLAB FAIL a\n", NULL, ENDING_POWEROFF, 6, "powered off before its PVLAB END line; last line \"PVLAB FAIL a\"" },
        { "PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0", NULL, ENDING_POWEROFF, 6,
          "powered off before its PVLAB END line; unfinished last line \"PVLAB END passed=1 failed=0 skipped=0\"" },
        { "PVLAB PASS a\nfoo\r" END(1, 0, 0), NULL, ENDING_POWEROFF, 6,
          "powered off before its PVLAB END line; last line \"PVLAB END passed=1 failed=0 skipped=0\"" },
        { "foo\n \t", NULL, ENDING_POWEROFF, 6, "powered off before its PVLAB END line; last line \"foo\"" },
        { "", NULL, ENDING_POWEROFF, 6, "powered off before its PVLAB END line; it printed nothing" },
        /* clang-format on */
    };

    (void)state;
    check_rows(rows, COUNT(rows), false);
}

static void endings(void **state)
{
    static const struct {
        enum ending ending;
        const char *reason;
    } rows[] = {
        { ENDING_SETTLED, "ended" },
        { ENDING_POWEROFF, "powered off" },
        { ENDING_RESET, "reset itself (reboot or triple fault)" },
        { ENDING_FAULT, "triple fault" },
        { ENDING_PANIC, "crashed, as the hypervisor reports" },
        { ENDING_HALTED, "suspended itself" },
        { ENDING_TIMEOUT, "still running after 30 s" },
        { ENDING_LOG_LIMIT, "console output passed its limit" },
        { ENDING_LOST, "the machine monitor ended" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char protocol[200], expected[200];
        struct row tried[] = {
            { "foo\n", NULL, rows[i].ending, 6, protocol },
            { "foo\n", "bar", rows[i].ending, 6, expected },
            /* All was said: how it ends is of no account. */
            { "PVLAB PASS a\n" END(1, 0, 0), NULL, rows[i].ending, 0, NULL },
            { "bar", "bar", rows[i].ending, 0, NULL },
        };

        snprintf(protocol, sizeof(protocol),
                 "%s before its PVLAB END line; last line \"foo\"",
                 rows[i].reason);
        snprintf(expected, sizeof(expected),
                 "%s before the expected text; last line \"foo\"",
                 rows[i].reason);
        check_rows(tried, COUNT(tried), false);
    }
}

static void expected_text(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        { "foo ready\nbar\n", "ready", ENDING_TIMEOUT, 0, NULL },
        { "PVLAB PASS a\n" END(1, 0, 0), "ready", ENDING_POWEROFF, 6,
          "powered off before the expected text; last line \"PVLAB END passed=1 failed=0 skipped=0\"" },
        { "PVLAB FAIL a b\nready\n", "ready", ENDING_TIMEOUT, 5, "a: b" },
        { "PVLAB ERROR a b\nready\n", "ready", ENDING_TIMEOUT, 4, "a: b" },
        { "PVLAB SKIP a b\nready\n", "ready", ENDING_TIMEOUT, 3, "a: b" },
        { "PVLAB FAIL ready\n", "ready", ENDING_TIMEOUT, 5, "ready" },
        { "PVLAB FAIL ready", "ready", ENDING_TIMEOUT, 6,
          "still running after 30 s before the expected text; unfinished last line \"PVLAB FAIL ready\","
          " which matches only if a newline follows" },
        /* What comes behind it is not waited for, so it never counts. */
        { "ready\nPVLAB FAIL a\n", "ready", ENDING_TIMEOUT, 0, NULL },
        /* Who speaks the protocol as well is held to it. */
        { END(1, 0, 0) "ready\n", "ready", ENDING_TIMEOUT, 4,
          "END says passed=1 failed=0 skipped=0, but the lines before it came to passed=0 failed=0 skipped=0" },
        { END(0, 0, 0) "PVLAB FAIL a\nready\n", "ready", ENDING_TIMEOUT, 4, "PVLAB lines after the PVLAB END line" },
        { END(0, 0, 0) "ready\n", "ready", ENDING_TIMEOUT, 0, NULL },
        /* "$" stands for a newline's place. */
        { "0 passed, 3 failed\n", "passed$", ENDING_POWEROFF, 6, "powered off before the expected text; last line \"0 passed, 3 failed\"" },
        { "login: ", "login: $", ENDING_TIMEOUT, 6,
          "still running after 30 s before the expected text; unfinished last line \"login: \", which matches only if a newline follows" },
        { "login: ", "login: ", ENDING_TIMEOUT, 0, NULL },
        { "login: ", "logout", ENDING_TIMEOUT, 6, "still running after 30 s before the expected text; unfinished last line \"login: \"" },
        { "done", "done\\>", ENDING_TIMEOUT, 0, NULL },
        /* clang-format on */
    };

    (void)state;
    check_rows(rows, COUNT(rows), false);
}

static void beside_xen(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        { "PVLAB PASS a\nPVLAB END passed=1 fai(XEN) Hardware Dom0 halted: halting machine\n", NULL, ENDING_POWEROFF, 6,
          "powered off before its PVLAB END line; last line \"PVLAB END passed=1 fai\"" },
        { "PVLAB PASS a\nPVLAB END passed=1 fai(XEN) foo\nled=0 skipped=0\n", NULL, ENDING_TIMEOUT, 6,
          "still running after 30 s before its PVLAB END line; last line \"led=0 skipped=0\"" },
        { "PVLAB PASS a\n(XEN) foo\n" END(1, 0, 0) "(XEN) Hardware Dom0 halted\n", NULL, ENDING_POWEROFF, 0, NULL },
        { "PVLAB PASS a\nPVLAB FA(XEN) foo\nIL b\n" END(1, 1, 0), NULL, ENDING_POWEROFF, 4,
          "END says passed=1 failed=1 skipped=0, but the lines before it came to passed=1 failed=0 skipped=0" },
        { "foo\n(XEN) bar", NULL, ENDING_TIMEOUT, 6, "still running after 30 s before its PVLAB END line; last line \"foo\"" },
        { "foo (X", NULL, ENDING_TIMEOUT, 6, "still running after 30 s before its PVLAB END line; unfinished last line \"foo (X\"" },
        { "(XEN) bar\n", NULL, ENDING_PANIC, 6, "crashed, as the hypervisor reports before its PVLAB END line; it printed nothing" },
        { "ready(XEN) Hardware Dom0 halted\n", "ready", ENDING_POWEROFF, 0, NULL },
        { "(XEN) ready\n", "ready", ENDING_TIMEOUT, 6, "still running after 30 s before the expected text; it printed nothing" },
        /* clang-format on */
    };

    (void)state;
    check_rows(rows, COUNT(rows), true);
}

/* Everything moves into the result, and a reason that was there is freed. */
static void all_is_handed_over(void **state)
{
    static const struct row row = {
        .text = "PVLAB INFO hypervisor=Xen PV\nPVLAB INFO backend=xen_pv\n"
                "PVLAB PASS a\nPVLAB FAIL b c d\nPVLAB ERROR e\nPVLAB SKIP f\n",
        .ending = ENDING_POWEROFF,
    };
    struct result result;

    (void)state;
    judge(&row, false, 7, &result);
    assert_string_equal(result.hypervisor, "Xen PV");
    assert_string_equal(result.backend, "xen_pv");
    assert_int_equal(result.passed, 1);
    assert_int_equal(result.failed, 2);
    assert_int_equal(result.skipped, 1);
    assert_int_equal(result.check_count, 4);
    assert_int_equal(result.checks[1].verdict, VERDICT_FAIL);
    assert_string_equal(result.checks[1].name, "b");
    assert_string_equal(result.checks[1].reason, "c d");
    result_release(&result);
}

/* The list ends before the first FAIL: its count does not. */
static void a_late_failure(void **state)
{
    static struct console console;
    struct result result = { .verdict = VERDICT_PASS };
    static const char pass[] = "PVLAB PASS a\n", fail[] = "PVLAB FAIL b\n";
    static const char end[] = END(10000, 1, 0);

    (void)state;
    console_setup(&console, NULL, false);
    for (unsigned i = 0; i < CONSOLE_MAX_CHECKS; i++)
        console_feed(&console, (const uint8_t *)pass, sizeof(pass) - 1);
    console_feed(&console, (const uint8_t *)fail, sizeof(fail) - 1);
    console_feed(&console, (const uint8_t *)end, sizeof(end) - 1);
    console_judge(&console, ENDING_POWEROFF, 30, &result);
    console_teardown(&console);
    assert_int_equal(result.verdict, VERDICT_FAIL);
    assert_int_equal(result.failed, 1);
    assert_string_equal(result.reason, "FAIL reported after the first 10000 "
                                       "checks, whose names alone are kept");
    result_release(&result);
}

/* An expression that never ends is given up: an error of whoever wrote it. */
static void a_slow_expression(void **state)
{
    static struct console console;
    struct result result = { .verdict = VERDICT_PASS };
    regex_t regex;

    (void)state;
    assert_int_equal(regcomp(&regex, "a", REG_EXTENDED | REG_NOSUB), 0);
    console_setup(&console, &regex, false);
    console.expect_ns = CONSOLE_EXPECT_MS * UINT64_C(1000000);
    assert_true(console_feed(&console, (const uint8_t *)"b\na\n", 4));
    console_judge(&console, ENDING_SETTLED, 30, &result);
    assert_int_equal(result.verdict, VERDICT_ERROR);
    assert_string_equal(result.reason, "looking for the expected text took "
                                       "more than 10 s of processor time");
    console_teardown(&console);
    result_release(&result);
    regfree(&regex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),           cmocka_unit_test(endings),
        cmocka_unit_test(expected_text),      cmocka_unit_test(beside_xen),
        cmocka_unit_test(all_is_handed_over), cmocka_unit_test(a_late_failure),
        cmocka_unit_test(a_slow_expression),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
