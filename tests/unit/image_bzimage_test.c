/* SPDX-License-Identifier: MIT */
/*
 * image: a bzImage's header is believed within its file, and the ELF inside
 * is found whatever it is packed with.
 *
 * Sources: those named in lab/image/bzimage.c and lab/image/unpack.c; LZ4
 *          Frame Format Description, "Legacy frame", and LZ4 Block Format.
 *
 * Damage that was tried, in image/bzimage.c: no slack for syssize
 * (cut_bzimage_is_refused), all of the payload's doors taken
 * (payload_is_unpacked), payload not checked against the file
 * (payload_is_refused); in image/unpack.c: the size not cut off
 * (payload_is_unpacked), no UNPACKED_MAX or RATIO_MAX (payload_is_refused),
 * an early end not seen (it does not return).
 */
#include "image_expect.h"

#include <archive.h>
#include <archive_entry.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SETUP_SECTS = 1,
    SETUP_BYTES = (SETUP_SECTS + 1) * 512,
    PAYLOAD_AT = SETUP_BYTES + 64, /* code comes before it */
    FILE_MAX = 5 << 20,
};

static struct elf_builder elf;
static uint8_t file[FILE_MAX];
static size_t file_size;

static void put(size_t at, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        file[at + i] = (uint8_t)(value >> 8 * i);
}

/* A bzImage of protocol 2.15 with this payload; syssize is exact. */
static void make_bzimage(const void *payload, size_t size)
{
    size_t kernel = (PAYLOAD_AT - SETUP_BYTES + size + 15) / 16 * 16;

    assert_true(SETUP_BYTES + kernel <= sizeof(file));
    memset(file, 0, sizeof(file));
    file_size = SETUP_BYTES + kernel;
    put(0x1f1, 1, SETUP_SECTS);
    put(0x1f4, 4, kernel / 16);
    put(0x1fe, 2, 0xaa55);
    memcpy(file + 0x202, "HdrS", 4);
    put(0x206, 2, 0x020f);
    put(0x236, 2, 1); /* XLF_KERNEL_64 */
    put(0x248, 4, PAYLOAD_AT - SETUP_BYTES);
    put(0x24c, 4, size);
    memcpy(file + PAYLOAD_AT, payload, size);
}

/* Pack with one of libarchive's filters. Returns the packed size. */
static size_t pack(const char *filter, const void *bytes, size_t size,
                   uint8_t *out, size_t room)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t used = 0;

    assert_int_equal(ARCHIVE_OK,
                     archive_write_add_filter_by_name(archive, filter));
    assert_int_equal(ARCHIVE_OK, archive_write_set_format_raw(archive));
    /* Not padded to a block: a kernel is not. */
    archive_write_set_bytes_per_block(archive, 0);
    assert_int_equal(ARCHIVE_OK,
                     archive_write_open_memory(archive, out, room, &used));
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(ARCHIVE_OK, archive_write_header(archive, entry));
    assert_int_equal(size, archive_write_data(archive, bytes, size));
    assert_int_equal(ARCHIVE_OK, archive_write_close(archive));
    archive_write_free(archive);
    archive_entry_free(entry);
    return used;
}

/* One block of literals, which is how little the format asks for. */
static size_t pack_lz4_legacy(const uint8_t *bytes, size_t size, uint8_t *out)
{
    size_t used = 8, rest = size - 15;

    memcpy(out, "\x02\x21\x4c\x18", 4);
    out[used++] = 0xf0;
    for (; rest >= 255; rest -= 255)
        out[used++] = 255;
    out[used++] = (uint8_t)rest;
    memcpy(out + used, bytes, size);
    used += size;
    for (size_t i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)((used - 8) >> 8 * i);
    return used;
}

static void append_size(uint8_t *packed, size_t *size, uint32_t unpacked)
{
    memcpy(packed + *size, &unpacked, sizeof(unpacked));
    *size += sizeof(unpacked);
}

/* Linux's doors, as in Debian's vmlinux. */
static void make_payload_elf(void)
{
    static const uint32_t multiboot[3] = { 0x1badb002, 3, 0xe4524ffb };
    size_t at;

    elf_builder_kernel(&elf, true);
    elf_builder_add(&elf, 4, multiboot, sizeof(multiboot));
    at = elf_builder_xen_number(&elf, 4, BUILDER_XEN_ENTRY, 0xffffffff80100010,
                                8);
    elf_builder_xen_number(&elf, 4, BUILDER_XEN_VIRT_BASE, 0xffffffff80000000,
                           8);
    elf_builder_xen_number(&elf, 4, BUILDER_XEN_PHYS32_ENTRY, 0x100018, 4);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
    elf_builder_add(&elf, 1, NULL, 20000);
}

