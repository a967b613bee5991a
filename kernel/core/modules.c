/* SPDX-License-Identifier: MIT */
/*
 * The loader's modules, mapped once; and their checksums, so that what a
 * loader passed can be compared with the file it was told to pass.
 */
#include "core/modules.h"

#include <stdint.h>

#include "arch/layout.h"
#include "arch/window.h"
#include "core/log.h"
#include "core/main.h"

const void *modules_map(size_t index, size_t *out_bytes)
{
    static const void *mapped[BOOT_MAX_MODULES];
    const struct boot_range *module = &kernel.boot.modules[index];

    if (index >= kernel.boot.module_count ||
        module->bytes > LAYOUT_WINDOW_BYTES)
        return NULL;
    if (!mapped[index])
        mapped[index] =
            window_map(module->base, (size_t)module->bytes, PVOPS_MAP_MEMORY);
    *out_bytes = (size_t)module->bytes;
    return mapped[index];
}

/* Source: POSIX.1-2017, Shell & Utilities, cksum: CRC of 04c11db7. */
static uint32_t crc_of(uint32_t crc, uint8_t byte)
{
    /* i * x^32 modulo the polynomial */
    static const uint32_t nibbles[16] = {
        0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b,
        0x1a864db2, 0x1e475005, 0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
        0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd,
    };

    crc = crc << 4 ^ nibbles[crc >> 28 ^ byte >> 4];
    return crc << 4 ^ nibbles[crc >> 28 ^ (byte & 15)];
}

static uint32_t cksum(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0;

    for (size_t i = 0; i < size; i++)
        crc = crc_of(crc, bytes[i]);
    for (; size; size >>= 8)
        crc = crc_of(crc, (uint8_t)size);
    return ~crc;
}

void modules_describe(void)
{
    for (size_t i = 0; i < kernel.boot.module_count; i++) {
        unsigned long long base = kernel.boot.modules[i].base;
        unsigned long long size = kernel.boot.modules[i].bytes;
        size_t bytes;
        const uint8_t *at = modules_map(i, &bytes);

        if (at)
            log_line("module %zu: %llu bytes at 0x%llx, cksum %u", i, size,
                     base, cksum(at, bytes));
        else
            log_line("module %zu: %llu bytes at 0x%llx, no room to map it", i,
                     size, base);
    }
}
