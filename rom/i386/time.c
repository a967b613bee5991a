/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * VMI's calls 66, 67, 70 and 71: a clock that counts as the TSC does. Linux
 * takes the frequency for the TSC's, and times its delays by it.
 */
#include "clock.h"

#include "cpu.h"

uint64_t time_frequency(void);
uint64_t time_counter(uint32_t counter);
uint64_t time_wallclock(void);
uint32_t time_wallclock_updated(void);

bool rom_clock_set_hz(struct rom_state *state, uint64_t hz)
{
    state->hz = hz;
    if (!hz)
        return false;
    pvi_ticks_factors(hz, &state->ns.mul, &state->ns.shift);
    state->cycles = rom_from_ns(hz);
    return true;
}

uint64_t rom_clock_guard(struct rom_state *state, uint64_t cycles)
{
    uint64_t last = x86_load64(&state->last);

    /* Who loses to another CPU has a higher 'last' to look at. */
    while (last < cycles) {
        uint64_t was = x86_cmpxchg64(&state->last, last, cycles);

        if (was == last)
            return cycles;
        last = was;
    }
    return last;
}

/*
 * This CPU may be taken away in between, which one of the two then knows of and
 * the other not: AVAILABLE would go back by all of that.
 */
static uint64_t available(struct rom_state *state)
{
    uint64_t stolen = rom_clock_stolen(state), before, real;
    unsigned tries = 100;

    do {
        before = stolen;
        real = rom_clock_real(state);
        stolen = rom_clock_stolen(state);
    } while (stolen != before && --tries);
    return real - stolen;
}

uint64_t rom_clock_count(struct rom_state *state, uint32_t counter)
{
    switch (counter) {
    case VMI_CYCLES_REAL:
        return rom_clock_real(state);
    case VMI_CYCLES_AVAILABLE:
        return available(state);
    case VMI_CYCLES_STOLEN:
        return rom_clock_stolen(state);
    default:
        return 0;
    }
}

uint64_t time_frequency(void)
{
    return rom_state_served()->hz;
}

uint64_t time_counter(uint32_t counter)
{
    /* The one that is asked for all the time. */
    if (counter == VMI_CYCLES_REAL)
        return rom_clock_real(rom_state_served());
    if (counter == VMI_CYCLES_AVAILABLE)
        rom_alarm_look(rom_state_served());
    return rom_clock_count(rom_state_served(), counter);
}

uint64_t time_wallclock(void)
{
    return rom_clock_wall_ns(rom_state_served());
}

uint32_t time_wallclock_updated(void)
{
    return rom_clock_wall_changed(rom_state_served());
}
