/* SPDX-License-Identifier: MIT */
/*
 * The forms in which a run is shown.
 */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "result.h"

#include <stdio.h>
#include <jansson.h>

/*
 * A table for people, one line a platform, at most 80 columns wide: platform,
 * hypervisor as the guest saw it, verdict, seconds of set-up and of boot.
 * What did not pass is followed by its reason and the path of its log.
 */
void report_table(FILE *out, const struct report *report);

/* TAP version 13, one test point a boot; failed checks as diagnostics. */
void report_tap(FILE *out, const struct report *report);

/*
 * The document of docs/lab.md, "JSON".
 *
 * Errors: false, errno as left by the failed write.
 */
bool report_json(const char *path, const struct report *report);

/* JUnit XML, one testsuite a platform. Errors: as report_json(). */
bool report_junit(const char *path, const struct report *report);

/*
 * One result as a JSON object and back, so that a boot can be run by another
 * process. result_from_json() refuses what is not such an object.
 */
json_t *result_to_json(const struct result *result);
bool result_from_json(const json_t *object, struct result *out_result);

#endif /* LAB_REPORT_H */
