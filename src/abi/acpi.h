/* SPDX-License-Identifier: MIT */
/*
 * ACPI's tables as far as power and clocks need them, their registers, and the
 * bytes of AML around \_S5. Facts only; names as in the source.
 *
 * All of it is little-endian and unaligned. A table's bytes sum up to 0.
 *
 * Source: ACPI Specification 6.4, 4.8.3.2 (PM1 control), 4.8.3.6
 * (reset), 4.8.3.7 (sleep control), 5.2.3.2 (generic address), 5.2.5
 * (RSDP), 5.2.6 (header), 5.2.7 and 5.2.8 (RSDT, XSDT), 5.2.9 (FADT), 7.4.2.6
 * (\_S5), 20.2 (AML); IA-PC HPET Specification 1.0a, 3.2.4 (its table).
 */
#ifndef ABI_ACPI_H
#define ABI_ACPI_H

#include "abi/abi.h"

struct acpi_rsdp {
    char signature[8]; /* ACPI_RSDP_SIGNATURE */
    uint8_t checksum;  /* of the first 20 bytes */
    char oem_id[6];
    uint8_t revision; /* from 2 on there is more than the first 20 bytes */
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum; /* of 'length' bytes */
    uint8_t reserved[3];
} __attribute__((packed));

#define ACPI_RSDP_SIGNATURE "RSD PTR "
#define ACPI_RSDP_1_BYTES   20u
ABI_SIZE(struct acpi_rsdp, 36);
ABI_OFFSET(struct acpi_rsdp, length, ACPI_RSDP_1_BYTES);

/* Where a PC's BIOS leaves it, at a multiple of 16. */
#define ACPI_RSDP_STEP  16u
#define BIOS_EBDA       0x40eu /* 16 bits: the EBDA's real-mode segment */
#define BIOS_EBDA_BYTES 1024u
#define BIOS_AREA       0xe0000u
#define BIOS_AREA_BYTES 0x20000u

/* Each table begins with it. RSDT: then 32-bit addresses; XSDT: 64-bit. */
struct acpi_table {
    char signature[4];
    uint32_t length; /* of all, this header included */
    uint8_t revision;
    uint8_t checksum;
    char oem_id[6];
    char oem_table_id[8];
    uint32_t oem_revision;
    uint32_t creator_id;
    uint32_t creator_revision;
} __attribute__((packed));

ABI_SIZE(struct acpi_table, 36);

/* Generic address structure. */
struct acpi_gas {
    uint8_t space; /* ACPI_SPACE_* */
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t access_size;
    uint64_t address; /* 0: there is no such register */
} __attribute__((packed));

ABI_SIZE(struct acpi_gas, 12);

#define ACPI_SPACE_MEMORY 0u
#define ACPI_SPACE_IO     1u
/* Bus 0: bits 47 to 32 device, 31 to 16 function, 15 to 0 offset. */
#define ACPI_SPACE_PCI 2u

/* Signature "FACP". A shorter one is an older one. */
struct acpi_fadt {
    struct acpi_table table;
    uint32_t firmware_ctrl;
    uint32_t dsdt;
    uint8_t reserved;
    uint8_t preferred_pm_profile;
    uint16_t sci_int;
    uint32_t smi_cmd; /* port; 0: always in ACPI mode */
    uint8_t acpi_enable;
    uint8_t acpi_disable;
    uint8_t s4bios_req;
    uint8_t pstate_cnt;
    uint32_t pm1a_evt_blk; /* ports; 0: there is none */
    uint32_t pm1b_evt_blk;
    uint32_t pm1a_cnt_blk;
    uint32_t pm1b_cnt_blk;
    uint32_t pm2_cnt_blk;
    uint32_t pm_tmr_blk;
    uint32_t gpe0_blk;
    uint32_t gpe1_blk;
    uint8_t pm1_evt_len;
    uint8_t pm1_cnt_len;
    uint8_t pm2_cnt_len;
    uint8_t pm_tmr_len;
    uint8_t gpe0_blk_len;
    uint8_t gpe1_blk_len;
    uint8_t gpe1_base;
    uint8_t cst_cnt;
    uint16_t p_lvl2_lat;
    uint16_t p_lvl3_lat;
    uint16_t flush_size;
    uint16_t flush_stride;
    uint8_t duty_offset;
    uint8_t duty_width;
    uint8_t day_alrm;
    uint8_t mon_alrm;
    uint8_t century;
    uint16_t iapc_boot_arch;
    uint8_t reserved2;
    uint32_t flags; /* ACPI_FADT_* */
    struct acpi_gas reset_reg;
    uint8_t reset_value;
    uint16_t arm_boot_arch;
    uint8_t minor_version;
    uint64_t x_firmware_ctrl;
    uint64_t x_dsdt; /* each x_ instead of its elder, unless 0 */
    struct acpi_gas x_pm1a_evt_blk;
    struct acpi_gas x_pm1b_evt_blk;
    struct acpi_gas x_pm1a_cnt_blk;
    struct acpi_gas x_pm1b_cnt_blk;
    struct acpi_gas x_pm2_cnt_blk;
    struct acpi_gas x_pm_tmr_blk;
    struct acpi_gas x_gpe0_blk;
    struct acpi_gas x_gpe1_blk;
    struct acpi_gas sleep_control_reg;
    struct acpi_gas sleep_status_reg;
    uint64_t hypervisor_vendor_id;
} __attribute__((packed));

