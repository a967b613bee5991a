/* SPDX-License-Identifier: MIT */
/*
 * image: Xen's notes are found wherever the gABI and Xen's own loader look,
 * with each padding that linkers produce.
 *
 * Sources: those named in lab/image/notes.c.
 *
 * Damage that was tried, in image/notes.c:
 *   a 4 for 'align' in walk_notes(): notes_are_read_with_either_padding
 *   "count >" replaced by true: misleading_alignment_is_seen_through
 *   budget-- left out: work_is_bounded
 *   text[content.size] not ended: section_xen_guest_is_xen_pv
 * and in image/elf.c "<= segment.p_memsz": entry_stands_in_for_the_note
 */
#include "image_expect.h"

#include <string.h>
#include <time.h>

static struct elf_builder elf;

static void pvh_note_opens_the_door(void **state)
{
    struct image image;

    (void)state;
    for (int is64 = 0; is64 < 2; is64++) {
        elf_builder_pvh_kernel(&elf, is64);
        elf_builder_finish(&elf);
        image_expect_doors(&elf, DOOR_PVH, &image);
        assert_int_equal(0x100010, image.pvh_entry);
        assert_int_equal(0x100000, image.entry);
        assert_int_equal(1, image.range_count);
        assert_int_equal(0x100000, image.ranges[0].paddr);
        assert_int_equal(is64 ? 0xffffffff80100000 : 0xc0100000,
                         image.ranges[0].vaddr);
        assert_int_equal(32, image.ranges[0].bytes);
        assert_false(image.pvh_hidden_from_qemu);
    }
}

static void notes_are_read_with_either_padding(void **state)
{
    static const struct {
        size_t padding, number_bytes;
        uint64_t segment_align;
    } rows[] = {
        { 4, 4, 4 }, { 4, 8, 4 }, { 4, 4, 0 }, { 4, 4, 1 },
        { 8, 4, 8 }, { 8, 8, 8 }, { 4, 4, 8 }, { 4, 8, 8 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct image image;
        size_t at;

        elf_builder_kernel(&elf, true);
        /* Names and values of such sizes that each padding matters. */
        at = elf_builder_note(&elf, rows[i].padding, "Other", 1, "123456789abc",
                              12);
        elf_builder_note(&elf, rows[i].padding, "Xen", BUILDER_XEN_LOADER,
                         "generi", 6);
        elf_builder_xen_number(&elf, rows[i].padding, BUILDER_XEN_ENTRY,
                               0x80101234, rows[i].number_bytes);
        elf_builder_xen_number(&elf, rows[i].padding, BUILDER_XEN_VIRT_BASE,
                               0x80000000, rows[i].number_bytes);
        elf_builder_xen_number(&elf, rows[i].padding, BUILDER_XEN_PHYS32_ENTRY,
                               0x100020, rows[i].number_bytes);
        elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0,
                            rows[i].segment_align);
        image_expect_doors(&elf, DOOR_PVH | DOOR_XEN_PV, &image);
        assert_int_equal(0x80101234, image.xen_entry);
        assert_int_equal(0x80000000, image.virt_base);
        assert_int_equal(0x100020, image.pvh_entry);
        assert_int_equal(rows[i].segment_align == 0 ||
                             rows[i].segment_align == 8,
                         image.pvh_hidden_from_qemu);
    }
}

/*
 * Notes padded to 4 may look whole when read with 8, as those that GRUB's
 * images for Xen have in a segment aligned to 8 nearly do.
 */
static void misleading_alignment_is_seen_through(void **state)
{
    struct image image;
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, true);
    at = elf_builder_note(&elf, 4, "A", 0, "1234", 4);
    assert_int_equal(0, at % 8);
    elf_builder_xen_number(&elf, 4, BUILDER_XEN_ENTRY, 0x80100000, 4);
    elf_builder_add(&elf, 4, NULL, 4);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 8);
    image_expect_doors(&elf, DOOR_XEN_PV, &image);
    assert_int_equal(0x80100000, image.xen_entry);
}

static void other_owners_notes_are_not_xens(void **state)
{
    uint32_t number = 0x100000;
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, true);
    at = elf_builder_note(&elf, 4, "GNU", BUILDER_XEN_PHYS32_ENTRY, &number, 4);
    elf_builder_note(&elf, 4, "Xe", BUILDER_XEN_PHYS32_ENTRY, &number, 4);
    elf_builder_note(&elf, 4, "Xenon", BUILDER_XEN_PHYS32_ENTRY, &number, 4);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
    image_expect_refusal(
        elf.data, elf.size,
        "ELF has no boot note: neither PVH, Multiboot nor Xen");
}

static void note_sections_do_without_segment(void **state)
{
    struct image image;
    size_t at;

    (void)state;
    for (int is64 = 0; is64 < 2; is64++) {
        elf_builder_kernel(&elf, is64);
        at = elf_builder_xen_number(&elf, 4, BUILDER_XEN_PHYS32_ENTRY, 0x100010,
                                    4);
        elf_builder_section(&elf, ".note.Xen", SHT_NOTE, at, elf.size - at, 0,
                            0, 4);
        elf_builder_finish(&elf);
        image_expect_doors(&elf, DOOR_PVH, &image);
        assert_true(image.pvh_hidden_from_qemu);
    }
}

