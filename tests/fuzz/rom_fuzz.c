/* SPDX-License-Identifier: MIT */
/*
 * A ROM from an enemy: whatever its bytes are, the check ends, reads none that
 * is not there, and hands out nothing that lies elsewhere.
 *
 * Tried: "at + length < look->length" in string(), or at + bytes <= in
 * is_inside(), or the length's rule left out is found within 20,000 runs.
 */
#include <stdlib.h>
#include <string.h>

#include "vmi_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held)
        abort();
}

static void check_inside(const struct pvi_rom_image *image, const void *at,
                         size_t bytes)
{
    const uint8_t *from = at;

    if (!at)
        return;
    require(image->length && from >= image->bytes + 0x20);
    require(from + bytes <= image->bytes + image->length);
}

static void check_string(const struct pvi_rom_image *image, const char *text)
{
    if (!text)
        return;
    check_inside(image, text, 1);
    check_inside(image, text, strlen(text) + 1);
    for (; *text; text++)
        require(*text >= ' ' && *text <= '~');
}

static void check(uint32_t broken, size_t most, unsigned major,
                  const struct pvi_rom_image *image)
{
    require(broken >> PVI_ROM_RULES == 0);
    require(!image->header == (broken == 1u << PVI_ROM_SHORT));
    require(!image->vmi64 == (major != VMI64_API_MAJOR || !image->header));
    require(image->length <= most);
    require(!image->length ==
            !!(broken & (1u << PVI_ROM_SHORT | 1u << PVI_ROM_LENGTH)));
    check_inside(image, image->pci, sizeof(*image->pci));
    check_inside(image, image->pnp, sizeof(*image->pnp));
    check_string(image, image->manufacturer);
    check_string(image, image->product);
    check_string(image, image->licence);
    check_string(image, image->platform);
    if (broken)
        return;
    require(image->header->api_major == major);
    if (major == VMI64_API_MAJOR)
        require(image->length % 4096 == 0 &&
                image->vmi64->state_bytes <= PVI_ROM_MOST_STATE &&
                image->vmi64->cpu_bytes <= PVI_ROM_MOST_CPU);
    else
        require(image->pci && (!strcmp(image->licence, "GPL") ||
                               !strcmp(image->licence, "GPL v2")));
}

/*
 * The first byte: as which API it is checked, and whether the sum is put right
 * first, without which no input but the seeds would be sound.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pvi_rom_image image;
    unsigned major;
    uint8_t *bytes;
    size_t length;

    if (!size)
        return 0;
    major = data[0] & 1 ? VMI64_API_MAJOR : VMI_API_MAJOR;
    /* In a place of its own, where a byte too many is noticed. */
    bytes = malloc(size);
    require(bytes);
    memcpy(bytes, data + 1, size - 1);
    length = size > 3 ? (size_t)bytes[2] * VMI_BLOCK_BYTES : 0;
    if (data[0] & 2 && length && length < size) {
        uint8_t sum = 0;

        for (size_t i = 0; i < length; i++)
            sum = (uint8_t)(sum + bytes[i]);
        bytes[length - 1] = (uint8_t)(bytes[length - 1] - sum);
    }
    bytes = realloc(bytes, size > 1 ? size - 1 : 1);
    check(pvi_rom_check(bytes, size - 1, major, &image), size - 1, major,
          &image);
    free(bytes);
    return 0;
}
