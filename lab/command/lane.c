/* SPDX-License-Identifier: MIT */
/*
 * The boots of one lane, in order.
 */
#include "command/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/args.h"
#include "base/stop.h"
#include "outer/outer.h"
#include "plan/count.h"

static void give_up(const struct lane_boot *boot, enum verdict verdict,
                    const char *why, struct result *result)
{
    result->platform = text_new("%s", boot->plan->name);
    result->verdict = verdict;
    result->reason = text_new("%s", why);
}

/* The outer system for what is left of the lane from 'first' on. */
static struct outer *open_outer(const struct lane *lane, size_t first,
                                const struct lane_watch *watch,
                                char why[WHY_BYTES])
{
    struct plan **plans = calloc(lane->count, sizeof(*plans));
    const struct lane_boot *boot = &lane->boots[first];
    /* One outer system of several: of a lane, or of lanes that count. */
    bool several = first || count_wanted(&boot->plan->options);
    struct outer *outer;
    char *tag;

    if (!plans)
        abort();

    for (size_t i = first; i < lane->count; i++)
        plans[i - first] = lane->boots[i].plan;
    if (watch->boot.phase)
        watch->boot.phase(watch->boot.context, "starting the outer system");
    tag = text_new("%s%s%s", outer_name(lane->outer), several ? "." : "",
                   several ? boot->tag : "");
    outer = outer_open(lane->outer, plans, lane->count - first, tag, boot->tag,
                       why);
    free(tag);
    free(plans);
    return outer;
}

/*
 * What is booted, so that a table can say that it was the same everywhere. Not
 * of a disk, whose bytes take longer than many a boot.
 */
static void hash(const char *kernel, char text[65])
{
    enum { MOST_BYTES = 64 << 20 };
    struct stat info;

    text[0] = '\0';
    if (plan_is_debian(kernel) ||
        (stat(kernel, &info) == 0 && info.st_size <= MOST_BYTES))
        plan_hash(kernel, text);
}

/*
 * A guest may have taken the outer system down, there was no room for this one,
 * or its clock stopped: then it gets another. Errors: NULL with 'why'.
 */
static struct outer *fit_outer(struct outer *outer, const struct lane *lane,
                               size_t index, const struct lane_watch *watch,
                               char why[WHY_BYTES])
{
    if (outer && (!outer_alive(outer) ||
                  !outer_serves(outer, lane->boots[index].plan))) {
        outer_close(outer);
        outer = NULL;
    }
    if (!outer)
        outer = open_outer(lane, index, watch, why);
    if (outer && !stop_requested() && !outer_ticks(outer)) {
        outer_close(outer);
        outer = open_outer(lane, index, watch, why);
    }
    return outer;
}

/* What was typed, counted or looked at with gdb cannot be had once more. */
static bool repeatable(const struct lane_boot *boot,
                       const struct lane_watch *watch)
{
    const struct boot_options *options = &boot->plan->options;

    return watch->boot.input < 0 && !options->gdb_port &&
           !count_wanted(options) && !stop_requested();
}

/*
 * A boot that ended with an assertion of QEMU's own says nothing of the kernel:
 * there is a second one, once, and its log says so.
 */
static struct outer *boot_nested(struct outer *outer, const struct lane *lane,
                                 size_t index, const struct lane_watch *watch,
                                 struct result *result)
{
    const struct lane_boot *boot = &lane->boots[index];
    struct boot_watch again = watch->boot;
    char why[WHY_BYTES] = "";
    char *said = NULL;

    outer = fit_outer(outer, lane, index, watch, why);
    if (outer)
        outer_boot(outer, boot->plan, boot->tag, &watch->boot, result);
    if (outer && result->verdict == VERDICT_ERROR && outer_asserted(outer) &&
        repeatable(boot, watch)) {
        again.before =
            text_new("the second boot: of the first, %s", result->reason);
        if (again.phase)
            again.phase(again.context, "once more: an assertion of QEMU's");
        result_release(result);
        *result = (struct result){ .repeat = boot->repeat };
        outer = fit_outer(outer, lane, index, watch, why);
        if (outer)
            outer_boot(outer, boot->plan, boot->tag, &again, result);
        free(said);
    }
    if (outer)
        result->setup_seconds = outer_seconds(outer);
    else
        give_up(boot, VERDICT_ERROR, why, result);
    return outer;
}

void lane_run(const struct lane *lane, const struct lane_watch *watch)
{
    struct outer *outer = NULL;

    for (size_t i = 0; i < lane->count; i++) {
        const struct lane_boot *boot = &lane->boots[i];
        struct result result = { .repeat = boot->repeat };
        char image[65] = "";

        watch->begin(watch->boot.context, boot->index);
        if (boot->plan->refused == VERDICT_PASS && boot->plan->options.kernel &&
            !stop_requested())
            hash(boot->plan->options.kernel, image);
        if (stop_requested()) {
            give_up(boot, VERDICT_ERROR, "interrupted", &result);
        } else if (boot->plan->refused != VERDICT_PASS) {
            boot_refuse(boot->plan, &result);
        } else if (boot->plan->load == LOAD_CUSTOM) {
            boot_custom(boot->plan, boot->tag, &watch->boot, &result);
        } else if (lane->outer == OUTER_NONE || boot->plan->accel_kvm) {
            boot_direct(boot->plan, boot->tag, &watch->boot, &result);
        } else {
            outer = boot_nested(outer, lane, i, watch, &result);
        }
        if (boot->plan->label)
            result.kernel = text_new("%s", boot->plan->label);
        if (image[0])
            result.image = text_new("%s", image);
        watch->end(watch->boot.context, boot->index, &result);
    }
    if (outer)
        outer_close(outer);
}
