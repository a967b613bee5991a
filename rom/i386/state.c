/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Finding the ROM's state, and a CPU's part of it.
 */
#include "state.h"

#include "abi/cpuid.h"
#include "ticks.h"

#include "cpu.h"

struct rom_state *rom_state(void)
{
    return rom_state_delta ? rom_state_served() : NULL;
}

uint32_t rom_offset(const struct rom_state *state)
{
    return (uintptr_t)state - state->paddr;
}

uint32_t rom_paddr(const struct rom_state *state, const void *va)
{
    return (uintptr_t)va - rom_offset(state);
}

struct rom_factor rom_from_ns(uint64_t hz)
{
    struct rom_factor factor = { 0, 0 };

    for (; hz >= PVI_NS_PER_S; hz >>= 1)
        factor.shift++;
    factor.mul = (uint32_t)x86_div(hz << 32, PVI_NS_PER_S, NULL);
    return factor;
}

/* A slot for a CPU that has none by this GDT. */
static struct rom_cpu *meet(struct rom_state *state, uint32_t gdt)
{
    uint32_t id = (x86_cpuid(CPUID_FEATURES, 0).ebx >> 24) + 1;

    for (unsigned i = 0; i < ROM_CPUS; i++) {
        struct rom_cpu *cpu = &state->cpus[i];
        uint32_t was = cpu_cmpxchg(&cpu->id, 0, id);

        if (was && was != id)
            continue;
        cpu->gdt = gdt;
        if (!was) {
            if (i && !state->tsc_invariant)
                state->guarded = true;
            rom_cpu_init(state, cpu);
        }
        return cpu;
    }
    return NULL;
}

/*
 * By its GDT, of which each CPU has its own, as VMI demands: that is the one
 * thing that tells CPUs apart in ring 0 without an exit to the hypervisor.
 */
struct rom_cpu *rom_cpu(struct rom_state *state)
{
    uint32_t gdt = cpu_gdt_base();

    for (unsigned i = 0; i < ROM_CPUS && state->cpus[i].id; i++) {
        if (state->cpus[i].gdt == gdt)
            return &state->cpus[i];
    }
    return meet(state, gdt);
}

/* Another kernel may have been here before, and have left its CPUs. */
uint32_t rom_init_state(void)
{
    struct rom_state *state = rom_state();

    if (state && state->magic == ROM_STATE_MAGIC) {
        x86_clear(&state->ready,
                  sizeof(*state) - offsetof(struct rom_state, ready));
        state->ready = rom_init(state);
    }
    return 0;
}

bool rom_ready(void)
{
    const struct rom_state *state = rom_state();

    return state && state->magic == ROM_STATE_MAGIC && state->ready;
}
