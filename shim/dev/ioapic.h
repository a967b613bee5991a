/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs: one pin for each interrupt line of the machine (GSI).
 */
#ifndef SHIM_DEV_IOAPIC_H
#define SHIM_DEV_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* How a line says that it wants something. */
struct ioapic_line {
    uint32_t gsi;
    bool level; /* as long as it is active; else when it becomes so */
    bool low;   /* active */
};

/* Find them, mask every pin, and keep them from the guest. */
void ioapic_find(uint64_t rsdp);

/* One behind the last GSI; 0: there is no I/O APIC. */
uint32_t ioapic_gsi_end(void);
bool ioapic_has(uint32_t gsi);

/* The line of an interrupt of the ISA bus. */
struct ioapic_line ioapic_isa(unsigned irq);

/* 'vector' of this CPU from now on, and not masked. */
void ioapic_route(const struct ioapic_line *line, uint8_t vector,
                  uint32_t apic_id);
/* Another CPU's: an edge meanwhile is not lost. */
void ioapic_move(const struct ioapic_line *line, uint32_t apic_id);
void ioapic_mask(const struct ioapic_line *line, uint8_t vector, bool masked);

/* A register, by the machine address of the I/O APIC. False: none is there. */
bool ioapic_read(uint64_t machine, uint32_t reg, uint32_t *out_value);

#endif /* SHIM_DEV_IOAPIC_H */
