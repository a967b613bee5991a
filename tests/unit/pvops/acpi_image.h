/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables for tests: a piece of physical memory with a sound machine's
 * tables in it, to be damaged. Also what the fuzzer's seeds are made of.
 */
#ifndef ACPI_IMAGE_H
#define ACPI_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/acpi.h"

/* Where a BIOS leaves its tables, so that the search finds them too. */
enum { ACPI_IMAGE_AT = BIOS_AREA, ACPI_IMAGE_BYTES = 0x2000 };

struct acpi_image {
    uint8_t bytes[ACPI_IMAGE_BYTES];
    size_t used;
    /* Offsets. */
    size_t rsdp, rsdt, xsdt, fadt, dsdt, ssdt, hpet, madt;
};

static inline void acpi_image_sum(struct acpi_image *image, size_t at,
                                  size_t bytes, size_t checksum)
{
    uint8_t sum = 0;

    image->bytes[at + checksum] = 0;
    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + image->bytes[at + i]);
    image->bytes[at + checksum] = (uint8_t)-sum;
}

/* After a change: the table's sum is right again. */
static inline void acpi_image_seal(struct acpi_image *image, size_t at)
{
    struct acpi_table table;

    memcpy(&table, image->bytes + at, sizeof(table));
    if (table.length <= ACPI_IMAGE_BYTES - at)
        acpi_image_sum(image, at, table.length,
                       offsetof(struct acpi_table, checksum));
}

static inline void acpi_image_seal_rsdp(struct acpi_image *image)
{
    acpi_image_sum(image, image->rsdp, ACPI_RSDP_1_BYTES,
                   offsetof(struct acpi_rsdp, checksum));
    acpi_image_sum(image, image->rsdp, sizeof(struct acpi_rsdp),
                   offsetof(struct acpi_rsdp, extended_checksum));
}

/* 'content' is all of the table; its header is filled in. */
static inline size_t acpi_image_add(struct acpi_image *image,
                                    const char *signature, const void *content,
                                    size_t bytes)
{
    struct acpi_table header = { .length = (uint32_t)bytes, .revision = 1 };
    size_t at = image->used;

    memcpy(header.signature, signature, 4);
    memcpy(image->bytes + at, content, bytes);
    memcpy(image->bytes + at, &header, sizeof(header));
    image->used = (at + bytes + 15) / 16 * 16;
    acpi_image_seal(image, at);
    return at;
}

static inline size_t acpi_image_code(struct acpi_image *image,
                                     const char *signature, const void *code,
                                     size_t bytes)
{
    uint8_t table[1024] = { 0 };

    memcpy(table + sizeof(struct acpi_table), code, bytes);
    return acpi_image_add(image, signature, table,
                          sizeof(struct acpi_table) + bytes);
}

static inline struct acpi_gas acpi_image_gas(uint8_t space, uint64_t address)
{
    return (struct acpi_gas){ .space = space, .address = address };
}