static struct image expect_bzimage(unsigned doors)
{
    struct image image;
    char why[IMAGE_WHY_BYTES];

    if (!image_parse_copy(file, file_size, &image, why))
        fail_msg("refused: %s", why);
    assert_int_equal(IMAGE_BZIMAGE, image.format);
    assert_int_equal(doors, image.doors);
    return image;
}

static void expect_payload_refusal(const char *sentence)
{
    struct image image = expect_bzimage(DOOR_LINUX);
    struct image before = image;
    char why[IMAGE_WHY_BYTES];

    assert_false(image_parse_payload(file, file_size, &image, why));
    if (strncmp(why, sentence, strlen(sentence)) != 0)
        fail_msg("\"%s\" instead of \"%s\"", why, sentence);
    assert_memory_equal(&before, &image, sizeof(image));
}

static void header_is_read(void **state)
{
    struct image image;

    (void)state;
    make_bzimage("", 0);
    image = expect_bzimage(DOOR_LINUX);
    assert_int_equal(64, image.bits);
    assert_int_equal(PAYLOAD_AT, image.payload_offset);
    put(0x236, 2, 0);
    assert_int_equal(0, expect_bzimage(DOOR_LINUX).bits);
    put(0x236, 2, 1 << 2);
    expect_bzimage(DOOR_LINUX | DOOR_LINUX_EFI);
    put(0x236, 2, 1 << 3);
    expect_bzimage(DOOR_LINUX | DOOR_LINUX_EFI);
    /* Before 2.12 there was something else, before 2.08 no payload. */
    put(0x206, 2, 0x020b);
    expect_bzimage(DOOR_LINUX);
    put(0x24c, 4, 77);
    assert_int_equal(77, expect_bzimage(DOOR_LINUX).payload_bytes);
    put(0x206, 2, 0x0207);
    assert_int_equal(0, expect_bzimage(DOOR_LINUX).payload_bytes);

    make_bzimage("", 0);
    memcpy(file, "MZ", 2);
    put(0x3c, 4, 0x80);
    expect_bzimage(DOOR_LINUX);
    memcpy(file + 0x80, "PE\0\0", 4);
    expect_bzimage(DOOR_LINUX | DOOR_LINUX_EFI);
}

static void cut_bzimage_is_refused(void **state)
{
    (void)state;
    make_bzimage("0123456789abcdef", 16);
    assert_int_equal(1104, file_size);
    /* syssize is rounded up to 16. */
    file_size = 1089;
    expect_bzimage(DOOR_LINUX);
    image_expect_refusal(file, 1088, "bzImage: cut off (1088 of 1104 bytes)");
    image_expect_refusal(file, 1024, "bzImage: cut off (1024 of 1104 bytes)");
    image_expect_refusal(
        file, 1023, "bzImage: cut off in its setup code (1023 of 1024 bytes)");
    image_expect_refusal(file, 615,
                         "bzImage: cut off in its header (615 of 616 bytes)");
    image_expect_refusal(file, 518,
                         "bzImage: cut off in its header (518 of 616 bytes)");
    /* 0 sectors of setup code are 4. */
    put(0x1f1, 1, 0);
    image_expect_refusal(
        file, 1104, "bzImage: cut off in its setup code (1104 of 2560 bytes)");
    put(0x1f1, 1, SETUP_SECTS);
    put(0x1f4, 4, UINT32_MAX);
    image_expect_refusal(file, 1104,
                         "bzImage: cut off (1104 of 68719477744 bytes)");
    /* That field had 2 bytes before 2.04. */
    put(0x206, 2, 0x0203);
    expect_bzimage(DOOR_LINUX);
}

