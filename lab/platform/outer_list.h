/* SPDX-License-Identifier: MIT */
/*
 * outer.list: what goes into the initramfs of each outer system.
 */
#ifndef LAB_PLATFORM_OUTER_LIST_H
#define LAB_PLATFORM_OUTER_LIST_H

#include <stdbool.h>

#include "base/args.h"
#include "base/newc.h"
#include "platform/cache.h"
#include "platform/platform.h"

/* What fetch-debian is told for a component: modules, packages. */
void outer_list_fetch(enum component component, struct args *args);

/*
 * Put the agent, the programs with their libraries, files, modules and the
 * agent's configuration into the archive.
 *
 * Errors: false with a sentence in 'why'.
 */
bool outer_list_pack(enum outer_kind kind, struct newc *newc,
                     char why[WHY_BYTES]);

#endif /* LAB_PLATFORM_OUTER_LIST_H */
