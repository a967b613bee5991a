/* SPDX-License-Identifier: MIT */
/*
 * image: the format of a file is recognised by what its specification says;
 * whatever does not boot is called what it is.
 *
 * Sources: those named in lab/image/image.c.
 *
 * Damage that was tried, in image.c: version of CD001 not compared
 * (other_formats), no O_NONBLOCK (only_readable_files_are_opened waits for
 * ever), PE not told from a boot sector (flat_and_uefi_programs_are_refused),
 * size 0 not minded (doors_have_names).
 */
#include "image_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct elf_builder elf;

static void other_formats(void **state)
{
    /* clang-format off */
    static const struct {
        size_t at;
        const char *bytes;
        size_t length, size;
        int format; /* -1: refused */
        bool qcow2;
        const char *sentence;
    } rows[] = {
        { 510, "\x55\xaa", 2, 512, IMAGE_DISK, false, NULL },
        { 510, "\x55\xaa", 2, 511, -1, false,
          "neither an ELF, a bzImage, an ISO nor a disk image" },
        { 512, "EFI PART", 8, 1024, IMAGE_DISK, false, NULL },
        { 0, "QFI\xfb\0\0\0\2", 8, 72, IMAGE_DISK, true, NULL },
        { 0, "QFI\xfb\0\0\0\3", 8, 104, IMAGE_DISK, true, NULL },
        { 0, "QFI\xfb\0\0\0\4", 8, 104, -1, false,
          "neither an ELF, a bzImage, an ISO nor a disk image" },
        { 32769, "CD001\1", 6, 34816, IMAGE_ISO, false, NULL },
        { 32769, "CD001\1", 6, 32774, -1, false,
          "neither an ELF, a bzImage, an ISO nor a disk image" },
        { 0, "", 0, 0, -1, false, "file is empty" },
        { 0, "\x1f\x8b\x08", 3, 100, -1, false,
          "file is packed with gzip: unpack it first" },
        { 0, "\x28\xb5\x2f\xfd", 4, 100, -1, false,
          "file is packed with zstd: unpack it first" },
        { 0, "KDMV", 4, 512, -1, false,
          "VMDK disk image: make it raw or qcow2 first (qemu-img convert)" },
        { 0, "vhdxfile", 8, 512, -1, false,
          "VHDX disk image: make it raw or qcow2 first (qemu-img convert)" },
        { 0, "kernel: x\n\tcaf\xc3\xa9\n", 17, 17, -1, false,
          "text file, not a kernel" },
        { 0, "#!/bin/sh\n", 10, 10, -1, false, "script, not a kernel" },
    };
    /* clang-format on */
    static uint8_t file[40000];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[IMAGE_WHY_BYTES];
        struct image image;

        memset(file, 0, sizeof(file));
        memcpy(file + rows[i].at, rows[i].bytes, rows[i].length);
        if (rows[i].at == 32769 && rows[i].size < 32775)
            file[510] = 0;
        if (rows[i].format < 0) {
            image_expect_refusal(file, rows[i].size, rows[i].sentence);
            continue;
        }
        if (!image_parse_copy(file, rows[i].size, &image, why))
            fail_msg("row %zu: %s", i, why);
        assert_int_equal(rows[i].format, image.format);
        assert_int_equal(DOOR_FIRMWARE, image.doors);
        assert_int_equal(rows[i].qcow2, image.qcow2);
    }
}

static void isohybrid_is_an_iso(void **state)
{
    static uint8_t file[40000];
    struct image image;
    char why[IMAGE_WHY_BYTES];

    (void)state;
    memcpy(file + 510, "\x55\xaa", 2);
    memcpy(file + 512, "EFI PART", 8);
    memcpy(file + 32769, "CD001\1", 6);
    assert_true(image_parse_copy(file, sizeof(file), &image, why));
    assert_int_equal(IMAGE_ISO, image.format);
}

static void flat_and_uefi_programs_are_refused(void **state)
{
    static const uint32_t header[3] = { 0x1badb002, 3, 0xe4524ffb };
    uint8_t file[1024] = { 0 };

    (void)state;
    memcpy(file + 64, header, sizeof(header));
    image_expect_refusal(
        file, sizeof(file),
        "flat binary with a Multiboot header: an ELF is needed");
    memset(file, 0, sizeof(file));
    memcpy(file, "MZ", 2);
    file[0x3c] = 0x80;
    memcpy(file + 0x80, "PE\0", 4);
    /* By chance, where a boot sector has it. */
    memcpy(file + 510, "\x55\xaa", 2);
    image_expect_refusal(
        file, sizeof(file),
        "PE program for UEFI without a Linux boot header: put it "
        "on a disk image or ISO");
    file[0x3f] = 0xff;
    file[510] = 0;
    image_expect_refusal(file, sizeof(file),
                         "neither an ELF, a bzImage, an ISO nor a disk image");
}

static void only_readable_files_are_opened(void **state)
{
    char folder[] = "/tmp/image_test.XXXXXX";
    char path[64], why[IMAGE_WHY_BYTES];
    struct image image;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_false(image_open(folder, &image, why));
    assert_string_equal("is a directory", why);

    snprintf(path, sizeof(path), "%s/file", folder);
    assert_false(image_open(path, &image, why));
    assert_string_equal("cannot be opened: No such file or directory", why);

    assert_int_equal(0, mkfifo(path, 0600));
    assert_false(image_open(path, &image, why));
    assert_string_equal("is not a regular file", why);
    unlink(path);

    file = fopen(path, "w");
    assert_non_null(file);
    assert_false(image_open(path, &image, why));
    assert_string_equal("file is empty", why);

    elf_builder_pvh_kernel(&elf, true);
    assert_int_equal(elf.size, fwrite(elf.data, 1, elf.size, file));
    fclose(file);
    assert_true(image_open(path, &image, why));
    assert_int_equal(DOOR_PVH, image.doors);
    /* There is nothing to unpack, which is no error. */
    assert_true(image_open_payload(path, &image, why));
    assert_int_equal(DOOR_PVH, image.doors);
    unlink(path);
    rmdir(folder);
}

static void doors_have_names(void **state)
{
    char text[80];

    (void)state;
    assert_string_equal("", image_doors_text(0, text, sizeof(text)));
    assert_string_equal(
        "PVH, Multiboot1",
        image_doors_text(DOOR_PVH | DOOR_MULTIBOOT1, text, sizeof(text)));
    assert_string_equal(
        "PVH, Multiboot1, Multiboot2, Xen PV, Linux, Linux EFI, firmware",
        image_doors_text(0x7f, text, sizeof(text)));
    text[0] = 'x';
    image_doors_text(0x7f, text, 0);
    assert_int_equal('x', text[0]);
    assert_string_equal("PVH, Mu", image_doors_text(0x7f, text, 8));
    assert_string_equal("disk image", image_format_name(IMAGE_DISK));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_formats),
        cmocka_unit_test(isohybrid_is_an_iso),
        cmocka_unit_test(flat_and_uefi_programs_are_refused),
        cmocka_unit_test(only_readable_files_are_opened),
        cmocka_unit_test(doors_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
