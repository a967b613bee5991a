/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * KVM's clock, in cycles of the TSC as KVM's time page gives its frequency.
 *
 * Where KVM says that the TSC is the same on every CPU, cycles are the TSC.
 * Else they are the page's time of this CPU, and no CPU is shown less than
 * another was. No hypercall helps any call of VMI: those of KVM concern other
 * CPUs, which VMI's calls do not.
 *
 * Beware: KVM has one page a CPU. A kernel that registers its own (kvmclock)
 *         leaves ours as it was; cycles then go on by the TSC from there.
 */
#include <pvops/clock.h>

#include "clock.h"

#include "abi/cpuid.h"
#include "clock/features.h"
#include "cpu.h"
#include "pvclock.h"

enum { STEAL_TRIES = 1000 };

static bool has(const struct rom_state *state, uint32_t feature)
{
    return state->kvm_features & feature;
}

/* An MSR that takes a physical address, by its name since CLOCKSOURCE2. */
static void give(const struct rom_state *state, uint32_t msr, uint32_t old_msr,
                 const void *at, uint32_t bits)
{
    bool new = has(state, KVM_FEATURE_CLOCKSOURCE2);

    x86_wrmsr(new ? msr : old_msr, rom_paddr(state, at) | bits);
}

void rom_cpu_init(struct rom_state *state, struct rom_cpu *cpu)
{
    cpu->version = 1; /* no page that may be read has it */
    give(state, MSR_KVM_SYSTEM_TIME_NEW, MSR_KVM_SYSTEM_TIME, &cpu->page,
         KVM_MSR_ENABLED);
    if (has(state, KVM_FEATURE_STEAL_TIME))
        x86_wrmsr(MSR_KVM_STEAL_TIME,
                  rom_paddr(state, &cpu->steal) | KVM_MSR_ENABLED);
}

/* ns since 1970 when KVM's system time was 0; false: KVM does not say. */
static bool ask_wall(struct rom_state *state, struct rom_cpu *cpu)
{
    const volatile struct pvclock_wall_clock *wall = &cpu->wall;

    cpu->wall.sec = 0;
    give(state, MSR_KVM_WALL_CLOCK_NEW, MSR_KVM_WALL_CLOCK, &cpu->wall, 0);
    return !(wall->version & 1) && wall->sec;
}

static uint64_t wall_base_ns(const struct pvclock_wall_clock *wall)
{
    return (uint64_t)wall->sec * PVI_NS_PER_S + wall->nsec;
}

bool rom_init(struct rom_state *state)
{
    struct pvops_probe_options options;
    struct pvi_pvclock_now now;
    struct pvops_info info;
    struct rom_cpu *cpu;

    x86_clear(&options, sizeof(options));
    options.no_pit = true;
    pvops_probe(&options, &info);
    state->kvm_features = info.features[PVI_KVM_EAX];
    if (info.hypervisor != PVOPS_HYPERVISOR_KVM ||
        !(info.features[PVI_CPU_EDX] & CPUID_1_EDX_TSC) ||
        !has(state, KVM_FEATURE_CLOCKSOURCE | KVM_FEATURE_CLOCKSOURCE2))
        return false;
    state->ordered = info.features[PVI_CPU_EDX] & CPUID_1_EDX_SSE2;

    cpu = rom_cpu(state);
    if (!pvi_pvclock_read(&cpu->page, state->ordered, &now) ||
        !rom_clock_set_hz(state, pvi_ticks_hz(now.mul, now.shift)))
        return false;
    state->kvm_page = (struct rom_factor){ now.mul, now.shift };
    state->kvm_stable = has(state, KVM_FEATURE_CLOCKSOURCE_STABLE) &&
                        now.flags & PVCLOCK_TSC_STABLE;
    state->tsc_invariant = true; /* what is not is guarded already */
    state->guarded = !state->kvm_stable;
    if (ask_wall(state, cpu))
        state->kvm_wall = cpu->wall;
    return true;
}

/* The page was written to: what is to be added to the TSC from now on. */
__attribute__((noinline)) static uint64_t look_again(struct rom_state *state,
                                                     struct rom_cpu *cpu)
{
    const volatile struct pvclock_vcpu_time_info *page = &cpu->page;
    uint32_t version = page->version;
    struct pvi_pvclock_now now;
    uint64_t base, cycles;

    x86_barrier();
    base = rom_scale(page->system_time, &state->cycles) - page->tsc_timestamp;
    if (!pvi_pvclock_read(page, state->ordered, &now))
        return pvi_tsc(state->ordered) + cpu->base;
    cycles = rom_scale(now.ns, &state->cycles);

    /* A TSC of another rate than the one that was told has no such sum. */
    if (now.mul == state->kvm_page.mul && now.shift == state->kvm_page.shift &&
        !(version & 1) && version == page->version) {
        cpu->version = 1;
        x86_barrier();
        cpu->base = base;
        x86_barrier();
        cpu->version = version;
    }
    return cycles;
}

static uint64_t page_cycles(struct rom_state *state, struct rom_cpu *cpu)
{
    const volatile struct pvclock_vcpu_time_info *page = &cpu->page;
    const volatile uint32_t *known = &cpu->version;
    uint32_t version = *known;
    uint64_t cycles;

    x86_barrier();
    cycles = pvi_tsc(state->ordered) + cpu->base;
    x86_barrier();
    if (version == page->version && version == *known)
        return cycles;
    return look_again(state, cpu);
}

uint64_t rom_clock_real(struct rom_state *state)
{
    struct rom_cpu *cpu;

    if (state->kvm_stable)
        return pvi_tsc(state->ordered);
    cpu = rom_cpu(state);
    return rom_clock_guard(state, cpu ? page_cycles(state, cpu)
                                      : pvi_tsc(state->ordered));
}

/* The host may be writing it while this is read. */
uint64_t rom_clock_stolen(struct rom_state *state)
{
    struct rom_cpu *cpu;

    if (!has(state, KVM_FEATURE_STEAL_TIME))
        return 0;
    cpu = rom_cpu(state);
    for (unsigned i = 0; cpu && i < STEAL_TRIES; i++) {
        const volatile struct kvm_steal_time *steal = &cpu->steal;
        uint32_t version = steal->version;
        uint64_t ns;

        x86_barrier();
        ns = steal->steal;
        x86_barrier();
        if (!(version & 1) && version == steal->version)
            return rom_scale(ns, &state->cycles);
        x86_pause();
    }
    return 0;
}

uint64_t rom_clock_wall_ns(struct rom_state *state)
{
    struct rom_cpu *cpu = rom_cpu(state);
    struct pvi_pvclock_now now;

    if (!cpu || !ask_wall(state, cpu) ||
        !pvi_pvclock_read(&cpu->page, state->ordered, &now))
        return 0;
    return wall_base_ns(&cpu->wall) + now.ns;
}

bool rom_clock_wall_changed(struct rom_state *state)
{
    struct rom_cpu *cpu = rom_cpu(state);
    bool changed;

    if (!cpu || !ask_wall(state, cpu))
        return false;
    changed = wall_base_ns(&cpu->wall) != wall_base_ns(&state->kvm_wall);
    state->kvm_wall = cpu->wall;
    return changed;
}
