/* SPDX-License-Identifier: MIT */
/*
 * Lanes side by side, each in a process of its own.
 */
#ifndef LAB_COMMAND_LANES_H
#define LAB_COMMAND_LANES_H

#include "command/lane.h"
#include "report/progress.h"

enum { LANES_MAX_JOBS = 16 };

/*
 * Run all lanes, at most 'jobs' (LANES_MAX_JOBS) at a time, in the order given.
 * 'results' has a place for each boot's index; all are filled, whatever
 * happens.
 */
void lanes_run(const struct lane *lanes, size_t count, unsigned jobs,
               struct progress *progress, struct result *results);

#endif /* LAB_COMMAND_LANES_H */
