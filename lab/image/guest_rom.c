/* SPDX-License-Identifier: MIT */
/*
 * Header of a ROM file, the ACPI table "VMIR", a firmware with a ROM in it.
 */
#include "image/guest_rom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "abi/vmi64.h"

enum {
    ROM_MOST_BYTES = UINT8_MAX * VMI_BLOCK_BYTES, /* its length is a byte */
    /* QEMU 7.2, hw/acpi/core.c: a table's length has 16 bits. */
    TABLE_MOST_BYTES = UINT16_MAX,
    TABLE_ROM_MOST_BYTES =
        TABLE_MOST_BYTES - (int)VMI64_ACPI_AT - (int)sizeof(struct vmi64_acpi),
    SEABIOS_BYTES = 128 * 1024, /* "bios.bin" */
};

/* The file's bytes, up to 'most' and one; its size, or -1 with errno set. */
static ssize_t read_bytes(const char *path, uint8_t *bytes, size_t most)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat info;
    size_t used = 0;
    ssize_t n = -1;

    if (fd < 0)
        return -1;
    errno = EINVAL;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        do {
            n = read(fd, bytes + used, most + 1 - used);
            used += n > 0 ? (size_t)n : 0;
        } while (n > 0 && used <= most);
    } else if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
    }
    close(fd);
    return n < 0 ? -1 : (ssize_t)used;
}

static uint8_t *rom_bytes(const char *path, ssize_t *out_size)
{
    uint8_t *bytes = calloc(1, ROM_MOST_BYTES + 1);

    if (!bytes)
        abort();
    *out_size = read_bytes(path, bytes, ROM_MOST_BYTES);
    return bytes;
}

static const struct {
    const char *prefix;
    enum guest_rom_way way;
} ways[] = {
    { "acpi:", ROM_ACPI },
    { "region:", ROM_REGION },
};

static const char *split(const char *text, enum guest_rom_way *out_way)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        size_t length = strlen(ways[i].prefix);

        if (strncmp(text, ways[i].prefix, length) != 0)
            continue;
        *out_way = ways[i].way;
        return text + length;
    }
    *out_way = ROM_NONE;
    return text;
}

const char *guest_rom_file(const char *text)
{
    enum guest_rom_way way;

    return text ? split(text, &way) : NULL;
}

static bool fits_way(const char *text, struct guest_rom *rom, size_t size,
                     uint8_t major, char why[WHY_BYTES])
{
    if (major != VMI_API_MAJOR && major != VMI64_API_MAJOR) {
        snprintf(why, WHY_BYTES,
                 "%.300s has API major %u: there are %u (VMI 3.0, i386) and %u "
                 "(64-bit profile)",
                 rom->file, major, VMI_API_MAJOR, VMI64_API_MAJOR);
        return false;
    }
    rom->bits = major == VMI_API_MAJOR ? 32 : 64;
    if (rom->way == ROM_NONE) {
        rom->way = rom->bits == 32 ? ROM_OPTION : ROM_MODULE;
        return true;
    }
    if (rom->bits == 32) {
        snprintf(why, WHY_BYTES,
                 "%.300s: a ROM of VMI 3.0 is an option ROM, which no ACPI "
                 "table names",
                 text);
        return false;
    }
    if (rom->way == ROM_ACPI && size > TABLE_ROM_MOST_BYTES) {
        snprintf(why, WHY_BYTES,
                 "%.300s has %zu bytes, but QEMU's ACPI tables have room for "
                 "%d: say region:FILE",
                 text, size, TABLE_ROM_MOST_BYTES);
        return false;
    }
    return true;
}

bool guest_rom_open(const char *text, struct guest_rom *out_rom,
                    char why[WHY_BYTES])
{
    const struct vmi_header *header;
    uint32_t mark;
    ssize_t size;
    uint8_t *bytes;
    bool good = false;

    *out_rom = (struct guest_rom){ 0 };
    out_rom->file = split(text, &out_rom->way);
    bytes = rom_bytes(out_rom->file, &size);
    header = (const struct vmi_header *)bytes;
    memcpy(&mark, &header->vmi_signature, sizeof(mark));
    if (!*out_rom->file || (size < 0 && errno == ENOENT &&
                            out_rom->way == ROM_NONE && strchr(text, ':')))
        snprintf(why, WHY_BYTES,
                 "'%.300s' names no file: it wants FILE, acpi:FILE or "
                 "region:FILE",
                 text);
    else if (size < 0)
        snprintf(why, WHY_BYTES, "cannot read %.300s: %s", out_rom->file,
                 errno == EINVAL ? "not a regular file" : strerror(errno));
    else if (size == 0)
        snprintf(why, WHY_BYTES, "%.300s is empty", out_rom->file);
    else if (size > ROM_MOST_BYTES)
        snprintf(why, WHY_BYTES,
                 "%.300s is larger than a VMI ROM can be: %d bytes",
                 out_rom->file, ROM_MOST_BYTES);
    else if ((size_t)size < sizeof(*header) || mark != VMI_SIGNATURE)
        snprintf(why, WHY_BYTES,
                 "%.300s is no VMI ROM: there is no \"cVmi\" at byte 8, or "
                 "less than its header",
                 out_rom->file);
    else
        good = fits_way(text, out_rom, (size_t)size, header->api_major, why);
    free(bytes);
    return good;
}

