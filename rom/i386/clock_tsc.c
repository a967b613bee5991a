/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A clock by the TSC, for any machine. Its frequency is what libpvops' clock
 * tier finds in VMI_Init: told by the hypervisor or by CPUID, or measured by
 * the PIT's channel 2 in 40 ms. The wall clock is the CMOS clock's, read once,
 * there too: later the ports are the kernel's.
 */
#include <pvops/clock.h>

#include "clock.h"

#include "abi/cpuid.h"
#include "clock/features.h"
#include "internal.h"
#include "pvclock.h"

bool rom_init(struct rom_state *state)
{
    struct pvops_info info;

    pvops_probe(NULL, &info);
    state->ordered = info.features[PVI_CPU_EDX] & CPUID_1_EDX_SSE2;
    state->tsc_invariant = info.tsc_invariant;
    if (!rom_clock_set_hz(state, info.tsc_hz))
        return false;
    state->wall_ns = pvi_native_time_wall_ns();
    state->wall_cycles = rom_clock_real(state);
    return true;
}

void rom_cpu_init(struct rom_state *state, struct rom_cpu *cpu)
{
    (void)state;
    (void)cpu;
}

/* TSCs that are not known to run together are seen to, from the second on. */
uint64_t rom_clock_real(struct rom_state *state)
{
    uint64_t cycles = pvi_tsc(state->ordered);

    return state->guarded ? rom_clock_guard(state, cycles) : cycles;
}

uint64_t rom_clock_stolen(struct rom_state *state)
{
    (void)state;
    return 0;
}

uint64_t rom_clock_wall_ns(struct rom_state *state)
{
    uint64_t cycles = rom_clock_real(state) - state->wall_cycles;

    if (!state->wall_ns)
        return 0;
    return state->wall_ns + rom_scale(cycles, &state->ns);
}

bool rom_clock_wall_changed(struct rom_state *state)
{
    (void)state;
    return false;
}
