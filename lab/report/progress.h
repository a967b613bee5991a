/* SPDX-License-Identifier: MIT */
/*
 * What goes on, on stderr: one line that is written over on a terminal,
 * plain lines in a log.
 */
#ifndef LAB_REPORT_PROGRESS_H
#define LAB_REPORT_PROGRESS_H

#include <stddef.h>

#include "report/result.h"

struct progress;

/* 'names' of the boots, kept. */
struct progress *progress_new(const char *const *names, size_t count);

void progress_begin(struct progress *progress, size_t index);
void progress_phase(struct progress *progress, size_t index, const char *text);
void progress_end(struct progress *progress, size_t index,
                  const struct result *result);

/* Refresh the terminal's line; to be called about once a second. */
void progress_tick(struct progress *progress);
void progress_free(struct progress *progress);

#endif /* LAB_REPORT_PROGRESS_H */
