/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs as ACPI's MADT tells of them.
 */
#include "dev/ioapic.h"

#include "abi/acpi.h"
#include "abi/ioapic.h"
#include "acpi.h"
#include "boot/map.h"
#include "layout.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/lock.h"

#include <string.h>

#include <x86/insn.h>

enum { IOAPICS_MOST = 8, ISA_LINES = 16 };

static struct ioapic {
    volatile uint8_t *registers;
    uint64_t machine;
    uint32_t gsi, pins;
} ioapics[IOAPICS_MOST];

static unsigned ioapic_count;
static struct ioapic_line isa[ISA_LINES];
static struct lock lock; /* of select and window, which are a pair */

static uint32_t read_register(const struct ioapic *ioapic, uint32_t reg)
{
    x86_write32(ioapic->registers + IOAPIC_SELECT, reg);
    return x86_read32(ioapic->registers + IOAPIC_WINDOW);
}

static void write_register(const struct ioapic *ioapic, uint32_t reg,
                           uint32_t value)
{
    x86_write32(ioapic->registers + IOAPIC_SELECT, reg);
    x86_write32(ioapic->registers + IOAPIC_WINDOW, value);
}

static const struct ioapic *ioapic_of(uint32_t gsi)
{
    for (unsigned i = 0; i < ioapic_count; i++) {
        if (gsi - ioapics[i].gsi < ioapics[i].pins)
            return &ioapics[i];
    }
    return NULL;
}

static uint32_t load32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static void add(uint64_t machine, uint32_t gsi)
{
    struct ioapic *ioapic = &ioapics[ioapic_count];

    frame_keep_device(machine >> PAGE_BITS);
    if (ioapic_count == IOAPICS_MOST) {
        log_line("I/O APIC at %llx is one too many", wide_number(machine));
        return;
    }
    *ioapic = (struct ioapic){
        .registers = map_device(machine, IOAPIC_BYTES),
        .machine = machine,
        .gsi = gsi,
    };
    ioapic->pins =
        (read_register(ioapic, IOAPIC_VERSION) >> IOAPIC_LAST_SHIFT & 255) + 1;
    for (unsigned i = 0; i < ioapic->pins; i++)
        write_register(ioapic, IOAPIC_ENTRIES + 2 * i, IOAPIC_MASKED);
    ioapic_count++;
}

static void read_entry(const uint8_t *entry)
{
    uint8_t type = entry[0], length = entry[1];

    if (type == ACPI_MADT_IOAPIC && length >= ACPI_MADT_IOAPIC_BYTES)
        add(load32(entry + 4), load32(entry + 8));
    if (type == ACPI_MADT_OVERRIDE && length >= ACPI_MADT_OVERRIDE_BYTES &&
        entry[3] < ISA_LINES)
        isa[entry[3]] = (struct ioapic_line){
            .gsi = load32(entry + 4),
            .level = (entry[8] & ACPI_MADT_TRIGGER) == ACPI_MADT_TRIGGER_LEVEL,
            .low = (entry[8] & ACPI_MADT_POLARITY) == ACPI_MADT_POLARITY_LOW,
        };
}

void ioapic_find(uint64_t rsdp)
{
    struct pvi_acpi_table madt = { .length = 0 };

    for (unsigned i = 0; i < ISA_LINES; i++)
        isa[i].gsi = i;
    if (!pvi_acpi_find(rsdp, "APIC", &madt) || madt.length < ACPI_MADT_BYTES)
        return;
    for (size_t at = ACPI_MADT_BYTES; madt.length - at >= 2;
         at += madt.bytes[at + 1]) {
        size_t length = madt.bytes[at + 1];

        if (length < 2 || length > madt.length - at)
            break;
        read_entry(madt.bytes + at);
    }
}

uint32_t ioapic_gsi_end(void)
{
    uint32_t end = 0;

    for (unsigned i = 0; i < ioapic_count; i++) {
        if (ioapics[i].gsi + ioapics[i].pins > end)
            end = ioapics[i].gsi + ioapics[i].pins;
    }
    return end;
}

bool ioapic_has(uint32_t gsi)
{
    return ioapic_of(gsi);
}

struct ioapic_line ioapic_isa(unsigned irq)
{
    return isa[irq];
}

static uint32_t low_half(const struct ioapic_line *line, uint8_t vector,
                         bool masked)
{
    return vector | (line->low ? IOAPIC_LOW : 0) |
           (line->level ? IOAPIC_LEVEL : 0) | (masked ? IOAPIC_MASKED : 0);
}

void ioapic_route(const struct ioapic_line *line, uint8_t vector,
                  uint32_t apic_id)
{
    const struct ioapic *ioapic = ioapic_of(line->gsi);
    uint32_t reg;

    if (!ioapic)
        return;
    reg = IOAPIC_ENTRIES + 2 * (line->gsi - ioapic->gsi);
    lock_take(&lock);
    write_register(ioapic, reg, low_half(line, vector, true));
    write_register(ioapic, reg + 1, apic_id << IOAPIC_CPU_SHIFT);
    write_register(ioapic, reg, low_half(line, vector, false));
    lock_release(&lock);
}

void ioapic_move(const struct ioapic_line *line, uint32_t apic_id)
{
    const struct ioapic *ioapic = ioapic_of(line->gsi);

    if (!ioapic)
        return;
    lock_take(&lock);
    write_register(ioapic, IOAPIC_ENTRIES + 2 * (line->gsi - ioapic->gsi) + 1,
                   apic_id << IOAPIC_CPU_SHIFT);
    lock_release(&lock);
}

void ioapic_mask(const struct ioapic_line *line, uint8_t vector, bool masked)
{
    const struct ioapic *ioapic = ioapic_of(line->gsi);

    if (!ioapic)
        return;
    lock_take(&lock);
    write_register(ioapic, IOAPIC_ENTRIES + 2 * (line->gsi - ioapic->gsi),
                   low_half(line, vector, masked));
    lock_release(&lock);
}

bool ioapic_read(uint64_t machine, uint32_t reg, uint32_t *out_value)
{
    for (unsigned i = 0; i < ioapic_count; i++) {
        if (ioapics[i].machine != machine)
            continue;
        lock_take(&lock);
        *out_value = read_register(&ioapics[i], reg);
        lock_release(&lock);
        return true;
    }
    return false;
}
