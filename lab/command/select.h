/* SPDX-License-Identifier: MIT */
/*
 * Which platforms a call of pvlab is about, and what holds for each.
 */
#ifndef LAB_COMMAND_SELECT_H
#define LAB_COMMAND_SELECT_H

#include "command/cmdline.h"
#include "config/config.h"
#include "platform/platform.h"

struct selected {
    const struct platform *platform;      /* NULL: a custom one */
    const struct custom_platform *custom; /* NULL: a built-in one */
    struct boot_options options;
    const char *skip; /* reason in pvlab.yaml; NULL: none */
    char *label;      /* which of several kernels; NULL: there is one */
};

struct selection {
    struct selected *list;
    size_t count;
    size_t kernel_first; /* where those of the last kernel begin */
    const char *kernel;  /* the first, or of most of them; NULL: none */
};

/*
 * The platform of "run", or those of --on, of pvlab.yaml, or all built-in
 * ones but for the shapes. Ends the program with status 2 and a sentence if
 * a name is unknown or no kernel is named.
 */
void select_platforms(const struct cmdline *line, const struct config *config,
                      struct selection *out_selection);

void selection_release(struct selection *selection);

#endif /* LAB_COMMAND_SELECT_H */
