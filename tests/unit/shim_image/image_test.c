/* SPDX-License-Identifier: MIT */
/*
 * shim/image: an ELF with Xen's notes gives the addresses that Xen's builder
 * would take of it, and each damage its sentence.
 *
 * Sources: those named in shim/image/image.c and notes.c.
 */
#include "recipe_expect.h"

#include <stdio.h>
#include <string.h>

static struct elf_builder elf;

static void gives_what_a_builder_needs(void **state)
{
    struct kernel_image image;

    (void)state;
    recipe_build(&recipe_whole, &elf);
    recipe_expect_good(&elf, &image);
    assert_int_equal(0xffffffff80000000, image.virt_base);
    assert_int_equal(0xffffffff81000000, image.virt_start);
    assert_int_equal(0xffffffff81002020, image.virt_end);
    assert_int_equal(0xffffffff81002010, image.entry);
    assert_int_equal(0xffffffff81001000, image.hypercall_page);
    assert_int_equal(0x8000000000, image.init_p2m);
    assert_int_equal(KERNEL_UNSET, image.hv_start_low);
    assert_int_equal(0x1, image.features_required);
    assert_int_equal(0x8811, image.features_supported);
    assert_true(image.tells_supported);
    assert_true(image.mod_start_pfn);
    assert_true(image.suspend_cancel);
    assert_false(image.bsd_symtab);
    assert_string_equal("linux", image.guest_os);
    assert_string_equal("2.6", image.guest_version);

    assert_int_equal(2, image.segment_count);
    assert_int_equal(0x1000000, image.segments[0].physical);
    assert_int_equal(0x2000, image.segments[0].bytes);
    assert_int_equal(0x10, image.segments[0].file_bytes);
    assert_int_equal(0x20, elf.data[image.segments[0].file_offset]);
    assert_int_equal(PF_R | PF_W, image.segments[0].flags);
    assert_int_equal(0x1002000, image.segments[1].physical);
    assert_int_equal(0x20, image.segments[1].bytes);
    assert_int_equal(0x20, image.segments[1].file_bytes);
    assert_int_equal(0, elf.data[image.segments[1].file_offset]);
}

/* What may be left out; Mini-OS has neither base nor entry in its notes. */
static void few_notes_are_enough(void **state)
{
    struct recipe recipe = recipe_whole;
    struct kernel_image image;

    (void)state;
    recipe.virt_base = recipe.paddr_offset = recipe.entry = KERNEL_UNSET;
    recipe.hypercall_page = recipe.init_p2m = KERNEL_UNSET;
    recipe.mod_start_pfn = recipe.suspend_cancel = KERNEL_UNSET;
    recipe.supported_features = KERNEL_UNSET;
    recipe.guest_os = recipe.guest_version = recipe.features = NULL;
    recipe.bsd_symtab = "yes";
    for (int in_section = 0; in_section < 2; in_section++) {
        recipe.notes_in_section = in_section;
        recipe_build(&recipe, &elf);
        elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_entry), 8, 0x1001fff);
        recipe_expect_good(&elf, &image);
        assert_int_equal(0, image.virt_base);
        assert_int_equal(0x1001fff, image.entry);
        assert_int_equal(0x1002020, image.virt_end);
        assert_int_equal(KERNEL_UNSET, image.hypercall_page);
        assert_int_equal(KERNEL_UNSET, image.init_p2m);
        assert_int_equal(0, image.features_required);
        assert_int_equal(0, image.features_supported);
        assert_false(image.tells_supported);
        assert_false(image.mod_start_pfn);
        assert_false(image.suspend_cancel);
        assert_true(image.bsd_symtab);
        assert_string_equal("", image.guest_os);
    }
}

