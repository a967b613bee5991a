/* SPDX-License-Identifier: MIT */
/*
 * A lane: boots that follow one another in one process, because they share
 * an outer system or are single. Lanes run side by side.
 */
#ifndef LAB_COMMAND_LANE_H
#define LAB_COMMAND_LANE_H

#include "boot/boot.h"
#include "plan/plan.h"
#include "report/result.h"

struct lane_boot {
    struct plan *plan;
    char *tag;
    unsigned repeat; /* 0: not repeated */
    size_t index;    /* the caller's number for it */
};

struct lane {
    enum outer_kind outer;
    struct lane_boot *boots;
    size_t count;
};

struct lane_watch {
    struct boot_watch boot;
    /* This boot begins; boot.phase and boot.console are about it now. */
    void (*begin)(void *context, size_t index);
    /* It is over. The result is the callee's. */
    void (*end)(void *context, size_t index, struct result *result);
};

/* Run them all; every boot gets its end(), whatever happens. */
void lane_run(const struct lane *lane, const struct lane_watch *watch);

#endif /* LAB_COMMAND_LANE_H */
