/* SPDX-License-Identifier: MIT */
/*
 * Which door of the kernel fits which platform.
 */
#ifndef LAB_PLAN_DOOR_H
#define LAB_PLAN_DOOR_H

#include "plan/plan.h"

/*
 * Settle 'load' and 'door', and make the ISO if GRUB has to boot the kernel.
 * 'index' is plan_make()'s. Refuses a plan that no door fits.
 */
void plan_door(struct plan *plan, unsigned index);

#endif /* LAB_PLAN_DOOR_H */
