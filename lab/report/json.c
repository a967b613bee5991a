/* SPDX-License-Identifier: MIT */
/*
 * JSON: the document for other programs, and one result for another pvlab.
 */
#include "report/report.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"
#include "report/text.h"

/* jansson returns NULL for want of memory alone, once texts are UTF-8. */
static json_t *must(json_t *value)
{
    if (!value)
        err(VERDICT_ERROR, "out of memory");
    return value;
}

static json_t *text_json(const char *text)
{
    char *clean;
    json_t *value;

    if (!text)
        return json_null();
    clean = text_clean(text, TEXT_UTF8, 0);
    value = must(json_string(clean));
    free(clean);
    return value;
}

static json_t *count_json(uint64_t count)
{
    return must(
        json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count));
}

static json_t *seconds_json(double seconds, bool known)
{
    if (!known || !isfinite(seconds))
        return json_null();
    return must(json_real(seconds));
}

static void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value))
        err(VERDICT_ERROR, "out of memory");
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        err(VERDICT_ERROR, "out of memory");
}

static json_t *checks_json(const struct result *result)
{
    json_t *array = must(json_array());

    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];
        json_t *object = must(json_object());

        put(object, "name", text_json(check->name));
        put(object, "verdict", text_json(verdict_name(check->verdict)));
        put(object, "reason", text_json(check->reason));
        append(array, object);
    }
    return array;
}

static json_t *samples_json(const struct where_samples *samples)
{
    json_t *array = must(json_array());

    for (size_t i = 0; i < samples->count; i++) {
        const struct where_counts *counts = &samples->list[i];
        json_t *object = must(json_object());

        put(object, "user", count_json(counts->user));
        put(object, "kernel", count_json(counts->kernel));
        put(object, "hypervisor", count_json(counts->hypervisor));
        put(object, "rep_user", count_json(counts->rep_user));
        put(object, "rep_kernel", count_json(counts->rep_kernel));
        put(object, "rep_hypervisor", count_json(counts->rep_hypervisor));
        put(object, "calls_user", count_json(counts->calls_user));
        put(object, "calls_kernel", count_json(counts->calls_kernel));
        put(object, "calls_hypervisor", count_json(counts->calls_hypervisor));
        put(object, "exits", count_json(counts->exits));
        append(array, object);
    }
    return array;
}

static json_t *where_json(const struct result *result)
{
    json_t *array;

    if (!result->where_count)
        return json_null();
    array = must(json_array());
    for (size_t i = 0; i < result->where_count; i++) {
        const struct where_samples *samples = &result->where[i];
        json_t *object = must(json_object());

        put(object, "from", text_json(samples->from));
        put(object, "to", text_json(samples->to));
        put(object, "samples", samples_json(samples));
        append(array, object);
    }
    return array;
}

json_t *result_to_json(const struct result *result)
{
    json_t *object = must(json_object());
    bool booted = result->log || result->seconds > 0;

    put(object, "platform", text_json(result->platform));
    put(object, "kernel", text_json(result->kernel));
    put(object, "image_sha256", text_json(result->image));
    put(object, "hypervisor", text_json(result->hypervisor));
    put(object, "backend", text_json(result->backend));
    put(object, "verdict", text_json(verdict_name(result->verdict)));
    put(object, "passed", count_json(result->passed));
    put(object, "failed", count_json(result->failed));
    put(object, "skipped", count_json(result->skipped));
    put(object, "seconds", seconds_json(result->seconds, booted));
    put(object, "log", text_json(result->log));
    put(object, "reason", text_json(result->reason));
    put(object, "setup_seconds",
        seconds_json(result->setup_seconds, result->setup_seconds > 0));
    put(object, "repeat",
        result->repeat ? count_json(result->repeat) : json_null());
    put(object, "instructions",
        result->instructions ? count_json(result->instructions) : json_null());
    put(object, "checks", checks_json(result));
    put(object, "where", where_json(result));
    return object;
}

bool report_json(const char *path, const struct report *report)
{
    json_t *root = must(json_object()), *kernel = must(json_object());
    json_t *results = must(json_array());
    char *text;
    size_t size;
    bool ok;

    put(kernel, "path", text_json(report->kernel_path));
    put(kernel, "sha256",
        text_json(report->kernel_sha256[0] ? report->kernel_sha256 : NULL));
    put(root, "kernel", kernel);
    for (size_t i = 0; i < report->result_count; i++)
        append(results, result_to_json(&report->results[i]));
    put(root, "results", results);

    /* A tenth of a millisecond of a day's run; ASCII is safe to look at. */
    text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII |
                                JSON_REAL_PRECISION(9));
    if (!text)
        err(VERDICT_ERROR, "out of memory");
    size = strlen(text);
    text[size] = '\n'; /* in the place of its NUL */
    ok = part_save(path, text, size + 1);
    free(text);
    json_decref(root);
    return ok;
}
