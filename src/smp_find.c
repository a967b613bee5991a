/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs there are: ACPI's MADT, or Xen's word for it.
 *
 * Firmware wrote the table; its sum is right, but nothing else of it is taken
 * for granted. An entry that is not enabled is of a CPU that is not there, and
 * could be put in ("online capable").
 */
#include "internal.h"

#include "abi/acpi.h"
#include "abi/cpuid.h"
#include "acpi.h"
#include "x86/xen_hypercall.h"
#include <x86/insn.h>
#include <x86/percpu.h>

struct finder {
    struct pvops_found_cpu *out;
    unsigned most, count;
};

static void found(struct finder *finder, uint32_t apic_id)
{
    if (finder->count < finder->most)
        finder->out[finder->count] =
            (struct pvops_found_cpu){ finder->count, apic_id };
    finder->count++;
}

static uint32_t load32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/* Whether an entry of 'length' bytes is of a CPU that is there. */
static bool is_cpu(const uint8_t *entry, size_t length, uint32_t *out_id)
{
    if (entry[0] == ACPI_MADT_LAPIC && length >= ACPI_MADT_LAPIC_BYTES) {
        *out_id = entry[3];
        return (load32(entry + 4) & ACPI_MADT_ENABLED) &&
               *out_id != ACPI_MADT_LAPIC_NONE;
    }
    if (entry[0] == ACPI_MADT_X2APIC && length >= ACPI_MADT_X2APIC_BYTES) {
        *out_id = load32(entry + 4);
        return (load32(entry + 8) & ACPI_MADT_ENABLED) && *out_id != UINT32_MAX;
    }
    return false;
}

/*
 * Those of one type of entry, but the boot CPU. An id below 255 has an entry of
 * the old type; where firmware gives it one of each, it is one CPU. Returns how
 * many, the boot CPU's included.
 */
static unsigned find_type(struct finder *finder, const uint8_t *bytes,
                          size_t size, uint8_t type, uint32_t least,
                          uint32_t boot_id)
{
    unsigned count = 0;
    uint32_t id;

    for (size_t at = ACPI_MADT_BYTES; size - at >= 2; at += bytes[at + 1]) {
        size_t length = bytes[at + 1];

        if (length < 2 || length > size - at)
            break;
        if (bytes[at] != type || !is_cpu(bytes + at, length, &id) || id < least)
            continue;
        count++;
        if (id != boot_id)
            found(finder, id);
    }
    return count;
}

static uint32_t boot_apic_id(void)
{
    struct pvops_cpu *cpu = pvi_this_cpu();

    if (cpu && pvi_common(cpu)->lapic_enabled)
        return pvi_smp(cpu)->apic_id;
    return x86_has_cpuid() ? x86_cpuid(CPUID_FEATURES, 0).ebx >> 24 : 0;
}

#if PVOPS_FULL && defined(__x86_64__)
/* The one that this runs on is the first; Xen numbers them without gaps. */
static bool find_xen_pv(struct finder *finder)
{
    unsigned count = 0;

    if (pvi.info.entry != PVOPS_ENTRY_XEN_PV)
        return false;
    while (count < PVOPS_MAX_CPUS && xen_is_up(count) >= 0)
        count++;
    while (finder->count < (count ? count : 1))
        found(finder, UINT32_MAX);
    return true;
}
#else
static bool find_xen_pv(struct finder *finder)
{
    (void)finder;
    return false;
}
#endif

unsigned pvops_smp_find(pvops_paddr rsdp, struct pvops_found_cpu *out_cpus,
                        unsigned most)
{
    struct finder finder = { out_cpus, most, 0 };
    struct pvi_acpi_table madt = { .length = 0 };
    uint32_t boot_id;
    unsigned low;

    if (find_xen_pv(&finder))
        return finder.count;
    boot_id = boot_apic_id();
    found(&finder, boot_id);
    if (!pvi_acpi_find(rsdp, "APIC", &madt) || madt.length < ACPI_MADT_BYTES)
        return finder.count;
    low = find_type(&finder, madt.bytes, madt.length, ACPI_MADT_LAPIC, 0,
                    boot_id);
    (void)find_type(&finder, madt.bytes, madt.length, ACPI_MADT_X2APIC,
                    low ? ACPI_MADT_LAPIC_NONE : 0, boot_id);
    return finder.count;
}
