/* SPDX-License-Identifier: MIT */
/*
 * Clocks that pvk reads itself: ACPI's PM timer, the HPET, Hyper-V's counter.
 *
 * Source: ACPI specification 6.4, 4.8.2.4 (PM timer); IA-PC HPET
 *         specification 1.0a, 2.3; Hyper-V TLFS 12.3 and feature
 *         identification, CPUID leaf 0x40000003 EAX bit 1.
 */
#include "checks/reference.h"

#include "arch/cpu.h"
#include "arch/insn.h"

enum {
    PM_TIMER_HZ = 3579545,
    HPET_BYTES = 1024,
    HPET_PERIOD = 4 / 4, /* in 32-bit words: femtoseconds */
    HPET_CONFIG = 0x10 / 4,
    HPET_COUNTER = 0xf0 / 4,
    HPET_ENABLE = 1,
    HYPERV_HZ = 10000000,
};
#define HYPERV_MSR_COUNTER  0x40000020u
#define HYPERV_LEAF         3 /* behind the first */
#define HYPERV_LEAF_COUNTER 2u
#define FS_PER_S            UINT64_C(1000000000000000)

static uint64_t read_pm_timer(const struct reference *reference)
{
    return x86_inl(reference->port);
}

static uint64_t read_hpet(const struct reference *reference)
{
    return *reference->counter;
}

static uint64_t read_hyperv(const struct reference *reference)
{
    (void)reference;
    return pvops_cpu_read_msr(HYPERV_MSR_COUNTER);
}

/* It moves within a millisecond, by no more than three quarters of its range.
 */
static bool counts(const struct reference *reference)
{
    uint64_t start = reference->read(reference) & reference->mask;
    uint64_t until = pvops_time_now_ns() + 1000000, moved;

    while (pvops_time_now_ns() < until)
        x86_pause();
    moved = (reference->read(reference) - start) & reference->mask;
    return moved && moved < reference->mask - (reference->mask >> 2);
}

static bool try_pm_timer(const struct pvops_power_acpi *acpi,
                         struct reference *reference)
{
    if (!acpi->pm_timer_port || !cpu_has_ports())
        return false;
    *reference = (struct reference){ .name = "ACPI PM timer",
                                     .hz = PM_TIMER_HZ,
                                     .mask = 0xffffff,
                                     .read = read_pm_timer,
                                     .port = acpi->pm_timer_port };
    return counts(reference);
}

static bool try_hpet(const struct pvops_power_acpi *acpi,
                     struct reference *reference)
{
    volatile uint32_t *registers;
    uint64_t hz = 0;

    if (!acpi->hpet || !cpu_has_ports())
        return false;
    registers = pvops_host_map(acpi->hpet, HPET_BYTES, PVOPS_MAP_DEVICE);
    if (!registers || !registers[HPET_PERIOD])
        return false;
    /* Long division: a period has 32 bits, the dividend 50. */
    for (uint64_t left = FS_PER_S, bit = 1u << 31; bit; bit >>= 1) {
        if (left >= registers[HPET_PERIOD] * bit) {
            left -= registers[HPET_PERIOD] * bit;
            hz |= bit;
        }
    }
    registers[HPET_CONFIG] |= HPET_ENABLE;
    *reference = (struct reference){ .name = "HPET",
                                     .hz = (uint32_t)hz,
                                     .mask = UINT32_MAX,
                                     .read = read_hpet,
                                     .counter = registers + HPET_COUNTER };
    return hz && counts(reference);
}

static bool try_hyperv(const struct pvops_info *info,
                       struct reference *reference)
{
    uint32_t base = info->base[PVOPS_HYPERVISOR_HYPERV], leaf[4];

    if (!base || info->max_leaf[PVOPS_HYPERVISOR_HYPERV] < base + HYPERV_LEAF)
        return false;
    pvops_cpu_cpuid(base + HYPERV_LEAF, 0, leaf);
    if (!(leaf[0] & HYPERV_LEAF_COUNTER))
        return false;
    *reference = (struct reference){ .name = "Hyper-V counter",
                                     .hz = HYPERV_HZ,
                                     .mask = UINT64_MAX,
                                     .read = read_hyperv };
    return counts(reference);
}

bool reference_find(const struct pvops_power_acpi *acpi,
                    const struct pvops_info *info,
                    struct reference *out_reference)
{
    return try_pm_timer(acpi, out_reference) || try_hpet(acpi, out_reference) ||
           try_hyperv(info, out_reference);
}

void reference_sample(const struct reference *reference,
                      struct reference_sample *out_sample)
{
    enum { TRIES = 32 };
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t before = pvops_time_now_ns();
        uint64_t ticks = reference->read(reference);
        uint64_t took = pvops_time_now_ns() - before;

        if (took >= least)
            continue;
        least = took;
        out_sample->ns = before + took / 2;
        out_sample->ticks = ticks;
    }
}