ABI_OFFSET(struct acpi_fadt, smi_cmd, 48);
ABI_OFFSET(struct acpi_fadt, pm_tmr_blk, 76);
ABI_OFFSET(struct acpi_fadt, iapc_boot_arch, 109);
ABI_OFFSET(struct acpi_fadt, flags, 112);
ABI_OFFSET(struct acpi_fadt, reset_reg, 116);
ABI_OFFSET(struct acpi_fadt, x_dsdt, 140);
ABI_OFFSET(struct acpi_fadt, x_pm_tmr_blk, 208);
ABI_OFFSET(struct acpi_fadt, sleep_control_reg, 244);
ABI_SIZE(struct acpi_fadt, 276);

#define ACPI_FADT_1_BYTES        116u
#define ACPI_FADT_RESET_BIT      10 /* reset_reg is there */
#define ACPI_FADT_RESET          (1u << ACPI_FADT_RESET_BIT)
#define ACPI_FADT_HW_REDUCED_BIT 20 /* no PM1, no PM timer, no SMI_CMD */
#define ACPI_FADT_HW_REDUCED     (1u << ACPI_FADT_HW_REDUCED_BIT)

#define ACPI_PM1_STATUS_WAK_BIT    15 /* event block, first 16 bits */
#define ACPI_PM1_STATUS_WAK        (1u << ACPI_PM1_STATUS_WAK_BIT)
#define ACPI_PM1_CONTROL_SCI_BIT   0 /* in ACPI mode */
#define ACPI_PM1_CONTROL_SCI       (1u << ACPI_PM1_CONTROL_SCI_BIT)
#define ACPI_PM1_CONTROL_TYP_SHIFT 10
#define ACPI_PM1_CONTROL_TYP       (7u << ACPI_PM1_CONTROL_TYP_SHIFT)
#define ACPI_PM1_CONTROL_EN_BIT    13
#define ACPI_PM1_CONTROL_EN        (1u << ACPI_PM1_CONTROL_EN_BIT)

#define ACPI_SLEEP_STATUS_WAK_BIT    7
#define ACPI_SLEEP_STATUS_WAK        (1u << ACPI_SLEEP_STATUS_WAK_BIT)
#define ACPI_SLEEP_CONTROL_TYP_SHIFT 2
#define ACPI_SLEEP_CONTROL_EN_BIT    5
#define ACPI_SLEEP_CONTROL_EN        (1u << ACPI_SLEEP_CONTROL_EN_BIT)

#define ACPI_SLP_TYP_MAX 7u

/* Signature "HPET". */
struct acpi_hpet {
    struct acpi_table table;
    uint32_t event_timer_block_id;
    struct acpi_gas base;
    uint8_t hpet_number;
    uint16_t min_tick;
    uint8_t attributes;
} __attribute__((packed));

ABI_SIZE(struct acpi_hpet, 56);

#define ACPI_MADT_BYTES 44u /* signature "APIC"; its entries follow */
/* Each: type, length, then by type; ACPI 6.5, 5.2.12.2 and 5.2.12.12. */
#define ACPI_MADT_LAPIC        0u /* ACPI's id at 2, id at 3, flags at 4 */
#define ACPI_MADT_LAPIC_BYTES  8u
#define ACPI_MADT_LAPIC_NONE   0xffu
#define ACPI_MADT_X2APIC       9u /* id at 4, flags at 8, ACPI's id at 12 */
#define ACPI_MADT_X2APIC_BYTES 16u
/* 5.2.12.3: address at 4, its first interrupt at 8. */
#define ACPI_MADT_IOAPIC       1u
#define ACPI_MADT_IOAPIC_BYTES 12u
/* 5.2.12.5: ISA interrupt at 3, which it is at 4, 16 bits of flags at 8. */
#define ACPI_MADT_OVERRIDE       2u
#define ACPI_MADT_OVERRIDE_BYTES 10u
#define ACPI_MADT_POLARITY       3u /* 0: the bus's own, ISA: active high */
#define ACPI_MADT_POLARITY_LOW   3u
#define ACPI_MADT_TRIGGER        0xcu /* 0: the bus's own, ISA: edge */
#define ACPI_MADT_TRIGGER_LEVEL  0xcu
#define ACPI_MADT_ENABLED_BIT    0
#define ACPI_MADT_ENABLED        (1u << ACPI_MADT_ENABLED_BIT)

/*
 * Name (\_S5, Package () { SLP_TYPa, SLP_TYPb, ... }). PkgLength counts itself;
 * bits 7 and 6 of its first byte are how many bytes follow. Of none, bits 5 to
 * 0 are the length; else 3 to 0 are its lowest, and each byte 8 more.
 */
#define AML_NAME    0x08u
#define AML_ROOT    0x5cu /* '\' before a name's first segment */
#define AML_PACKAGE 0x12u
#define AML_ZERO    0x00u
#define AML_ONE     0x01u
#define AML_BYTE    0x0au /* the bytes of an integer follow */
#define AML_WORD    0x0bu
#define AML_DWORD   0x0cu
#define AML_QWORD   0x0eu

#endif /* ABI_ACPI_H */
