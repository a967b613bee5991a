/* SPDX-License-Identifier: MIT */
/*
 * What the two files of the 64-bit profile's consumer share: vmi_64_find.c
 * finds a ROM's bytes, vmi_64.c talks to its code.
 */
#ifndef PVOPS_VMI_64_H
#define PVOPS_VMI_64_H

#include "vmi.h"

/*
 * vmi_64.c: of the checked copy, which its owner allows, run Init and take its
 * answers. False: refused.
 */
bool pvi_vmi_64_start(const struct pvi_rom_image *image,
                      const struct pvops_info *info,
                      const struct pvops_setup_options *options);

#endif /* PVOPS_VMI_64_H */
