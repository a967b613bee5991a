/* SPDX-License-Identifier: MIT */
/*
 * The clock tier: this file is all of it to compile.
 *
 * Each part is a file in src/clock of functions that only this one uses.
 */
#include <pvops/clock.h>

#include "clock/detect.h"

#include <x86/insn.h>

void pvops_probe(const struct pvops_probe_options *options,
                 struct pvops_info *out_info)
{
    x86_clear(out_info, sizeof(*out_info));
    if (options)
        out_info->entry = options->entry;
    detect(out_info);
}
