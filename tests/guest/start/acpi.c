/* SPDX-License-Identifier: MIT */
/*
 * How many CPUs ACPI's MADT lists.
 *
 * Source: ACPI specification 6.4, 5.2.12 (MADT).
 */
#include <pvops/power.h>

#include "start.h"

enum {
    TABLE_LENGTH = 4,
    MADT_FIRST_ENTRY = 44,
    MADT_LOCAL_APIC = 0,
    MADT_LOCAL_X2APIC = 9,
    MADT_ENABLED = 1,
};

static uint32_t load32(const uint8_t *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

unsigned acpi_cpu_count(void)
{
    struct pvops_power_acpi acpi;
    const uint8_t *madt, *at, *end;
    unsigned count = 0;

    pvops_power_find_acpi(&acpi);
    if (!acpi.madt)
        return 0;
    madt = (const uint8_t *)(uintptr_t)acpi.madt;
    end = madt + load32(madt + TABLE_LENGTH);
    for (at = madt + MADT_FIRST_ENTRY; at + 2 <= end && at[1] >= 2;
         at += at[1]) {
        if (at[0] == MADT_LOCAL_APIC)
            count += load32(at + 4) & MADT_ENABLED;
        else if (at[0] == MADT_LOCAL_X2APIC)
            count += load32(at + 8) & MADT_ENABLED;
    }
    return count;
}
