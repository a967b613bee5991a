/* SPDX-License-Identifier: MIT */
/*
 * A result out of JSON. The other process may be of another build, or have
 * been cut off: every member is looked at before it is believed.
 */
#include "report/report.h"

#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A text, or null if 'optional'; NULs would cut it. */
static bool take_text(const json_t *object, const char *name, bool optional,
                      char **out_text)
{
    const json_t *value = json_object_get(object, name);

    *out_text = NULL;
    if (optional && (!value || json_is_null(value)))
        return true;
    if (!json_is_string(value) ||
        strlen(json_string_value(value)) != json_string_length(value))
        return false;
    *out_text = strdup(json_string_value(value));
    if (!*out_text)
        err(VERDICT_ERROR, "out of memory");
    return true;
}

/* A whole number up to 'largest'; null is 0 if 'optional'. */
static bool take_count(const json_t *object, const char *name, bool optional,
                       uint64_t largest, uint64_t *out_count)
{
    const json_t *value = json_object_get(object, name);

    *out_count = 0;
    if (optional && (!value || json_is_null(value)))
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > largest)
        return false;
    *out_count = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_unsigned(const json_t *object, const char *name, bool optional,
                          unsigned *out_count)
{
    uint64_t count;

    if (!take_count(object, name, optional, UINT_MAX, &count))
        return false;
    *out_count = (unsigned)count;
    return true;
}

static bool take_seconds(const json_t *object, const char *name,
                         double *out_seconds)
{
    const json_t *value = json_object_get(object, name);

    *out_seconds = 0;
    if (!value || json_is_null(value))
        return true;
    if (!json_is_number(value) || json_number_value(value) < 0)
        return false;
    *out_seconds = json_number_value(value);
    return true;
}

static bool take_verdict(const json_t *object, enum verdict *out_verdict)
{
    static const enum verdict all[] = { VERDICT_PASS, VERDICT_SKIP,
                                        VERDICT_ERROR, VERDICT_FAIL,
                                        VERDICT_CRASH };
    const char *name = json_string_value(json_object_get(object, "verdict"));

    for (size_t i = 0; name && i < sizeof(all) / sizeof(all[0]); i++) {
        if (!strcmp(name, verdict_name(all[i]))) {
            *out_verdict = all[i];
            return true;
        }
    }
    return false;
}

static void *new_array(size_t count, size_t size)
{
    void *array = calloc(count, size);

    if (!array)
        err(VERDICT_ERROR, "out of memory");
    return array;
}

static bool take_checks(const json_t *object, struct result *result)
{
    const json_t *array = json_object_get(object, "checks");
    size_t count = json_array_size(array);

    if (!json_is_array(array))
        return false;
    if (!count)
        return true;
    result->checks = new_array(count, sizeof(*result->checks));
    result->check_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        struct check *check = &result->checks[i];

        if (!take_text(item, "name", false, &check->name) ||
            !take_text(item, "reason", true, &check->reason) ||
            !take_verdict(item, &check->verdict))
            return false;
    }
    return true;
}

static bool take_samples(const json_t *object, struct where_samples *samples)
{
    const json_t *array = json_object_get(object, "samples");
    size_t count = json_array_size(array);

    if (!json_is_array(array))
        return false;
    if (!count)
        return true;
    samples->list = new_array(count, sizeof(*samples->list));
    samples->count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        struct where_counts *c = &samples->list[i];
        const uint64_t most = INT64_MAX;

        if (!take_count(item, "user", false, most, &c->user) ||
            !take_count(item, "kernel", false, most, &c->kernel) ||
            !take_count(item, "hypervisor", false, most, &c->hypervisor) ||
            !take_count(item, "rep_user", false, most, &c->rep_user) ||
            !take_count(item, "rep_kernel", false, most, &c->rep_kernel) ||
            !take_count(item, "rep_hypervisor", false, most,
                        &c->rep_hypervisor) ||
            !take_count(item, "calls_user", false, most, &c->calls_user) ||
            !take_count(item, "calls_kernel", false, most, &c->calls_kernel) ||
            !take_count(item, "calls_hypervisor", false, most,
                        &c->calls_hypervisor) ||
            !take_count(item, "exits", true, most, &c->exits))
            return false;
    }
    return true;
}

static bool take_where(const json_t *object, struct result *result)
{
    const json_t *array = json_object_get(object, "where");
    size_t count = json_array_size(array);

    if (!array || json_is_null(array))
        return true;
    if (!json_is_array(array))
        return false;
    if (!count)
        return true;
    result->where = new_array(count, sizeof(*result->where));
    result->where_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        struct where_samples *samples = &result->where[i];

        /* Both or neither: a pair has two ends. */
        if (!take_text(item, "from", true, &samples->from) ||
            !take_text(item, "to", true, &samples->to) ||
            !samples->from != !samples->to || !take_samples(item, samples))
            return false;
    }
    return true;
}

bool result_from_json(const json_t *object, struct result *out_result)
{
    struct result *r = out_result;

    *r = (struct result){ .verdict = VERDICT_ERROR };
    if (take_text(object, "platform", false, &r->platform) &&
        take_text(object, "kernel", true, &r->kernel) &&
        take_text(object, "image_sha256", true, &r->image) &&
        take_text(object, "hypervisor", true, &r->hypervisor) &&
        take_text(object, "backend", true, &r->backend) &&
        take_verdict(object, &r->verdict) &&
        take_unsigned(object, "passed", false, &r->passed) &&
        take_unsigned(object, "failed", false, &r->failed) &&
        take_unsigned(object, "skipped", false, &r->skipped) &&
        take_seconds(object, "seconds", &r->seconds) &&
        take_text(object, "log", true, &r->log) &&
        take_text(object, "reason", true, &r->reason) &&
        take_seconds(object, "setup_seconds", &r->setup_seconds) &&
        take_unsigned(object, "repeat", true, &r->repeat) &&
        take_count(object, "instructions", true, INT64_MAX, &r->instructions) &&
        take_checks(object, r) && take_where(object, r))
        return true;
    result_release(r);
    return false;
}
