/* SPDX-License-Identifier: MIT */
/*
 * image: whatever the bytes, the answer is an image with a door or a sentence.
 *
 * Seeds: tests/fuzz/image_seeds.c.
 */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* One line, ended within its array. */
static void require_sentence(const char why[IMAGE_WHY_BYTES])
{
    size_t length = strnlen(why, IMAGE_WHY_BYTES);

    require(length > 0 && length < IMAGE_WHY_BYTES);
    require(!memchr(why, '\n', length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[IMAGE_WHY_BYTES], text[80];
    struct image image, before;
    uint8_t *copy = malloc(size + 1);

    require(copy);
    /* At an odd address, and ended by the allocation's end. */
    memcpy(copy + 1, data, size);
    if (!image_parse(copy + 1, size, &image, why)) {
        require_sentence(why);
        free(copy);
        return 0;
    }
    require(image.doors != 0);
    require(image.range_count <= IMAGE_MAX_RANGES);
    require(image_doors_text(image.doors, text, sizeof(text))[0]);
    if (image.doors & DOOR_PVH)
        require(image.pvh_entry <= UINT32_MAX);
    for (size_t i = 0; i < image.range_count; i++)
        require(image.ranges[i].bytes - 1 <=
                UINT64_MAX - image.ranges[i].paddr);

    before = image;
    if (!image_parse_payload(copy + 1, size, &image, why)) {
        require_sentence(why);
        require(memcmp(&before, &image, sizeof(image)) == 0);
    } else if (image.format == IMAGE_BZIMAGE) {
        require(image.doors & DOOR_LINUX);
        require(image.doors & (DOOR_PVH | DOOR_XEN_PV));
    }
    free(copy);
    return 0;
}