static void payload_is_unpacked(void **state)
{
    static const char *const filters[] = { "gzip", "bzip2", "lzma", "xz",
                                           "lz4",  "zstd",  NULL };
    static uint8_t packed[64 << 10];

    (void)state;
    for (size_t i = 0; i < COUNT(filters); i++) {
        struct image image;
        char why[IMAGE_WHY_BYTES];
        size_t size;

        make_payload_elf();
        if (filters[i])
            size = pack(filters[i], elf.data, elf.size, packed,
                        sizeof(packed) - 4);
        else
            size = pack_lz4_legacy(elf.data, elf.size, packed);
        if (i > 0) /* gzip has it by itself */
            append_size(packed, &size, (uint32_t)elf.size);
        make_bzimage(packed, size);

        image = expect_bzimage(DOOR_LINUX);
        if (!image_parse_payload(file, file_size, &image, why))
            fail_msg("%s: %s", filters[i] ? filters[i] : "legacy lz4", why);
        assert_int_equal(DOOR_LINUX | DOOR_PVH | DOOR_XEN_PV, image.doors);
        assert_int_equal(64, image.bits);
        assert_int_equal(0x100018, image.pvh_entry);
        assert_int_equal(0xffffffff80100010, image.xen_entry);
        assert_int_equal(0xffffffff80000000, image.virt_base);
        assert_int_equal(1, image.range_count);
        assert_int_equal(0x100000, image.ranges[0].paddr);

        /* A cut payload with the right size behind it. */
        size -= size / 2;
        append_size(packed, &size, (uint32_t)elf.size);
        make_bzimage(packed, size);
        expect_payload_refusal("bzImage: payload ");
    }
}

static void payload_is_refused(void **state)
{
    static uint8_t packed[64 << 10], zeroes[50000];
    static uint8_t large[4608 << 10];
    size_t size;

    (void)state;
    make_bzimage("", 0);
    expect_payload_refusal("bzImage: its header tells of no payload");
    make_bzimage("0123456789abcdef", 16);
    expect_payload_refusal("bzImage: payload has no known compression");
    put(0x248, 4, UINT32_MAX);
    expect_payload_refusal("bzImage: payload lies beyond the end of the file "
                           "(offset 4294968319, 16 bytes; file 1104 bytes)");

    /* More than is ever unpacked. */
    memcpy(large,
           "\xfd"
           "7zXZ",
           6);
    size = sizeof(large) - 4;
    append_size(large, &size, (256 << 20) + 1);
    make_bzimage(large, size);
    expect_payload_refusal("bzImage: payload of 4718592 bytes claims to be "
                           "268435457 when unpacked");

    /* More than packing can have saved. */
    make_payload_elf();
    size = pack("xz", elf.data, elf.size, packed, sizeof(packed));
    append_size(packed, &size, (1 << 20) + 64);
    make_bzimage(packed, size);
    expect_payload_refusal("bzImage: payload of ");

    /* One byte more than there is. */
    size -= 4;
    append_size(packed, &size, (uint32_t)elf.size + 1);
    make_bzimage(packed, size);
    expect_payload_refusal("bzImage: payload ends at 20400 of 20401 bytes");

    memcpy(zeroes, "no ELF", 6);
    size = pack("gzip", zeroes, 50000, packed, sizeof(packed));
    make_bzimage(packed, size);
    expect_payload_refusal("bzImage's payload is no ELF");

    /* An ELF without doors of Xen's. */
    elf_builder_kernel(&elf, true);
    size = pack("gzip", elf.data, elf.size, packed, sizeof(packed));
    make_bzimage(packed, size);
    expect_payload_refusal("bzImage's payload: ELF has no boot note: neither "
                           "PVH, Multiboot nor Xen");
}

/* What a machine has under /boot; nothing there is no failure. */
static void installed_kernels_are_recognised(void **state)
{
    static const struct {
        const char *pattern;
        unsigned least;
        bool payload;
    } rows[] = {
        { "/boot/vmlinuz-*-amd64", DOOR_LINUX | DOOR_LINUX_EFI, true },
        { "/boot/memtest86+x64.bin", DOOR_LINUX | DOOR_LINUX_EFI, false },
    };
    unsigned seen = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        glob_t found;

        if (glob(rows[i].pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++) {
            char why[IMAGE_WHY_BYTES];
            struct image image;
            bool ok = image_open_payload(found.gl_pathv[j], &image, why);

            seen++;
            if (ok != rows[i].payload)
                fail_msg("%s: %s", found.gl_pathv[j], why);
            assert_int_equal(rows[i].least, image.doors & rows[i].least);
            if (ok)
                assert_true(image.doors & DOOR_XEN_PV);
        }
        globfree(&found);
    }
    if (!seen) {
        fprintf(stderr, "SKIP: /boot has neither Debian's kernel nor "
                        "memtest86+\n");
        skip();
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_read),
        cmocka_unit_test(cut_bzimage_is_refused),
        cmocka_unit_test(payload_is_unpacked),
        cmocka_unit_test(payload_is_refused),
        cmocka_unit_test(installed_kernels_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