static bool write_bytes(const char *path, const void *bytes, size_t size,
                        char why[WHY_BYTES])
{
    FILE *file = fopen(path, "we");
    bool good = file && fwrite(bytes, 1, size, file) == size;

    if (file && fclose(file))
        good = false;
    if (!good)
        snprintf(why, WHY_BYTES, "cannot write %.300s: %s", path,
                 strerror(errno));
    return good;
}

/* The ROM once more: it was there when it was opened. */
static uint8_t *read_again(const struct guest_rom *rom, size_t *out_size,
                           char why[WHY_BYTES])
{
    ssize_t size;
    uint8_t *bytes = rom_bytes(rom->file, &size);

    *out_size = size < 0 ? 0 : (size_t)size;
    if (size > 0 && size <= ROM_MOST_BYTES)
        return bytes;
    snprintf(why, WHY_BYTES, "cannot read %.300s: %s", rom->file,
             size < 0 ? strerror(errno) : "its size has changed");
    free(bytes);
    return NULL;
}

/* The standard header but for its checksum. */
static void put_header(uint8_t header[VMI64_ACPI_AT], uint32_t length)
{
    static const uint32_t revision = 1;

    memcpy(header, VMI64_ACPI_SIGNATURE, 4);
    memcpy(header + 4, &length, 4);
    header[8] = 1;
    memcpy(header + 10, "PVOPS ", 6);
    memcpy(header + 16, "PVLAB   ", 8);
    memcpy(header + 24, &revision, 4);
    memcpy(header + 28, "PVLB", 4);
    memcpy(header + 32, &revision, 4);
}

bool guest_rom_table(const struct guest_rom *rom, const char *path,
                     char why[WHY_BYTES])
{
    size_t rom_size, size = VMI64_ACPI_AT + sizeof(struct vmi64_acpi);
    uint8_t *image = read_again(rom, &rom_size, why);
    struct vmi64_acpi body = { 0 };
    struct sha256_ctx context;
    uint8_t *table, sum = 0;
    bool good;

    if (!image)
        return false;
    if (rom->way == ROM_REGION) {
        body.bytes = (uint32_t)rom_size;
        body.address = GUEST_ROM_REGION;
        sha256_init(&context);
        sha256_update(&context, rom_size, image);
        sha256_digest(&context, sizeof(body.sha256), body.sha256);
    } else {
        size += rom_size;
    }
    table = calloc(1, size);
    if (!table)
        abort();
    put_header(table, (uint32_t)size);
    memcpy(table + VMI64_ACPI_AT, &body, sizeof(body));
    if (rom->way != ROM_REGION)
        memcpy(table + VMI64_ACPI_AT + sizeof(body), image, rom_size);
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + table[i]);
    table[9] = (uint8_t)-sum;
    good = write_bytes(path, table, size, why);
    free(table);
    free(image);
    return good;
}

bool guest_rom_firmware(const struct guest_rom *rom, const char *seabios,
                        const char *path, char why[WHY_BYTES])
{
    uint8_t *firmware = malloc(2 * SEABIOS_BYTES + 1);
    size_t rom_size;
    uint8_t *image = read_again(rom, &rom_size, why);
    bool good = false;

    if (!firmware)
        abort();
    if (!image)
        goto out;
    memset(firmware, 0xff, SEABIOS_BYTES);
    memcpy(firmware, image, rom_size);
    if (read_bytes(seabios, firmware + SEABIOS_BYTES, SEABIOS_BYTES) !=
        SEABIOS_BYTES)
        snprintf(why, WHY_BYTES, "%.300s is no SeaBIOS of %d bytes", seabios,
                 SEABIOS_BYTES);
    else
        good = write_bytes(path, firmware, (size_t)2 * SEABIOS_BYTES, why);
out:
    free(image);
    free(firmware);
    return good;
}