/* A PC's: Name (\_S5, Package (4) { 5, 6, 0, 0 }) behind other code. */
static inline void acpi_image_pc(struct acpi_image *image)
{
    static const uint8_t code[] = {
        0x10, 0x05, '_',  'S',  'B',  '_',  0x5b, 0x01, /* other code */
        0x0d, '_',  'S',  '5',  '_',  0x00,             /* a string "_S5_" */
        0x08, '\\', '_',  'S',  '5',  '_',  0x12, 0x08,
        0x04, 0x0a, 0x05, 0x0a, 0x06, 0x00, 0x00, /* PkgLength 8 */
        0x08, 'X',  'Y',  'Z',  '_',  0x01,
    };
    struct acpi_fadt fadt = {
        .smi_cmd = 0xb2,
        .acpi_enable = 0xf1,
        .pm1a_evt_blk = 0x600,
        .pm1a_cnt_blk = 0x604,
        .pm1b_cnt_blk = 0x704,
        .pm_tmr_blk = 0x608,
        .flags = ACPI_FADT_RESET,
        .reset_reg = { .space = ACPI_SPACE_IO, .address = 0xcf9 },
        .reset_value = 0x0f,
    };
    struct acpi_hpet hpet = { .base.address = 0xfed00000 };
    uint8_t madt[ACPI_MADT_BYTES + 8] = { 0 };
    struct acpi_rsdp rsdp = { .revision = 2, .length = sizeof(rsdp) };
    uint64_t tables[5];
    uint8_t wide[sizeof(struct acpi_table) + sizeof(tables)] = { 0 };
    uint8_t narrow[sizeof(struct acpi_table) + sizeof(tables) / 2] = { 0 };

    memset(image, 0, sizeof(*image));
    image->rsdp = 0x20;
    image->used = 0x60;
    image->dsdt = acpi_image_code(image, "DSDT", code, sizeof(code));
    image->ssdt = acpi_image_code(image, "SSDT", code, 6);
    fadt.dsdt = (uint32_t)(ACPI_IMAGE_AT + image->dsdt);
    image->fadt = acpi_image_add(image, "FACP", &fadt, sizeof(fadt));
    image->hpet = acpi_image_add(image, "HPET", &hpet, sizeof(hpet));
    image->madt = acpi_image_add(image, "APIC", madt, sizeof(madt));

    tables[0] = 0; /* there are such */
    tables[1] = ACPI_IMAGE_AT + image->fadt;
    tables[2] = ACPI_IMAGE_AT + image->hpet;
    tables[3] = ACPI_IMAGE_AT + image->madt;
    tables[4] = ACPI_IMAGE_AT + image->ssdt;
    memcpy(wide + sizeof(struct acpi_table), tables, sizeof(tables));
    for (size_t i = 0; i < 5; i++) {
        uint32_t entry = (uint32_t)tables[i];

        memcpy(narrow + sizeof(struct acpi_table) + 4 * i, &entry, 4);
    }
    image->xsdt = acpi_image_add(image, "XSDT", wide, sizeof(wide));
    image->rsdt = acpi_image_add(image, "RSDT", narrow, sizeof(narrow));

    memcpy(rsdp.signature, ACPI_RSDP_SIGNATURE, sizeof(rsdp.signature));
    rsdp.rsdt = (uint32_t)(ACPI_IMAGE_AT + image->rsdt);
    rsdp.xsdt = ACPI_IMAGE_AT + image->xsdt;
    memcpy(image->bytes + image->rsdp, &rsdp, sizeof(rsdp));
    acpi_image_seal_rsdp(image);
}

/* In place: 'type' at 'offset' of the table at 'at'. */
#define ACPI_IMAGE_SET(image, at, type, field, value)                          \
    do {                                                                       \
        type set_;                                                             \
                                                                               \
        memcpy(&set_, (image)->bytes + (at), sizeof(set_));                    \
        set_.field = value;                                                    \
        memcpy((image)->bytes + (at), &set_, sizeof(set_));                    \
    } while (0)

/*
 * What a kernel maps: a copy of exactly so many bytes, so that ASan sees a read
 * beyond. Behind the image there are zeros, up to 'end'; then nothing.
 */
enum { ACPI_MAPS = 2048 };
static void *acpi_maps[ACPI_MAPS];
static size_t acpi_map_count;

static inline void *acpi_map_copy(const uint8_t *bytes, size_t size,
                                  uint64_t end, uint64_t paddr, size_t length)
{
    uint64_t from = paddr > ACPI_IMAGE_AT ? paddr : ACPI_IMAGE_AT;
    uint64_t to = paddr + length;
    uint8_t *copy;

    if (to < paddr || to > end || acpi_map_count == ACPI_MAPS)
        return NULL;
    copy = calloc(1, length ? length : 1);
    if (!copy)
        return NULL;
    if (to > ACPI_IMAGE_AT + size)
        to = ACPI_IMAGE_AT + size;
    if (from < to)
        memcpy(copy + (from - paddr), bytes + (from - ACPI_IMAGE_AT),
               (size_t)(to - from));
    acpi_maps[acpi_map_count++] = copy;
    return copy;
}

static inline void acpi_maps_free(void)
{
    while (acpi_map_count)
        free(acpi_maps[--acpi_map_count]);
}

#endif /* ACPI_IMAGE_H */