/* No loader but "linux", and p_paddr is virtual, as old kernels have it. */
static void physical_addresses_are_less_the_offset(void **state)
{
    struct recipe recipe = recipe_whole;
    struct kernel_image image;

    (void)state;
    recipe.loader = NULL;
    recipe.paddr_offset = recipe.virt_base;
    recipe.loads[0].p_paddr += recipe.virt_base;
    recipe.loads[1].p_paddr += recipe.virt_base;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    assert_int_equal(0xffffffff81000000, image.virt_start);
    assert_int_equal(0x1000000, image.segments[0].physical);
    assert_int_equal(0x1002000, image.segments[1].physical);
}

/* The edges that are still inside. */
static void edges_are_good(void **state)
{
    struct recipe recipe = recipe_whole;
    struct kernel_image image;

    (void)state;
    recipe.hypercall_page = 0xffffffff81000000;
    recipe.loads[0].p_memsz = 0x1000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    recipe.hypercall_page = 0xffffffff81002000;
    recipe.entry = 0xffffffff81000000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    recipe.entry = 0xffffffff81002fff;
    recipe.init_p2m = 0xffffffff81003000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);

    /* Below Xen's area, to its last page and from its end on. */
    recipe.hypercall_page = recipe.init_p2m = KERNEL_UNSET;
    recipe.virt_base = 0x800000000000 - 0x1003000;
    recipe.entry = 0x7ffffffff000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    recipe.virt_base = 0xffff880000000000;
    recipe.entry = 0xffff880001000000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    /* No byte of it is mapped. */
    recipe.loads[1].p_memsz = recipe.loads[1].p_filesz = 0;
    recipe.entry = 0xffff880001002000;
    recipe_build(&recipe, &elf);
    recipe_expect_good(&elf, &image);
    assert_int_equal(1, image.segment_count);
}