/* Xen enters at e_entry what has no note ENTRY, if it is mapped there. */
static void entry_stands_in_for_the_note(void **state)
{
    struct image image;
    size_t at;

    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        elf_builder_kernel(&elf, true);
        if (mapped)
            elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_entry), 8,
                            0xffffffff8010001f);
        else
            elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_entry), 8,
                            0xffffffff80100020);
        at =
            elf_builder_note(&elf, 4, "Xen", BUILDER_XEN_VERSION, "xen-3.0", 8);
        elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
        if (!mapped) {
            image_expect_refusal(
                elf.data, elf.size,
                "ELF has no boot note: neither PVH, Multiboot nor "
                "Xen");
            continue;
        }
        image_expect_doors(&elf, DOOR_XEN_PV, &image);
        assert_int_equal(0xffffffff8010001f, image.xen_entry);
    }
}

static void section_xen_guest_is_xen_pv(void **state)
{
    static const char with[] =
        "GUEST_OS=linux,XEN_VER=xen-3.0,"
        "VIRT_BASE=0xC0000000,VIRT_ENTRY_X=1,VIRT_ENTRY=0xC0100004";
    static const char without[] = "GUEST_OS=x,BUILDER_XEN_VIRT_BASE=1";
    struct image image;
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, false);
    at = elf_builder_add(&elf, 1, with, sizeof(with));
    elf_builder_section(&elf, "__xen_guest", SHT_PROGBITS, at, sizeof(with), 0,
                        0, 1);
    elf_builder_finish(&elf);
    image_expect_doors(&elf, DOOR_XEN_PV, &image);
    assert_int_equal(0xc0100004, image.xen_entry);
    assert_int_equal(0xc0000000, image.virt_base);

    elf_builder_kernel(&elf, false);
    elf_builder_put(&elf, offsetof(Elf32_Ehdr, e_entry), 4, 0xc0100008);
    at = elf_builder_add(&elf, 1, without, sizeof(without));
    /* Its last byte, the NUL, is outside. */
    elf_builder_section(&elf, "__xen_guest", SHT_PROGBITS, at,
                        sizeof(without) - 1, 0, 0, 1);
    elf_builder_finish(&elf);
    image_expect_doors(&elf, DOOR_XEN_PV, &image);
    assert_int_equal(0xc0100008, image.xen_entry);
    assert_int_equal(0, image.virt_base);
}

static void high_pvh_entry_is_refused(void **state)
{
    size_t at;

    (void)state;
    elf_builder_kernel(&elf, true);
    at = elf_builder_xen_number(&elf, 4, BUILDER_XEN_PHYS32_ENTRY, 0x100000000,
                                8);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
    image_expect_refusal(
        elf.data, elf.size,
        "ELF: Xen note PHYS32_ENTRY is 0x100000000, above 4 GiB");
}

/* Seconds of CPU time that image_parse() takes. */
static double parse_seconds(const void *bytes, size_t size)
{
    struct image image;
    char why[IMAGE_WHY_BYTES];
    clock_t before = clock();

    image_parse(bytes, size, &image, why);
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

static void work_is_bounded(void **state)
{
    enum { SIZE = 1 << 20, SEGMENTS = 9000 };
    static uint8_t file[SIZE];
    Elf64_Phdr segment = {
        .p_type = PT_NOTE,
        .p_offset = SIZE / 2,
        .p_filesz = SIZE / 2,
    };
    size_t at = sizeof(Elf64_Ehdr);

    (void)state;
    /* Each of its segments is the same half MiB of empty notes. */
    elf_builder_kernel(&elf, true);
    memcpy(file, elf.data, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr));
    for (int align = 4; align <= 8; align += 4) {
        segment.p_align = (uint64_t)align;
        for (unsigned i = 1; i < SEGMENTS; i++)
            memcpy(file + at + i * sizeof(segment), &segment, sizeof(segment));
        file[offsetof(Elf64_Ehdr, e_phnum)] = SEGMENTS & 0xff;
        file[offsetof(Elf64_Ehdr, e_phnum) + 1] = SEGMENTS >> 8;
        image_expect_refusal(file, sizeof(file),
                             "ELF: has more than 4096 notes");
        /* Unbounded it takes over 10 s; with sanitizers 0.01 s. */
        assert_true(parse_seconds(file, sizeof(file)) < 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pvh_note_opens_the_door),
        cmocka_unit_test(notes_are_read_with_either_padding),
        cmocka_unit_test(misleading_alignment_is_seen_through),
        cmocka_unit_test(other_owners_notes_are_not_xens),
        cmocka_unit_test(note_sections_do_without_segment),
        cmocka_unit_test(entry_stands_in_for_the_note),
        cmocka_unit_test(section_xen_guest_is_xen_pv),
        cmocka_unit_test(high_pvh_entry_is_refused),
        cmocka_unit_test(work_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
