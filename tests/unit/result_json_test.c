/* SPDX-License-Identifier: MIT */
/*
 * Results as JSON: every field arrives at the other end, the document is what
 * other programs rely on, and what is no result is refused.
 *
 * Damage tried: "rep_user" read twice by take_samples(); "from" without "to"
 * taken by take_where(); text_clean() left out of text_json() (jansson then
 * refuses the text); JSON_ENSURE_ASCII left out; "seconds" written without
 * "booted"; result_release() left out of result_from_json(), or a pair's names
 * and samples left out of result_release() (the sanitizer sees the leaks).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "report/report.h"

static struct check checks[] = {
    { VERDICT_PASS, "clock", NULL },
    { VERDICT_FAIL, "irq \033[2J\xff\"", "lost \xed\xa0\x80\xc2\x9b" },
};
static struct where_counts counts[] = {
    { 30, 200, 1000, 3, 20, 100, 1, 2, 3, 7 },
    { 10, 400, 3000, 1, 40, 300, 1, 2, 3, 8 },
};
static struct where_samples pairs[] = {
    { .from = "begin \033[2J\xff\"", .to = "\x80", .list = counts, .count = 2 },
    { .from = "never", .to = "passed" },
};
static const struct result hostile = {
    .platform = "hyperv",
    .hypervisor = "Microsoft \033]0;x\a\xc3(\xe2\x80\xae",
    .backend = "\x80",
    .verdict = VERDICT_FAIL,
    .reason = "\r\n\t\\\"\x7f",
    .passed = 1,
    .failed = 1,
    .seconds = 0.81,
    .log = "logs/\xff.log",
    .checks = checks,
    .check_count = 2,
    .where = pairs,
    .where_count = 2,
};

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = calloc(1, 65536);

    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static void json_is_as_designed(void **state)
{
    struct result results[] = {
        hostile,
        { .platform = "xen_pv", .verdict = VERDICT_SKIP, .reason = "why" },
    };
    struct report report = {
        .kernel_path = "build/k\xff.elf",
        .kernel_sha256 = "e3b0c44298fc1c149afbf4c8996fb924"
                         "27ae41e4649b934ca495991b7852b855",
        .results = results,
        .result_count = 2,
    };
    char path[] = "/tmp/result_json_test.XXXXXX";
    json_t *root, *one;
    json_error_t error;
    char *text;

    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    assert_true(report_json(path, &report));
    text = read_file(path);
    for (const char *p = text; *p; p++)
        assert_true((*p >= ' ' && *p <= 0x7f) || *p == '\n');
    unlink(path);
    assert_non_null(strstr(text, "\"seconds\": 0.81,"));
    root = json_loads(text, 0, &error);
    free(text);
    assert_non_null(root);
    one = json_object_get(root, "kernel");
    assert_string_equal(json_string_value(json_object_get(one, "path")),
                        "build/k\xef\xbf\xbd.elf");
    assert_int_equal(json_string_length(json_object_get(one, "sha256")), 64);
    assert_int_equal(json_array_size(json_object_get(root, "results")), 2);
    one = json_array_get(json_object_get(root, "results"), 1);
    assert_string_equal(json_string_value(json_object_get(one, "platform")),
                        "xen_pv");
    assert_string_equal(json_string_value(json_object_get(one, "verdict")),
                        "SKIP");
    assert_true(json_is_null(json_object_get(one, "hypervisor")));
    assert_true(json_is_null(json_object_get(one, "backend")));
    assert_true(json_is_null(json_object_get(one, "seconds")));
    assert_true(json_is_null(json_object_get(one, "log")));
    assert_true(json_is_integer(json_object_get(one, "passed")));
    json_decref(root);
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(!a, !b);
    if (a && b)
        assert_string_equal(a, b);
}

/* b is a after a round trip, in which bytes may have become U+FFFD. */
static void same_result(const struct result *a, const struct result *b)
{
    same_text(a->platform, b->platform);
    same_text(a->hypervisor, b->hypervisor);
    same_text(a->backend, b->backend);
    assert_int_equal(a->verdict, b->verdict);
    same_text(a->reason, b->reason);
    assert_int_equal(a->passed, b->passed);
    assert_int_equal(a->failed, b->failed);
    assert_int_equal(a->skipped, b->skipped);
    assert_true(a->setup_seconds == b->setup_seconds);
    assert_true(a->seconds == b->seconds);
    same_text(a->log, b->log);
    assert_int_equal(a->repeat, b->repeat);
    assert_int_equal(a->check_count, b->check_count);
    for (size_t i = 0; i < a->check_count; i++) {
        assert_int_equal(a->checks[i].verdict, b->checks[i].verdict);
        same_text(a->checks[i].name, b->checks[i].name);
        same_text(a->checks[i].reason, b->checks[i].reason);
    }
    assert_int_equal(a->instructions, b->instructions);
    assert_int_equal(a->where_count, b->where_count);
    for (size_t i = 0; i < a->where_count; i++) {
        same_text(a->where[i].from, b->where[i].from);
        same_text(a->where[i].to, b->where[i].to);
        assert_int_equal(a->where[i].count, b->where[i].count);
        if (a->where[i].count)
            assert_memory_equal(a->where[i].list, b->where[i].list,
                                a->where[i].count * sizeof(*counts));
    }
}