static void wrong_addresses_are_refused(void **state)
{
    static const struct {
        size_t field;
        uint64_t value;
        const char *sentence;
    } rows[] = {
        { offsetof(struct recipe, virt_base), KERNEL_UNSET,
          "Xen notes: PADDR_OFFSET without VIRT_BASE" },
        { offsetof(struct recipe, virt_base), 0xffffffff80000800,
          "Xen note VIRT_BASE: 0xffffffff80000800 is not page aligned" },
        { offsetof(struct recipe, virt_base), 0xffffffffff000000,
          "Xen note VIRT_BASE: from 0xffffffffff000000 on the image (to "
          "0x1002020) passes 2^64" },
        { offsetof(struct recipe, virt_base), 0x800000000000 - 0x1002000,
          "Xen note VIRT_BASE: 0x7ffffeffe000 to 0x800000000020 is Xen's area, "
          "or not canonical" },
        { offsetof(struct recipe, virt_base), 0xffff87ffff000000,
          "Xen note VIRT_BASE: 0xffff87ffff000000 to 0xffff880000002020 is "
          "Xen's area, or not canonical" },
        { offsetof(struct recipe, virt_base), 0xffffffff81000000,
          "Xen note ENTRY: 0xffffffff81002010 is in no segment (image "
          "0xffffffff82000000 to 0xffffffff82002020)" },
        { offsetof(struct recipe, entry), 0xffffffff81002020,
          "Xen note ENTRY: 0xffffffff81002020 is in no segment (image "
          "0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, entry), 0xffffffff80ffffff,
          "Xen note ENTRY: 0xffffffff80ffffff is in no segment (image "
          "0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, entry), KERNEL_UNSET,
          "Xen note ENTRY: 0x100000 is in no segment (image "
          "0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, hypercall_page), 0xffffffff81001008,
          "Xen note HYPERCALL_PAGE: 0xffffffff81001008 is no page of the image "
          "(0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, hypercall_page), 0xffffffff80fff000,
          "Xen note HYPERCALL_PAGE: 0xffffffff80fff000 is no page of the image "
          "(0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, hypercall_page), 0xffffffff81002000,
          "Xen note HYPERCALL_PAGE: 0xffffffff81002000 is no page of the image "
          "(0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, hypercall_page), 0xfffffffffffff000,
          "Xen note HYPERCALL_PAGE: 0xfffffffffffff000 is no page of the image "
          "(0xffffffff81000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, init_p2m), 0x8000000008,
          "Xen note INIT_P2M: 0x8000000008 is no place beside the image "
          "(0xffffffff80000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, init_p2m), 0xffffffff81002000,
          "Xen note INIT_P2M: 0xffffffff81002000 is no place beside the image "
          "(0xffffffff80000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, init_p2m), 0xffffffff80000000,
          "Xen note INIT_P2M: 0xffffffff80000000 is no place beside the image "
          "(0xffffffff80000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, init_p2m), 0xffff800000000000,
          "Xen note INIT_P2M: 0xffff800000000000 is no place beside the image "
          "(0xffffffff80000000 to 0xffffffff81002020)" },
        { offsetof(struct recipe, paddr_offset), 0x1000001,
          "ELF: segment 1: address 0x1000000 is below PADDR_OFFSET 0x1000001" },
        { offsetof(struct recipe, loads[1].p_paddr), 0x1000001,
          "ELF: a segment at 0x1002000 lies in that at 0x1000001 (0x2000 "
          "bytes)" },
        { offsetof(struct recipe, loads[1].p_paddr), 0x1002000,
          "ELF: a segment at 0x1002000 lies in that at 0x1002000 (0x20 "
          "bytes)" },
        { offsetof(struct recipe, loads[1].p_paddr), 0xfffffffffffff000,
          "ELF: segment 1 passes 2^64 (0xfffffffffffff000 + 0x2000)" },
        { offsetof(struct recipe, loads[1].p_memsz), 0xf,
          "ELF: segment 1 has 0x10 bytes in the file but 0xf in memory" },
        { offsetof(struct recipe, loads[1].p_memsz), UINT64_MAX,
          "ELF: segment 1 passes 2^64 (0x1000000 + 0xffffffffffffffff)" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct recipe recipe = recipe_whole;

        memcpy((char *)&recipe + rows[i].field, &rows[i].value, 8);
        recipe_build(&recipe, &elf);
        recipe_expect_refusal(&elf, rows[i].sentence);
    }
}

static void segments_lie_in_the_file(void **state)
{
    struct recipe recipe = recipe_whole;
    struct kernel_image image;
    struct pvi_line why;
    char sentence[121];

    (void)state;
    recipe_build(&recipe_whole, &elf);
    recipe.loads[1].p_filesz = elf.size; /* what lies before it is too much */
    recipe.loads[1].p_memsz = 0x1000000;
    recipe_build(&recipe, &elf);
    assert_true(snprintf(sentence, sizeof(sentence),
                         "ELF: segment 1 passes the end of the file (0x%llx + "
                         "0x%llx, 0x%llx bytes)",
                         0x120ull + 0x20, (unsigned long long)elf.size,
                         (unsigned long long)elf.size) < 121);
    recipe_expect_refusal(&elf, sentence);
    recipe = recipe_whole;
    recipe.loads[1].p_offset = UINT64_MAX - 0x120;
    recipe_build(&recipe, &elf);
    assert_false(recipe_read_copy(elf.data, elf.size, &image, &why));
    assert_memory_equal("ELF: segment 1 passes the end of the file", why.text,
                        41);
    recipe.loads[0].p_flags = recipe.loads[1].p_flags = 0;
    recipe_build(&recipe, &elf);
    recipe_expect_refusal(&elf, "ELF: it has no segment to load");
}

static void too_many_segments_are_refused(void **state)
{
    Elf64_Phdr load = recipe_whole.loads[1];
    struct kernel_image image;
    size_t at, last;

    (void)state;
    recipe_build(&recipe_whole, &elf);
    /* The table anew, at the end, without the third: the notes. */
    at = elf_builder_add(&elf, 8, elf.data + sizeof(Elf64_Ehdr),
                         3 * sizeof(load));
    load.p_offset = load.p_filesz = 0;
    for (unsigned i = 0; i < 15; i++) {
        load.p_paddr = 0x2000000 + i * load.p_memsz;
        last = elf_builder_add(&elf, 8, &load, sizeof(load));
    }
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_phoff), 8, at);
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_phnum), 2, 18);
    recipe_expect_refusal(&elf, "ELF: more than 16 segments to load");
    elf_builder_put(&elf, last, 4, PT_NULL);
    recipe_expect_good(&elf, &image);
    assert_int_equal(16, image.segment_count);
}

