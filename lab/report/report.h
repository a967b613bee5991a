/* SPDX-License-Identifier: MIT */
/*
 * The forms in which a run is shown.
 *
 * Names and reasons may be a guest's words: each form makes them harmless.
 */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "report/result.h"

#include <stdio.h>
#include <jansson.h>

/*
 * For people: a table, one line a boot, at most 80 columns wide: platform,
 * hypervisor as the guest saw it, verdict, seconds of set-up and of boot.
 * What did not pass is followed by its reason and the path of its log, which
 * is never cut. Then what --icount and --where counted, if they did, and one
 * line that sums up. 'seconds' is how long the whole run took. 'colour' asks
 * for ANSI colours: out is a terminal, and NO_COLOR is not set.
 */
void report_table(FILE *out, const struct report *report, double seconds,
                  bool colour);

/* TAP version 13, one test point a boot; failed checks as diagnostics. */
void report_tap(FILE *out, const struct report *report);

/*
 * The document of docs/lab.md, "JSON". A file that was there is replaced only
 * by a whole one; a device or pipe is written to.
 *
 * Errors: false, errno as left by what failed; a file that was there is as it
 *         was.
 */
bool report_json(const char *path, const struct report *report);

/* JUnit XML, one testsuite a boot. Errors: as report_json(). */
bool report_junit(const char *path, const struct report *report);

/*
 * One result as a JSON object and back, so that a boot can be run by another
 * process. result_from_json() refuses what is not such an object: then
 * 'out_result' owns nothing. Bytes that are no UTF-8 arrive as U+FFFD, and
 * counts end at INT64_MAX.
 */
json_t *result_to_json(const struct result *result);
bool result_from_json(const json_t *object, struct result *out_result);

#endif /* LAB_REPORT_H */