static void results_travel(void **state)
{
    struct check valid[] = {
        { VERDICT_FAIL, "a\001\033\"\\", "\xf0\x9f\x90\xa7" },
        { VERDICT_PASS, "", NULL },
    };
    struct where_samples entries[] = {
        { .from = "begin_x", .to = "0x401000", .list = counts, .count = 2 },
        { .from = "never", .to = "passed" },
    };
    struct where_samples whole = { .list = counts + 1, .count = 1 };
    struct result full = { .platform = "hyperv~gen2",
                           .hypervisor = "Microsoft Hv",
                           .backend = "hyperv",
                           .verdict = VERDICT_CRASH,
                           .reason = "r\xc3\xa9",
                           .passed = 4294967295u,
                           .failed = 2,
                           .skipped = 3,
                           .setup_seconds = 1.0 / 3,
                           .seconds = 43.1,
                           .log = "l",
                           .repeat = 7,
                           .checks = valid,
                           .check_count = 2,
                           .instructions = INT64_MAX,
                           .where = entries,
                           .where_count = 2 };
    struct result skip = { .platform = "xen_pv",
                           .verdict = VERDICT_SKIP,
                           .reason = "ELF has no Xen note" };
    struct result error = { .platform = "native",
                            .verdict = VERDICT_ERROR,
                            .reason = "cannot start it",
                            .seconds = 0.25,
                            .where = &whole,
                            .where_count = 1 };
    const struct result *rows[] = { &full, &skip, &error };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *object = result_to_json(rows[i]), *again;
        char *text = json_dumps(object, 0);
        struct result back;

        again = json_loads(text, 0, NULL);
        assert_true(result_from_json(again, &back));
        same_result(rows[i], &back);
        result_release(&back);
        json_decref(object);
        json_decref(again);
        free(text);
    }
}

/* One member of a good object at a time is spoilt. */
static void broken_results_are_refused(void **state)
{
    static const struct {
        const char *member, *json;
    } rows[] = {
        { "platform", "null" },
        { "platform", "1" },
        { "platform", "\"a\\u0000b\"" },
        { "hypervisor", "[]" },
        { "backend", "true" },
        { "verdict", "\"pass\"" },
        { "verdict", "null" },
        { "passed", "-1" },
        { "passed", "1.5" },
        { "failed", "4294967296" },
        { "skipped", "null" },
        { "seconds", "-0.5" },
        { "seconds", "\"1\"" },
        { "log", "{}" },
        { "reason", "3" },
        { "setup_seconds", "[]" },
        { "repeat", "-1" },
        { "instructions", "-1" },
        { "checks", "null" },
        { "checks", "[1]" },
        { "checks", "[{\"name\": \"a\"}]" },
        { "where", "{}" },
        { "where", "[null]" },
        { "where", "[{}]" },
        { "where", "[{\"samples\": null}]" },
        { "where", "[{\"samples\": {}}]" },
        { "where", "[{\"samples\": [{\"user\": 1}]}]" },
        { "where", "[{\"samples\": [null]}]" },
        { "where", "[{\"from\": \"a\", \"samples\": []}]" },
        { "where", "[{\"to\": \"a\", \"samples\": []}]" },
        { "where", "[{\"from\": 1, \"to\": 2, \"samples\": []}]" },
    };
    json_t *good = result_to_json(&hostile);
    struct result result;

    (void)state;
    json_object_set_new(good, "later", json_true());
    assert_true(result_from_json(good, &result));
    result_release(&result);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *bad = json_copy(good);

        json_object_set_new(
            bad, rows[i].member,
            json_loads(rows[i].json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
        if (result_from_json(bad, &result))
            fail_msg("%s: %s was taken", rows[i].member, rows[i].json);
        assert_null(result.platform);
        json_decref(bad);
    }
    assert_false(result_from_json(NULL, &result));
    json_decref(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_as_designed),
        cmocka_unit_test(results_travel),
        cmocka_unit_test(broken_results_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
