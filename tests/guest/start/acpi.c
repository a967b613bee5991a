/* SPDX-License-Identifier: MIT */
/*
 * How many CPUs ACPI's MADT lists.
 *
 * Source: ACPI specification 6.4, 5.2.5 (RSDP), 5.2.7 (RSDT), 5.2.12 (MADT).
 */
#include "start.h"

struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem_id[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
} __attribute__((packed));

struct table {
    char signature[4];
    uint32_t length;
    uint8_t rest[28];
};

_Static_assert(sizeof(struct table) == 36, "ACPI table header");

enum {
    MADT_FIRST_ENTRY = sizeof(struct table) + 8,
    MADT_LOCAL_APIC = 0,
    MADT_LOCAL_X2APIC = 9,
    MADT_ENABLED = 1,
    BIOS_FIRST = 0xe0000,
    BIOS_END = 0x100000,
};

static bool same(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

static uint32_t load32(const uint8_t *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t load64(const uint8_t *at)
{
    return load32(at) | (uint64_t)load32(at + 4) << 32;
}

/*
 * Where the loader said, else where a PC's BIOS leaves it. The specification
 * also names the EBDA; SeaBIOS does not put it there.
 */
static const struct rsdp *find_rsdp(void)
{
    const struct rsdp *rsdp = (const void *)(uintptr_t)boot_private.rsdp;

    if (boot_private.rsdp && same(rsdp->signature, "RSD PTR ", 8))
        return rsdp;
    for (uintptr_t at = BIOS_FIRST; at < BIOS_END; at += 16) {
        rsdp = (const void *)at;
        if (same(rsdp->signature, "RSD PTR ", 8))
            return rsdp;
    }
    return NULL;
}

static unsigned count_in_madt(const struct table *madt)
{
    const uint8_t *at = (const uint8_t *)madt + MADT_FIRST_ENTRY;
    const uint8_t *end = (const uint8_t *)madt + madt->length;
    unsigned count = 0;

    while (at + 2 <= end && at[1] >= 2) {
        if (at[0] == MADT_LOCAL_APIC)
            count += load32(at + 4) & MADT_ENABLED;
        else if (at[0] == MADT_LOCAL_X2APIC)
            count += load32(at + 8) & MADT_ENABLED;
        at += at[1];
    }
    return count;
}

unsigned acpi_cpu_count(void)
{
    const struct rsdp *rsdp = find_rsdp();
    if (!rsdp)
        return 0;

    bool wide = rsdp->revision >= 2 && rsdp->xsdt;
    uint64_t root = wide ? rsdp->xsdt : rsdp->rsdt;
    if (!root || root >> 32)
        return 0;

    const struct table *list = (const void *)(uintptr_t)root;
    const uint8_t *at = (const uint8_t *)(list + 1);
    const uint8_t *end = (const uint8_t *)list + list->length;
    for (; at < end; at += wide ? 8 : 4) {
        uint64_t address = wide ? load64(at) : load32(at);
        const struct table *table = (const void *)(uintptr_t)address;

        if (!(address >> 32) && same(table->signature, "APIC", 4))
            return count_in_madt(table);
    }
    return 0;
}
