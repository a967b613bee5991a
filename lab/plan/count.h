/* SPDX-License-Identifier: MIT */
/*
 * --where and --icount in the life of a boot: what can be counted is settled
 * with the plan, QEMU is given the plugin, and at the boot's end its counts
 * become the result's.
 */
#ifndef LAB_PLAN_COUNT_H
#define LAB_PLAN_COUNT_H

#include "plan/plan.h"
#include "report/result.h"

#include <stdbool.h>

/* Is anything to be counted? */
bool count_wanted(const struct boot_options *options);

/*
 * Fill in the plan's pairs, or find out that nothing can be counted there.
 *
 * Errors: not VERDICT_PASS: what the plan is to be refused with, for the
 *         reason in 'why'.
 */
enum verdict count_plan(struct plan *plan, char why[WHY_BYTES]);

/*
 * Where the plugin puts the samples of the boot 'tag': TAG.where in 'logs'.
 * NULL if nothing is counted.
 *
 * Owns: the caller frees it.
 */
char *count_path(const struct plan *plan, const char *logs, const char *tag);

/*
 * The value of QEMU's -plugin. To be called when QEMU is about to be started:
 * counts of an earlier run at 'path' are removed, so that they cannot be taken
 * for this one's.
 *
 * Owns: the caller frees it.
 */
char *count_plugin(const struct plan *plan, const char *path);

/*
 * Put what was counted into 'result', whose verdict is given already. What
 * was executed up to 'before' (zeros, or where_total() at the guest's start)
 * is not the guest's.
 *
 * Without whole counts, or if a pair was never passed, a result that would be
 * PASS or SKIP becomes ERROR, with a sentence. Worse ones stay.
 */
void count_finish(const struct plan *plan, const char *path,
                  const struct where_counts *before, struct result *result);

#endif /* LAB_PLAN_COUNT_H */
