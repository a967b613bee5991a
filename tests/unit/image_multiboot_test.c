/* SPDX-License-Identifier: MIT */
/*
 * image: a Multiboot header counts where, and as, the specifications say.
 *
 * Sources: those named in lab/image/multiboot.c.
 *
 * Damage that was tried, in image/multiboot.c: Multiboot2 looked for at each
 * 4 bytes, a search of 4 or 8 bytes more, the architecture not compared (each
 * fails multiboot_headers); 31 bytes for the header with address fields
 * (multiboot_address_fields_are_seen).
 */
#include "image_expect.h"

#include <string.h>

static struct elf_builder elf;

static void multiboot_headers(void **state)
{
    /* clang-format off */
    static const struct {
        uint32_t words[4];
        size_t at;
        unsigned doors;
        const char *sentence;
    } rows[] = {
        /* 12 bytes, whole in 8 KiB, aligned to 4. */
        { { 0x1badb002, 3, 0xe4524ffb }, 4096, DOOR_MULTIBOOT1, NULL },
        { { 0x1badb002, 3, 0xe4524ffb }, 8180, DOOR_MULTIBOOT1, NULL },
        { { 0x1badb002, 3, 0xe4524ffb }, 8184, 0, NULL },
        { { 0x1badb002, 3, 0xe4524ffb }, 4098, 0, NULL },
        { { 0x1badb002, 3, 0xe4524ffc }, 4096, 0,
          "ELF: Multiboot header at 4096 has a wrong checksum" },
        /* 16 bytes, whole in 32 KiB, aligned to 8. */
        { { 0xe85250d6, 0, 16, 0x17adaf1a }, 8192, DOOR_MULTIBOOT2, NULL },
        { { 0xe85250d6, 0, 16, 0x17adaf1a }, 32752, DOOR_MULTIBOOT2, NULL },
        { { 0xe85250d6, 0, 16, 0x17adaf1a }, 32760, 0, NULL },
        { { 0xe85250d6, 0, 16, 0x17adaf1a }, 8196, 0, NULL },
        { { 0xe85250d6, 0, 16, 0x17adaf1b }, 8192, 0,
          "ELF: Multiboot2 header at 8192 has a wrong checksum" },
        { { 0xe85250d6, 4, 16, 0x17adaf16 }, 8192, 0,
          "ELF: Multiboot2 header at 8192 is for architecture 4, not for i386 "
          "(0)" },
        { { 0xe85250d6, 0, 8, 0x17adaf22 }, 8192, 0,
          "ELF: Multiboot2 header at 8192 has 8 bytes, which do not fit into "
          "the first 32 KiB" },
        { { 0xe85250d6, 0, 24, 0x17adaf12 }, 32752, 0,
          "ELF: Multiboot2 header at 32752 has 24 bytes, which do not fit "
          "into the first 32 KiB" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct image image;

        elf_builder_kernel(&elf, false);
        elf_builder_add(&elf, 1, NULL, 40000 - elf.size);
        memcpy(elf.data + rows[i].at, rows[i].words, sizeof(rows[i].words));
        if (rows[i].doors) {
            image_expect_doors(&elf, rows[i].doors, &image);
            assert_false(image.multiboot1_address_fields);
        } else {
            image_expect_refusal(elf.data, elf.size,
                                 rows[i].sentence
                                     ? rows[i].sentence
                                     : "ELF has no boot note: neither PVH, "
                                       "Multiboot nor Xen");
        }
    }
}

static void multiboot_address_fields_are_seen(void **state)
{
    static const uint32_t header[8] = { 0x1badb002, 0x10003, 0xe4514ffb };
    struct image image;

    (void)state;
    elf_builder_kernel(&elf, true);
    elf_builder_add(&elf, 4, header, sizeof(header));
    image_expect_doors(&elf, DOOR_MULTIBOOT1, &image);
    assert_true(image.multiboot1_address_fields);

    /* Without room for them they are not there. */
    elf.size--;
    image_expect_doors(&elf, DOOR_MULTIBOOT1, &image);
    assert_false(image.multiboot1_address_fields);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiboot_headers),
        cmocka_unit_test(multiboot_address_fields_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
