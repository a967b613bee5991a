/* SPDX-License-Identifier: MIT */
/*
 * Labels and sums that several reports need.
 */
#include "report/parts.h"

#include <err.h>
#include <stdlib.h>

#include "base/args.h"

char *part_label(const struct result *result)
{
    const char *comma = result->kernel ? ", " : "";
    const char *kernel = result->kernel ? result->kernel : "";

    if (result->repeat)
        return text_new("%s%s%s #%u", result->platform, comma, kernel,
                        result->repeat);
    return text_new("%s%s%s", result->platform, comma, kernel);
}

const char *part_reason(const struct result *result)
{
    return result->reason ? result->reason : "no reason was given";
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

struct where_summary part_where(const struct where_samples *samples,
                                size_t offset)
{
    struct where_summary summary = { 0 };
    size_t count = samples->count, middle = count / 2;
    uint64_t *values;

    if (!count)
        return summary;
    values = calloc(count, sizeof(*values));
    if (!values)
        err(VERDICT_ERROR, "out of memory");
    for (size_t i = 0; i < count; i++)
        values[i] =
            *(const uint64_t *)((const char *)&samples->list[i] + offset);
    qsort(values, count, sizeof(*values), by_size);
    summary.least = values[0];
    summary.median = values[middle];
    if (count % 2 == 0)
        summary.median =
            values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
    free(values);
    return summary;
}
