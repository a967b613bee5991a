/* SPDX-License-Identifier: MIT */
/*
 * Where a plan's ROM goes in, and where it cannot.
 */
#ifndef LAB_PLAN_ROM_H
#define LAB_PLAN_ROM_H

#include "plan/plan.h"

/*
 * The ROM of the platform or of --rom, if there is one: before the kernel's
 * files are packed. VERDICT_PASS, or why not, with a sentence in 'why'.
 */
enum verdict plan_rom_open(struct plan *plan, char why[WHY_BYTES]);

/*
 * Once it is decided how the kernel is loaded: can the ROM go in? Makes the
 * files that it goes in by.
 */
enum verdict plan_rom_place(struct plan *plan, unsigned index,
                            char why[WHY_BYTES]);

#endif /* LAB_PLAN_ROM_H */
