/* SPDX-License-Identifier: MIT */
/*
 * kernel: what the shim reads of a kernel's file. Whatever the bytes, the
 * answer is a sentence, or places that are in the file and in order.
 *
 * Seeds: tests/fuzz/kernel_seeds.c. Damage tried, each found in 100,000 runs:
 * the bounds of a segment, of an area of notes in a segment or a section, of
 * the tables of both, of a payload left out; segments over each other taken.
 */
#include "image/image.h"
#include "image/packed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 20 };

static volatile unsigned sum; /* so that bytes are read */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sentence(const struct pvi_line *why)
{
    require(why->length && why->length == strlen(why->text));
}

static void require_order(const struct kernel_image *image, const uint8_t *file,
                          size_t size)
{
    uint64_t end = 0;

    require(image->segment_count && image->segment_count <= KERNEL_SEGMENTS);
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct kernel_segment *segment = &image->segments[i];

        require(segment->file_offset <= size &&
                segment->file_bytes <= size - segment->file_offset);
        for (uint64_t at = 0; at < segment->file_bytes; at++)
            sum += file[segment->file_offset + at];
        require(segment->file_bytes <= segment->bytes && segment->bytes);
        require(segment->physical >= end);
        end = segment->physical + segment->bytes;
        require(end > segment->physical);
    }
    require(image->virt_base % 4096 == 0);
    require(image->virt_start ==
            image->virt_base + image->segments[0].physical);
    require(image->virt_end == image->virt_base + end);
    require(image->virt_end > image->virt_start);
    require(image->entry >= image->virt_start &&
            image->entry < image->virt_end);
    require(strlen(image->guest_os) < KERNEL_NAME_BYTES);
    require(strlen(image->guest_version) < KERNEL_NAME_BYTES);
    require(!(image->features_required & ~image->features_supported));
    if (image->hypercall_page != KERNEL_UNSET)
        require(image->hypercall_page % 4096 == 0 &&
                image->hypercall_page >= image->virt_start &&
                image->virt_end - image->hypercall_page >= 4096);
    if (image->init_p2m != KERNEL_UNSET)
        require(image->init_p2m < image->virt_base ||
                image->init_p2m >= image->virt_end);
}

static void read_elf(const uint8_t *file, size_t size)
{
    struct kernel_image image;
    struct pvi_line why;

    if (kernel_image_read(file, size, 0x811, &image, &why))
        require_order(&image, file, size);
    else
        require_sentence(&why);
}

static void read_packed(const uint8_t *file, size_t size)
{
    static struct unpack_work work;
    struct kernel_packed packed;
    struct pvi_line why;
    uint8_t *out;

    if (!kernel_packed_read(file, size, &packed, &why)) {
        require_sentence(&why);
        return;
    }
    require(kernel_is_packed(file, size));
    require(packed.bytes >= file && packed.size <= size &&
            (size_t)(packed.bytes - file) <= size - packed.size);
    if (packed.unpacked_bytes > ROOM)
        return;
    out = malloc(packed.unpacked_bytes);
    require(out || !packed.unpacked_bytes);
    if (kernel_unpack(&packed, &work, out, &why))
        read_elf(out, packed.unpacked_bytes);
    else
        require_sentence(&why);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    require(copy);
    /* At an odd address, and ended by the allocation's end. */
    memcpy(copy + 1, data, size);
    read_elf(copy + 1, size);
    read_packed(copy + 1, size);
    free(copy);
    return 0;
}
