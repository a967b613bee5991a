/* SPDX-License-Identifier: MIT */
/*
 * The I/O APIC's registers, and what a device writes for a message signalled
 * interrupt. Facts only.
 *
 * Source: Intel 82093AA data sheet (290566), 3.1 and 3.2; Intel SDM volume 3A,
 *         11.11 (messages).
 */
#ifndef ABI_IOAPIC_H
#define ABI_IOAPIC_H

/* In memory, 32 bits wide: which register, and what it holds. */
#define IOAPIC_SELECT 0x00u
#define IOAPIC_WINDOW 0x10u
#define IOAPIC_BYTES  0x20u

#define IOAPIC_VERSION    1u
#define IOAPIC_LAST_SHIFT 16    /* of it: number of the last entry, 8 bits */
#define IOAPIC_ENTRIES    0x10u /* two registers each; the low half first */

/* Of an entry's low half; the vector is its low 8 bits. */
#define IOAPIC_LOW_BIT    13 /* active low */
#define IOAPIC_LOW        (1u << IOAPIC_LOW_BIT)
#define IOAPIC_LEVEL_BIT  15
#define IOAPIC_LEVEL      (1u << IOAPIC_LEVEL_BIT)
#define IOAPIC_MASKED_BIT 16
#define IOAPIC_MASKED     (1u << IOAPIC_MASKED_BIT)
/* Of the high half. */
#define IOAPIC_CPU_SHIFT 24 /* APIC id, 8 bits */

/* Physical destination, fixed delivery, edge; the data is the vector. */
#define MSI_ADDRESS   0xfee00000u
#define MSI_CPU_SHIFT 12 /* APIC id, 8 bits */

#endif /* ABI_IOAPIC_H */
