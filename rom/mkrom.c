/* SPDX-License-Identifier: MIT */
/*
 * mkrom IN OUT: makes a ROM of the flat image that a linker wrote: pads it,
 * fills in its length and the checksums of the PnP structure and of the whole.
 *
 * Writes nothing that breaks a rule of vmi_image.h. The image begins with VMI's
 * header, and its lengths and checksums are 0.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/vmi64.h"
#include "vmi_image.h"

#define PAGE_BYTES 4096u
#define MOST_BYTES (255u * VMI_BLOCK_BYTES)

static const char *in_name;

static void __attribute__((format(printf, 1, 2), noreturn))
fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "mkrom: %s: ", in_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static size_t read_image(uint8_t *out_bytes, size_t most)
{
    FILE *file = fopen(in_name, "rb");
    size_t length;

    if (!file)
        fail("%s", strerror(errno));
    length = fread(out_bytes, 1, most, file);
    if (ferror(file))
        fail("%s", strerror(errno));
    fclose(file);
    return length;
}

/* What makes all of 'length' bytes add up to 0 modulo 256. */
static uint8_t complement(const uint8_t *bytes, size_t length)
{
    uint8_t sum = 0;

    while (length--)
        sum = (uint8_t)(sum + *bytes++);
    return (uint8_t)-sum;
}

/* A structure whose offset is 'at', of 'length' bytes; NULL if it has none. */
static void *structure(uint8_t *image, size_t bytes, unsigned at, size_t length,
                       const char *signature)
{
    if (at == 0)
        return NULL;
    if (at + length > bytes || memcmp(image + at, signature, 4) != 0)
        fail("no %s structure at 0x%x, where the header says", signature, at);
    return image + at;
}

static size_t finish(uint8_t *image, size_t length)
{
    struct vmi_header *header = (struct vmi_header *)image;
    struct vmi_pci *pci;
    struct vmi_pnp *pnp;
    size_t unit, bytes;

    if (length < sizeof(*header) || header->vmi_signature != VMI_SIGNATURE)
        fail("no VMI header");
    unit = header->api_major == VMI64_API_MAJOR ? PAGE_BYTES : VMI_BLOCK_BYTES;
    /* One byte behind it at least: it makes the sum 0. */
    bytes = (length + unit) / unit * unit;
    if (bytes > MOST_BYTES)
        fail("%zu bytes are too many: a ROM has at most %u", bytes,
             MOST_BYTES / (unsigned)unit * (unsigned)unit);
    memset(image + length, 0, bytes - length);

    header->blocks = (uint8_t)(bytes / VMI_BLOCK_BYTES);
    pci = structure(image, length, header->pci, sizeof(*pci), "PCIR");
    if (pci)
        pci->blocks = header->blocks;
    pnp = structure(image, length, header->pnp, sizeof(*pnp), "$PnP");
    if (pnp) {
        pnp->checksum = 0;
        pnp->checksum = complement((const uint8_t *)pnp, sizeof(*pnp));
    }
    image[bytes - 1] = complement(image, bytes - 1);
    return bytes;
}

static void check(const uint8_t *image, size_t bytes)
{
    const struct vmi_header *header = (const struct vmi_header *)image;
    struct pvi_rom_image parts;
    uint32_t broken = pvi_rom_check(image, bytes, header->api_major, &parts);

    for (unsigned rule = 0; rule < PVI_ROM_RULES; rule++) {
        if (broken >> rule & 1)
            fail("%s", pvi_rom_rule_text((enum pvi_rom_rule)rule));
    }
}

int main(int argc, char **argv)
{
    static uint8_t image[MOST_BYTES + PAGE_BYTES] __attribute__((aligned(16)));
    FILE *out;
    size_t bytes;

    if (argc != 3) {
        fprintf(stderr, "usage: mkrom IN OUT\n");
        return 2;
    }
    in_name = argv[1];
    bytes = finish(image, read_image(image, MOST_BYTES + 1));
    check(image, bytes);
    out = fopen(argv[2], "wb");
    if (!out || fwrite(image, 1, bytes, out) != bytes || fclose(out) != 0) {
        fprintf(stderr, "mkrom: %s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    return 0;
}
