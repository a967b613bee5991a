/* SPDX-License-Identifier: MIT */
/*
 * The archive that goes to loaders which pass a single module.
 */
#ifndef LAB_PLAN_INITRD_H
#define LAB_PLAN_INITRD_H

#include <stdbool.h>

#include "base/dirs.h"
#include "config/options.h"

/*
 * Write it at 'path', anew: pvops/rom, if 'rom' is not NULL; then pvlab's own
 * init for Debian's kernel if 'probe', else pvops/mod/N for each further
 * module and the initrd as it is.
 *
 * Errors: false, with a sentence in 'why'.
 */
bool initrd_pack(const char *path, const struct boot_options *options,
                 const char *rom, bool probe, char why[WHY_BYTES]);

#endif /* LAB_PLAN_INITRD_H */
