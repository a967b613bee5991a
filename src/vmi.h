/* SPDX-License-Identifier: MIT */
/*
 * What the files of the consumer of ROMs share: backend/vmi.c has what both
 * ABIs have in common, vmi_32.c and vmi_64.c are one each.
 */
#ifndef PVOPS_VMI_H
#define PVOPS_VMI_H

#include "internal.h"

#include "vmi_image.h"

/*
 * lifecycle.c, first of all: find a ROM, check it, ask its owner. Runs nothing
 * of it, uses no op and logs nothing: pvi_vmi_report() tells later what was
 * wrong with those that were not taken. True: one is taken.
 */
bool pvi_vmi_find(const struct pvops_info *info,
                  const struct pvops_setup_options *options);
void pvi_vmi_report(void);

/*
 * lifecycle.c: a partial ROM, when the backend's setup() has filled the tables,
 * and again after the boot CPU's set-up.
 */
void pvi_vmi_overlay(void);

#endif /* PVOPS_VMI_H */
