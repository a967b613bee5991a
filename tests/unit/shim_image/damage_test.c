/* SPDX-License-Identifier: MIT */
/*
 * shim/image: notes and headers that are damaged, or another's, are told, and
 * any byte may be.
 *
 * Sources: those named in shim/image/image.c and notes.c.
 */
#include "recipe_expect.h"

#include <stdio.h>
#include <string.h>

#include "abi/xen_elfnote.h"

static struct elf_builder elf;

static void notes_of_others_do_not_count(void **state)
{
    struct recipe recipe = recipe_whole;

    (void)state;
    recipe.loader = NULL;
    recipe.guest_os = "NetBSD";
    recipe_build(&recipe, &elf);
    recipe_expect_refusal(&elf,
                          "Xen notes: neither LOADER is \"generic\" (\"\") nor "
                          "GUEST_OS \"linux\"");
    elf_builder_kernel(&elf, true);
    elf_builder_note(&elf, 4, "Xenon", XEN_ELFNOTE_ENTRY, "12345678", 8);
    elf_builder_segment(&elf, PT_NOTE, elf.size - 28, 28, 0, 0, 4);
    recipe_expect_refusal(&elf,
                          "ELF: it has no Xen notes, so is no Xen PV kernel");
}

static void damaged_notes_are_told(void **state)
{
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, true);
    at = elf_builder_note(&elf, 4, "Xen", XEN_ELFNOTE_ENTRY, "123", 3);
    elf_builder_segment(&elf, PT_NOTE, at, 19, 0, 0, 4);
    recipe_expect_refusal(&elf, "Xen note ENTRY: a number of 3 bytes");

    elf_builder_kernel(&elf, true);
    at = elf_builder_note(&elf, 4, "Xen", XEN_ELFNOTE_ENTRY, "12345678", 8);
    elf_builder_segment(&elf, PT_NOTE, at, 23, 0, 0, 4);
    recipe_expect_refusal(
        &elf, "ELF: note 0 of segment 1 passes its end (0x17 bytes)");

    elf_builder_kernel(&elf, true);
    at = elf_builder_note(&elf, 4, "Xen", XEN_ELFNOTE_ENTRY, "12345678", 8);
    elf_builder_put(&elf, at, 4, UINT32_MAX);
    elf_builder_put(&elf, at + 4, 4, UINT32_MAX);
    elf_builder_section(&elf, ".note", SHT_NOTE, at, 24, 0, 0, 4);
    elf_builder_finish(&elf);
    recipe_expect_refusal(
        &elf, "ELF: note 0 of section 1 passes its end (0x18 bytes)");
    elf_builder_put(&elf,
                    elf.size - 2 * sizeof(Elf64_Shdr) +
                        offsetof(Elf64_Shdr, sh_offset),
                    8, elf.size - 23);
    recipe_expect_refusal(
        &elf, "ELF: section 1 (notes) passes the end of the file (0x219 + "
              "0x18, 0x230 bytes)");
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_shnum), 2, 4);
    recipe_expect_refusal(
        &elf, "ELF: 4 section headers at 0x170 pass the end of the file "
              "(0x230 bytes)");
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_shentsize), 2, 40);
    recipe_expect_refusal(&elf,
                          "ELF: section headers of 40 bytes instead of 64");

    elf_builder_kernel(&elf, true);
    elf_builder_segment(&elf, PT_NOTE, elf.size - 8, 9, 0, 0, 4);
    recipe_expect_refusal(
        &elf, "ELF: segment 1 (notes) passes the end of the file (0x138 + "
              "0x9, 0x140 bytes)");

    /* Each of them is empty, of 12 bytes. */
    elf_builder_kernel(&elf, true);
    at = elf_builder_add(&elf, 4, NULL, 4097 * 12);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
    recipe_expect_refusal(&elf, "ELF: more than 4096 notes");
}

static void files_of_another_kind_are_told(void **state)
{
    static const struct {
        size_t offset, width;
        uint64_t value;
        const char *sentence;
    } rows[] = {
        { 1, 1, 'e', "not an ELF file" },
        { EI_CLASS, 1, 1, "ELF: of 32 bits; only 64-bit kernels are run" },
        { EI_CLASS, 1, 3, "ELF: class 3 is neither 32 nor 64 bits" },
        { EI_DATA, 1, 2, "ELF: its numbers are not little-endian" },
        { offsetof(Elf64_Ehdr, e_machine), 2, EM_AARCH64,
          "ELF: for machine 183, not for x86-64 (62)" },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_REL,
          "ELF: a relocatable object, not yet linked" },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_CORE,
          "ELF: a core dump, not a kernel" },
        { offsetof(Elf64_Ehdr, e_type), 2, 5, "ELF: type 5 is no executable" },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 0,
          "ELF: it has no program headers" },
        { offsetof(Elf64_Ehdr, e_phentsize), 2, 32,
          "ELF: program headers of 32 bytes instead of 56" },
        { offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX,
          "ELF: 3 program headers at 0xffffffffffffffff pass the end of the "
          "file (0x2e8 bytes)" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        recipe_build(&recipe_whole, &elf);
        elf_builder_put(&elf, rows[i].offset, rows[i].width, rows[i].value);
        recipe_expect_refusal(&elf, rows[i].sentence);
    }
    recipe_build(&recipe_whole, &elf);
    elf.size = 63;
    recipe_expect_refusal(&elf,
                          "ELF: the file ends in the header (63 of 64 bytes)");
    elf.size = 0;
    recipe_expect_refusal(&elf, "not an ELF file");
}

/*
 * Whatever byte is changed, and wherever the file ends, the answer is a kernel
 * whose places are in its file and in order, or a sentence.
 */
static void expect_sane(size_t size)
{
    struct kernel_image image;
    struct pvi_line why;
    uint64_t end = 0;

    if (!recipe_read_copy(elf.data, size, &image, &why)) {
        assert_int_not_equal(0, why.length);
        return;
    }
    assert_in_range(image.segment_count, 1, KERNEL_SEGMENTS);
    for (unsigned i = 0; i < image.segment_count; i++) {
        const struct kernel_segment *segment = &image.segments[i];

        assert_true(segment->file_offset <= size &&
                    segment->file_bytes <= size - segment->file_offset);
        assert_true(segment->file_bytes <= segment->bytes);
        assert_true(segment->physical >= end);
        end = segment->physical + segment->bytes;
        assert_true(end > segment->physical);
    }
    assert_int_equal(image.virt_end, image.virt_base + end);
    assert_in_range(image.entry, image.virt_start, image.virt_end - 1);
}

static void every_damaged_byte_is_survived(void **state)
{
    (void)state;
    for (int in_section = 0; in_section < 2; in_section++) {
        struct recipe recipe = recipe_whole;
        size_t size;

        recipe.notes_in_section = in_section;
        recipe_build(&recipe, &elf);
        size = elf.size;
        for (size_t at = 0; at < size; at++) {
            uint8_t was = elf.data[at];

            for (unsigned value = 0; value < 256; value++) {
                elf.data[at] = (uint8_t)value;
                expect_sane(size);
            }
            elf.data[at] = was;
            expect_sane(at);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_of_others_do_not_count),
        cmocka_unit_test(damaged_notes_are_told),
        cmocka_unit_test(files_of_another_kind_are_told),
        cmocka_unit_test(every_damaged_byte_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
