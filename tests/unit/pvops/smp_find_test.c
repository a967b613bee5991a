/* SPDX-License-Identifier: MIT */
/*
 * CPUs by ACPI's MADT: the boot CPU first, those that are there, each once; and
 * tables that somebody has damaged.
 *
 * Tried: the enabled bit not looked at: types fails. 'boot_id' not left out:
 *        types fails. 'least' not looked at: both fails. 'most' not looked at:
 *        most fails. 'length > size - at' left out: cut and damaged fail.
 *        An entry's or the table's own length not looked at: cut. CPUID not
 *        asked: no_apic.
 */
#include "pvtest.h"

#include <x86/percpu.h>

#include "acpi_image.h"
#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "smp_machine.h"

enum { MOST = 16 };

static struct acpi_image image;
static uint8_t madt[512];
static size_t madt_bytes;
static struct pvops_found_cpu found[MOST + 1];

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (how == PVOPS_MAP_DEVICE)
        return host.device;
    return acpi_map_copy(image.bytes, sizeof(image.bytes), 0x100000, paddr,
                         bytes);
}

static void entry(uint8_t type, uint8_t length, uint32_t id, uint32_t flags)
{
    uint8_t *at = madt + madt_bytes;

    memset(at, 0, length);
    at[0] = type;
    at[1] = length;
    if (type == ACPI_MADT_LAPIC) {
        at[3] = (uint8_t)id;
        memcpy(at + 4, &flags, 4);
    } else if (type == ACPI_MADT_X2APIC) {
        memcpy(at + 4, &id, 4);
        memcpy(at + 8, &flags, 4);
    }
    madt_bytes += length;
}

static void old_entry(uint32_t id, uint32_t flags)
{
    entry(ACPI_MADT_LAPIC, ACPI_MADT_LAPIC_BYTES, id, flags);
}

static void new_entry(uint32_t id, uint32_t flags)
{
    entry(ACPI_MADT_X2APIC, ACPI_MADT_X2APIC_BYTES, id, flags);
}

/* The MADT begins again; the boot CPU's APIC id is smp_id(0). */
static void machine(void)
{
    smp_start(1, true);
    acpi_image_pc(&image);
    madt_bytes = ACPI_MADT_BYTES;
    memset(madt, 0, sizeof(madt));
}

/* It is in the root tables in place of the image's own. */
static unsigned find(unsigned most)
{
    size_t at = acpi_image_add(&image, "APIC", madt, madt_bytes);
    uint64_t paddr = ACPI_IMAGE_AT + at;
    unsigned count;

    memcpy(image.bytes + image.xsdt + sizeof(struct acpi_table) + 3 * 8, &paddr,
           8);
    acpi_image_seal(&image, image.xsdt);
    memset(found, 0xee, sizeof(found));
    count = pvops_smp_find(0, found, most);
    acpi_maps_free();
    return count;
}

static void expect(unsigned index, uint32_t id)
{
    EXPECT_EQ(index, found[index].index);
    EXPECT_EQ(id, found[index].apic_id);
}

PVTEST(types, "both types of entry; disabled ones and others are not CPUs")
{
    machine();
    old_entry(9, 1);
    old_entry(10, 0);
    old_entry(11, 2); /* could be put in */
    entry(1, 12, 0, 0);
    old_entry(smp_id(0), 1);
    old_entry(0xff, 1);
    entry(4, 6, 0, 0);
    old_entry(12, 3);
    new_entry(300, 1);
    new_entry(301, 0);
    new_entry(UINT32_MAX, 1);
    EXPECT_EQ(4, find(MOST));
    expect(0, smp_id(0));
    expect(1, 9);
    expect(2, 12);
    expect(3, 300);
    EXPECT_EQ(0xeeeeeeee, found[4].index);
}

PVTEST(both,
       "a CPU that has an entry of each type is one; new ones alone count")
{
    machine();
    new_entry(smp_id(0), 1);
    new_entry(20, 1);
    old_entry(smp_id(0), 1);
    old_entry(20, 1);
    EXPECT_EQ(2, find(MOST));
    expect(1, 20);
    machine();
    new_entry(20, 1);
    new_entry(smp_id(0), 1);
    EXPECT_EQ(2, find(MOST));
    expect(1, 20);
}

PVTEST(most, "no more are told than there is room for")
{
    machine();
    for (uint32_t id = 20; id < 30; id++)
        old_entry(id, 1);
    EXPECT_EQ(11, find(3));
    expect(2, 21);
    EXPECT_EQ(0xeeeeeeee, found[3].index);
    EXPECT_EQ(11, find(0));
    EXPECT_EQ(0xeeeeeeee, found[0].index);
}

PVTEST(cut, "an entry that is too short, or goes beyond the table, ends it")
{
    machine();
    old_entry(20, 1);
    old_entry(21, 1);
    madt[ACPI_MADT_BYTES + 9] = 0;
    EXPECT_EQ(2, find(MOST));
    madt[ACPI_MADT_BYTES + 9] = 9;
    EXPECT_EQ(2, find(MOST));
    madt[ACPI_MADT_BYTES + 9] = 7;
    EXPECT_EQ(2, find(MOST));
    madt_bytes--;
    madt[ACPI_MADT_BYTES + 9] = 8;
    EXPECT_EQ(2, find(MOST));

    machine();
    new_entry(20, 1);
    madt[ACPI_MADT_BYTES + 1] = 12;
    EXPECT_EQ(1, find(MOST));
    madt_bytes = ACPI_MADT_BYTES - 4;
    EXPECT_EQ(1, find(MOST));
}

PVTEST(no_apic, "where the library has no APIC, CPUID says which is this one's")
{
    machine();
    old_entry(9, 1);
    old_entry(20, 1);
    pvi_common(pvi_this_cpu())->lapic_enabled = false;
    fake_leaf_at(1)->ebx = 9u << 24;
    EXPECT_EQ(2, find(MOST));
    expect(0, 9);
    expect(1, 20);
}

PVTEST(none, "no table, or one whose sum is wrong: the boot CPU alone")
{
    machine();
    old_entry(20, 1);
    (void)find(MOST);
    memset(image.bytes, 0, sizeof(image.bytes));
    EXPECT_EQ(1, pvops_smp_find(0, found, MOST));
    expect(0, smp_id(0));
    machine();
    EXPECT_EQ(1, find(MOST));
    expect(0, smp_id(0));
}

PVTEST(damaged, "whatever lies there, it ends and reads no byte beyond")
{
    uint32_t seed = 1;

    machine();
    for (unsigned round = 0; round < 20000; round++) {
        size_t used = image.used;

        madt_bytes = ACPI_MADT_BYTES + seed % 64;
        for (size_t i = ACPI_MADT_BYTES; i < madt_bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            madt[i] =
                seed >> 28 ? (uint8_t)(seed >> 27 & 9) : (uint8_t)(seed >> 16);
        }
        EXPECT(find(MOST) <= 1 + 64 / 2);
        image.used = used;
    }
}
