/* SPDX-License-Identifier: MIT */
/*
 * What the forms of a report share.
 */
#ifndef LAB_REPORT_PARTS_H
#define LAB_REPORT_PARTS_H

#include "report/result.h"

#include <stdio.h>

/* "kvm", "kvm #3" of a repeated boot, "kvm, pvk" of several kernels; the caller
 * frees it. */
char *part_label(const struct result *result);

/* A result's reason, or words for its absence; never NULL. */
const char *part_reason(const struct result *result);

struct where_summary {
    uint64_t least;
    uint64_t median; /* of an even number, the middle between the two */
};

/* Over one field of the samples: part_where(s, offsetof(..., user)). */
struct where_summary part_where(const struct where_samples *samples,
                                size_t offset);

/* report_table()'s part for --icount and --where; nothing without them. */
void part_where_table(FILE *out, const struct report *report);

/*
 * Make 'path' a file of these bytes, at once or not at all: they are written
 * to a new file beside it, which then takes its name. What is there and is no
 * file, or below /dev, such as /dev/stdout, is appended to directly.
 *
 * Errors: false, errno set; 'path' is as it was and nothing else is left.
 */
bool part_save(const char *path, const char *bytes, size_t size);

#endif /* LAB_REPORT_PARTS_H */
