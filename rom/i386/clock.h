/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A ROM's clock: clock_tsc.c or clock_kvm.c, for time.c and alarm.c.
 */
#ifndef ROM_CLOCK_H
#define ROM_CLOCK_H

#include "state.h"
#include "ticks.h"

/* Cycles that went by, the same on every CPU. */
uint64_t rom_clock_real(struct rom_state *state);

/* Those of them that this CPU could have used and did not get. */
uint64_t rom_clock_stolen(struct rom_state *state);

/* ns since 1970-01-01 UTC; 0: nobody knows. */
uint64_t rom_clock_wall_ns(struct rom_state *state);

/* Whether the wall clock was set since this was last asked. */
bool rom_clock_wall_changed(struct rom_state *state);

/* GetCycleCounter for VMI_CYCLES_*; 0 for others. */
uint64_t rom_clock_count(struct rom_state *state, uint32_t counter);

static inline uint64_t rom_scale(uint64_t x, const struct rom_factor *factor)
{
    return pvi_ticks_scale(x, factor->mul, factor->shift);
}

/* 'cycles', or what a CPU was shown already. */
uint64_t rom_clock_guard(struct rom_state *state, uint64_t cycles);

/*
 * alarm.c: a periodic alarm, if the kernel wrote LVTT after it was set, and so
 * made it one-shot: Linux 2.6.24 to 2.6.36 does on every CPU but the first. It
 * asks for AVAILABLE at each tick, which the one shot is.
 */
void rom_alarm_look(struct rom_state *state);

/* Fills what depends on the frequency; false: it is not known. */
bool rom_clock_set_hz(struct rom_state *state, uint64_t hz);

#endif /* ROM_CLOCK_H */
