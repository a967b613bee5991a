/* SPDX-License-Identifier: MIT */
/*
 * image: a damaged or cut ELF is refused with a sentence that names the
 * damage, and one that is no kernel is called what it is.
 *
 * Sources: those named in lab/image/elf.c.
 *
 * Damage that was tried, in image/elf.c:
 *   "size + 1 < need" for the header's size: every_cut_is_refused
 *   a sum instead of image_has() for a segment: damaged_headers_are_named
 *   "names <= section_count": missing_names_do_no_harm
 *   "i386 = !elf.is64": the_mark_is_not_the_width
 *   "p_memsz >" for "p_memsz - 1 >": segment_may_end_where_addresses_end
 */
#include "image_expect.h"

#include <string.h>

static struct elf_builder elf;

/* One number in a good ELF64 is changed: which sentence comes of it? */
static void damaged_headers_are_named(void **state)
{
    enum {
        SEGMENT = sizeof(Elf64_Ehdr),
        NOTE = SEGMENT + sizeof(Elf64_Phdr),
    };
    /* clang-format off */
    static const struct {
        size_t at, width;
        uint64_t value;
        const char *sentence;
    } rows[] = {
        { EI_CLASS, 1, 3, "ELF: class 3 is neither 32 nor 64 bit" },
        { EI_DATA, 1, 2, "ELF is big-endian, so not for x86" },
        { offsetof(Elf64_Ehdr, e_machine), 2, EM_AARCH64,
          "ELF is for AArch64 (machine 183), not for x86" },
        { offsetof(Elf64_Ehdr, e_machine), 2, 999,
          "ELF is for another machine (machine 999), not for x86" },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_REL,
          "ELF is a relocatable object (a .o or .ko): link it first" },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_CORE,
          "ELF is a core dump, not a kernel" },
        { offsetof(Elf64_Ehdr, e_type), 2, 77,
          "ELF: type 77 is no program" },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 0,
          "ELF has no segment to load" },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff,
          "ELF: has more than 65534 program headers" },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 100,
          "ELF: program header 8 lies beyond the end of the file (table at "
          "64, file 552 bytes)" },
        { offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX - 8,
          "ELF: program header 0 lies beyond the end of the file (table at "
          "18446744073709551607, file 552 bytes)" },
        { offsetof(Elf64_Ehdr, e_phentsize), 2, 32,
          "ELF: program headers are of 32 bytes instead of 56" },
        { offsetof(Elf64_Ehdr, e_shentsize), 2, 40,
          "ELF: section headers are of 40 bytes instead of 64" },
        { offsetof(Elf64_Ehdr, e_shoff), 8, UINT64_MAX - 8,
          "ELF: section headers lie beyond the end of the file (table at "
          "18446744073709551607, file 552 bytes): is it cut off?" },
        { SEGMENT + offsetof(Elf64_Phdr, p_offset), 8, 600,
          "ELF: segment 0 lies beyond the end of the file (offset 600, 32 "
          "bytes; file 552 bytes)" },
        { SEGMENT + offsetof(Elf64_Phdr, p_offset), 8, UINT64_MAX - 8,
          "ELF: segment 0 lies beyond the end of the file (offset "
          "18446744073709551607, 32 bytes; file 552 bytes)" },
        { SEGMENT + offsetof(Elf64_Phdr, p_memsz), 8, 31,
          "ELF: segment 0 has 32 bytes in the file but 31 in memory" },
        { SEGMENT + offsetof(Elf64_Phdr, p_memsz), 8, 0x7ff00001,
          "ELF: segment 0 passes the end of the address space "
          "(0xffffffff80100000, 2146435073 bytes)" },
        { SEGMENT + offsetof(Elf64_Phdr, p_type), 4, PT_NULL,
          "ELF has no segment to load" },
        { NOTE + offsetof(Elf64_Phdr, p_offset), 8, UINT64_MAX - 8,
          "ELF: note segment 1 lies beyond the end of the file (offset "
          "18446744073709551607, 20 bytes; file 552 bytes)" },
        { NOTE + offsetof(Elf64_Phdr, p_filesz), 8, 19,
          "ELF: note 0 of segment 1 passes its end (at 0 of 19 bytes)" },
        { 320, 4, UINT32_MAX,
          "ELF: note 0 of segment 1 passes its end (at 0 of 20 bytes)" },
        { 324, 4, UINT32_MAX,
          "ELF: note 0 of segment 1 passes its end (at 0 of 20 bytes)" },
        { 324, 4, 3,
          "ELF: Xen note PHYS32_ENTRY has 3 bytes instead of 4 or 8" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        elf_builder_pvh_kernel(&elf, true);
        elf_builder_section(&elf, ".text", SHT_PROGBITS, 288, 32, 0, 0, 16);
        elf_builder_finish(&elf);
        elf_builder_put(&elf, rows[i].at, rows[i].width, rows[i].value);
        image_expect_refusal(elf.data, elf.size, rows[i].sentence);
    }
}

/* A door that is whole counts, whatever else is damaged. */
static void a_whole_door_is_enough(void **state)
{
    static const uint32_t header[3] = { 0x1badb002, 3, 0xe4524ffb };
    struct image image;

    (void)state;
    elf_builder_pvh_kernel(&elf, false);
    elf_builder_put(&elf,
                    sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr) +
                        offsetof(Elf32_Phdr, p_offset),
                    4, 0x7fffffff);
    elf_builder_add(&elf, 4, header, sizeof(header));
    image_expect_doors(&elf, DOOR_MULTIBOOT1, &image);
}

