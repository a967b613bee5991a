/* SPDX-License-Identifier: MIT */
/*
 * The verbs that boot: everything from the command line to the reports.
 */
#ifndef LAB_COMMAND_RUN_H
#define LAB_COMMAND_RUN_H

#include "command/cmdline.h"
#include "config/config.h"

/* Exit status. 'config' NULL: there is no pvlab.yaml. */
int run_verb(const struct cmdline *line, const struct config *config);
int list_verb(const struct cmdline *line, const struct config *config);

#endif /* LAB_COMMAND_RUN_H */