static void wrong_texts_are_refused(void **state)
{
    static const struct {
        size_t field;
        const char *value;
        const char *sentence;
    } rows[] = {
        { offsetof(struct recipe, version), NULL,
          "Xen note XEN_VERSION: \"\" instead of \"xen-3.0\"" },
        { offsetof(struct recipe, version), "xen-4",
          "Xen note XEN_VERSION: \"xen-4\" instead of \"xen-3.0\"" },
        { offsetof(struct recipe, features), "dom0|!",
          "Xen note FEATURES: requires \"\", which nobody here knows" },
        { offsetof(struct recipe, features), "!dom0x",
          "Xen note FEATURES: requires \"dom0x\", which nobody here knows" },
        { offsetof(struct recipe, features), "!dom",
          "Xen note FEATURES: requires \"dom\", which nobody here knows" },
        { offsetof(struct recipe, features),
          "!a_name_that_is_longer_than_any_that_could_be_shown_whole",
          "Xen note FEATURES: requires "
          "\"a_name_that_is_longer_than_any_that_cou"
          "\", which nobody here knows" },
        { offsetof(struct recipe, features), "dom0|!supervisor_mode_kernel",
          "Xen note FEATURES: requires supervisor_mode_kernel, which is not "
          "there" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct recipe recipe = recipe_whole;

        memcpy((char *)&recipe + rows[i].field, &rows[i].value,
               sizeof(rows[i].value));
        recipe_build(&recipe, &elf);
        recipe_expect_refusal(&elf, rows[i].sentence);
    }
}

static void features_are_read(void **state)
{
    static const struct {
        const char *text;
        uint32_t supported, required;
    } rows[] = {
        { "", 0, 0 },
        { "|", 0, 0 },
        { "dom0", 0x800, 0 },
        { "!dom0", 0x800, 0x800 },
        { "unknown|dom0|", 0x800, 0 },
        { "!writable_page_tables|!pae_pgdir_above_4gb|dom", 0x11, 0x11 },
        { "writable_descriptor_tables|auto_translated_physmap|"
          "supervisor_mode_kernel|mmu_pt_update_preserve_ad|highmem_assist|"
          "gnttab_map_avail_bits|hvm_callback_vector|hvm_safe_pvclock|"
          "hvm_pirqs|linux_rsdp_unrestricted",
          0x87ee, 0 },
    };
    struct recipe recipe = recipe_whole;
    struct kernel_image image;

    (void)state;
    recipe.supported_features = KERNEL_UNSET;
    for (size_t i = 0; i < COUNT(rows); i++) {
        recipe.features = rows[i].text;
        recipe_build(&recipe, &elf);
        recipe_expect_good(&elf, &image);
        assert_int_equal(rows[i].supported, image.features_supported);
        assert_int_equal(rows[i].required, image.features_required);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_a_builder_needs),
        cmocka_unit_test(few_notes_are_enough),
        cmocka_unit_test(physical_addresses_are_less_the_offset),
        cmocka_unit_test(edges_are_good),
        cmocka_unit_test(wrong_addresses_are_refused),
        cmocka_unit_test(segments_lie_in_the_file),
        cmocka_unit_test(too_many_segments_are_refused),
        cmocka_unit_test(wrong_texts_are_refused),
        cmocka_unit_test(features_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
