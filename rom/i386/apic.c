/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Finding the local APIC: x2APIC has MSRs; else where the kernel maps what
 * IA32_APIC_BASE says, which its page tables know. They are read where the
 * kernel maps low memory, as it maps this ROM: Linux has them there.
 */
#include <pvops/clock.h>

#include "apic.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/x86.h"
#include "cpu.h"

/* Of a page table's entry. Source: Intel SDM volume 3A, 4.3 and 4.4. */
#define PRESENT_WRITABLE 3u
#define PRESENT          1u
#define LARGE            0x80u
#define FRAME            0xffffff000ull
#define CR3_PAE          0xffffffe0u
#define CR4_PSE          0x10u
#define CR4_PAE          0x20u

struct walk {
    uint32_t offset; /* of low memory's linear addresses */
    uint32_t cr3;
    bool paging, pae, large;
};

/* An entry of the table at 'paddr'; 0 if the table is not in low memory. */
static uint64_t entry(const struct walk *walk, uint64_t paddr, uint32_t index)
{
    uint32_t va = walk->offset + (uint32_t)paddr;

    if (paddr >> 32 || va < walk->offset)
        return 0;
    if (walk->pae)
        return ((const volatile uint64_t *)(uintptr_t)va)[index];
    return ((const volatile uint32_t *)(uintptr_t)va)[index];
}

/* The entry for the 2 or 4 MiB at 'va'. */
static uint64_t directory_entry(const struct walk *walk, uint32_t va)
{
    uint64_t top;

    if (!walk->pae)
        return entry(walk, walk->cr3 & FRAME, va >> 22);
    top = entry(walk, walk->cr3 & CR3_PAE, va >> 30);
    return top & PRESENT ? entry(walk, top & FRAME, va >> 21 & 511) : 0;
}

/* Where in the 2 or 4 MiB at 'va' the page 'paddr' is mapped; 0: nowhere. */
static uint32_t find_within(const struct walk *walk, uint32_t va,
                            uint32_t paddr)
{
    uint32_t entries = walk->pae ? 512 : 1024;
    uint64_t directory = directory_entry(walk, va);

    if (!(directory & PRESENT))
        return 0;
    if (directory & LARGE && walk->large) {
        uint64_t base = directory & FRAME & ~(uint64_t)(entries * 4096 - 1);

        return paddr - base < entries * 4096 ? va + (paddr - (uint32_t)base)
                                             : 0;
    }
    for (uint32_t i = entries; i--;) {
        uint64_t page = entry(walk, directory & FRAME, i);

        if ((page & PRESENT_WRITABLE) == PRESENT_WRITABLE &&
            (page & FRAME) == paddr)
            return va + i * 4096;
    }
    return 0;
}

/* From the top: kernels have it in a page of fixed address there. */
static uint32_t find(const struct walk *walk, uint32_t paddr)
{
    uint32_t bytes = walk->pae ? 1u << 21 : 1u << 22;
    uint32_t va = 0, found;

    if (!walk->paging)
        return paddr;
    do {
        va -= bytes;
        found = find_within(walk, va, paddr);
        if (found)
            return found;
    } while (va > walk->offset && va >= bytes);
    return 0;
}

static bool find_registers(struct rom_state *state)
{
    uint32_t edx = x86_cpuid(CPUID_FEATURES, 0).edx;
    uint32_t cr0 = (uint32_t)x86_read_cr0(), cr4;
    struct walk walk;
    uint64_t base;

    if (!(edx & CPUID_1_EDX_APIC) || !(edx & CPUID_1_EDX_MSR))
        return false;
    base = x86_rdmsr(MSR_IA32_APIC_BASE);
    if (!(base & IA32_APIC_BASE_ENABLED))
        return false;
    if (base & IA32_APIC_BASE_X2APIC) {
        state->apic = ROM_APIC_X2APIC;
        return true;
    }
    cr4 = (uint32_t)x86_read_cr4();
    walk = (struct walk){ .offset = rom_offset(state),
                          .cr3 = (uint32_t)x86_read_cr3(),
                          .paging = cr0 & X86_CR0_PG,
                          .pae = cr4 & CR4_PAE,
                          .large = cr4 & (CR4_PAE | CR4_PSE) };
    if (base >> 32)
        return false;
    state->apic_registers = find(&walk, (uint32_t)base & 0xfffff000u);
    if (!state->apic_registers)
        return false;
    state->apic = ROM_APIC_MAPPED;
    return true;
}

/* The library measures it, and puts everything back. */
static bool find_rate(struct rom_state *state)
{
    struct pvops_probe_options options;
    struct pvops_info info;

    x86_clear(&options, sizeof(options));
    options.tsc_hz = state->hz;
    options.no_pit = true;
    options.lapic = (volatile void *)(uintptr_t)state->apic_registers;
    pvops_probe(&options, &info);
    if (!info.apic_hz)
        return false;
    state->apic_ticks = rom_from_ns(info.apic_hz);
    return true;
}

bool rom_apic_find(struct rom_state *state)
{
    if (state->apic_ticks.mul)
        return true;
    return find_registers(state) && find_rate(state);
}

uint32_t rom_apic_read(const struct rom_state *state, uint32_t at)
{
    if (state->apic == ROM_APIC_X2APIC)
        return (uint32_t)x86_rdmsr(MSR_X2APIC + at / 16);
    return x86_read32((volatile uint8_t *)(uintptr_t)state->apic_registers +
                      at);
}

void rom_apic_write(const struct rom_state *state, uint32_t at, uint32_t value)
{
    if (state->apic == ROM_APIC_X2APIC)
        x86_wrmsr(MSR_X2APIC + at / 16, value);
    else
        x86_write32((volatile uint8_t *)(uintptr_t)state->apic_registers + at,
                    value);
}