/* QEMU loads an ELF64 that is marked for i386, by Multiboot1 and by PVH. */
static void the_mark_is_not_the_width(void **state)
{
    struct image image;

    (void)state;
    elf_builder_pvh_kernel(&elf, true);
    image_expect_doors(&elf, DOOR_PVH, &image);
    assert_false(image.i386);

    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_machine), 2, EM_386);
    image_expect_doors(&elf, DOOR_PVH, &image);
    assert_true(image.i386);

    elf_builder_pvh_kernel(&elf, false);
    image_expect_doors(&elf, DOOR_PVH, &image);
    assert_true(image.i386);
    elf_builder_put(&elf, offsetof(Elf32_Ehdr, e_machine), 2, EM_X86_64);
    image_expect_refusal(elf.data, elf.size,
                         "ELF is 32-bit but for x86-64 (x32): objcopy -O "
                         "elf32-i386 helps");
}

/* Names of sections are not needed; their index may be any. */
static void missing_names_do_no_harm(void **state)
{
    struct image image;

    (void)state;
    elf_builder_pvh_kernel(&elf, true);
    elf_builder_section(&elf, ".text", SHT_PROGBITS, 288, 32, 0, 0, 16);
    elf_builder_finish(&elf);
    for (unsigned index = 0; index < 5; index++) {
        elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_shstrndx), 2, index);
        image_expect_doors(&elf, DOOR_PVH, &image);
    }
}

static void segment_may_end_where_addresses_end(void **state)
{
    struct image image;

    (void)state;
    elf_builder_pvh_kernel(&elf, true);
    elf_builder_put(&elf, sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), 8,
                    0x7ff00000);
    image_expect_doors(&elf, DOOR_PVH, &image);
    assert_int_equal(0x7ff00000, image.ranges[0].bytes);

    elf_builder_pvh_kernel(&elf, false);
    elf_builder_put(&elf, sizeof(Elf32_Ehdr) + offsetof(Elf32_Phdr, p_memsz), 4,
                    0x3ff00000);
    image_expect_doors(&elf, DOOR_PVH, &image);
    elf_builder_put(&elf, sizeof(Elf32_Ehdr) + offsetof(Elf32_Phdr, p_memsz), 4,
                    0x3ff00001);
    image_expect_refusal(elf.data, elf.size,
                         "ELF: segment 0 passes the end of the address space "
                         "(0xc0100000, 1072693249 bytes)");
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (int is64 = 0; is64 < 2; is64++) {
        size_t header = is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
        size_t segment = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

        elf_builder_pvh_kernel(&elf, is64);
        elf_builder_section(&elf, ".text", SHT_PROGBITS, 0, 1, 0, 0, 1);
        elf_builder_finish(&elf);
        for (size_t size = 0; size < elf.size; size++) {
            char why[IMAGE_WHY_BYTES];
            struct image image;
            const char *begin;

            assert_false(image_parse_copy(elf.data, size, &image, why));
            if (size == 0)
                begin = "file is empty";
            else if (size < 4)
                begin = "neither an ELF, ";
            else if (size < header)
                begin = "ELF: cut off in its header";
            else if (size < header + segment)
                begin = "ELF: program header 0 lies beyond";
            else if (size < header + 2 * segment)
                begin = "ELF: program header 1 lies beyond";
            else
                begin = "ELF: section headers lie beyond";
            if (strncmp(begin, why, strlen(begin)) != 0)
                fail_msg("%zu bytes: %s", size, why);
        }

        /* Without section headers its segments tell. */
        elf_builder_pvh_kernel(&elf, is64);
        for (size_t size = header + 2 * segment; size < elf.size; size++) {
            char why[IMAGE_WHY_BYTES];
            struct image image;
            size_t code_end = elf.size - 20;
            const char *begin = size < code_end ? "ELF: segment 0 lies beyond"
                                                : "ELF: note segment 1 lies";

            assert_false(image_parse_copy(elf.data, size, &image, why));
            if (strncmp(begin, why, strlen(begin)) != 0)
                fail_msg("%zu bytes: %s", size, why);
        }
    }
}

static void programs_are_no_kernels(void **state)
{
    struct image image;
    char why[IMAGE_WHY_BYTES];
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, true);
    image_expect_refusal(
        elf.data, elf.size,
        "ELF has no boot note: neither PVH, Multiboot nor Xen");
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_type), 2, ET_DYN);
    image_expect_refusal(
        elf.data, elf.size,
        "ELF is a shared object and has no boot note: neither PVH, "
        "Multiboot nor Xen");
    at = elf_builder_add(&elf, 1, "/lib/ld.so", 11);
    elf_builder_segment(&elf, PT_INTERP, at, 11, 0, 0, 1);
    image_expect_refusal(
        elf.data, elf.size,
        "ELF is a program for an operating system and has no boot "
        "note: neither PVH, Multiboot nor Xen");

    assert_false(image_open("/proc/self/exe", &image, why));
    assert_string_equal("ELF is a program for an operating system and has no "
                        "boot note: neither PVH, Multiboot nor Xen",
                        why);

    /* One that can be loaded anywhere may well have doors. */
    elf_builder_pvh_kernel(&elf, true);
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_type), 2, ET_DYN);
    image_expect_doors(&elf, DOOR_PVH, &image);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_headers_are_named),
        cmocka_unit_test(a_whole_door_is_enough),
        cmocka_unit_test(the_mark_is_not_the_width),
        cmocka_unit_test(missing_names_do_no_harm),
        cmocka_unit_test(segment_may_end_where_addresses_end),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(programs_are_no_kernels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
