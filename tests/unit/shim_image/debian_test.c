/* SPDX-License-Identifier: MIT */
/*
 * shim/image: Debian's own kernel, as pvlab's cache has it. Skipped if it is
 * not there: any boot on kvm fetches it.
 */
#include "base/dirs.h"
#include "image/image.h"
#include "image/packed.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/xen.h"

/* A file of the cache, to be freed; NULL: not there, and it was told. */
static uint8_t *read_cached(const char *name, size_t *out_size)
{
    char pattern[4096];
    uint8_t *bytes;
    FILE *file;
    glob_t found;
    long size;

    snprintf(pattern, sizeof(pattern), "%s/linux-*/%s", dirs_cache(), name);
    if (glob(pattern, 0, NULL, &found)) {
        printf("SKIP: no %s\n", pattern);
        return NULL;
    }
    file = fopen(found.gl_pathv[0], "rb");
    assert_non_null(file);
    assert_int_equal(0, fseek(file, 0, SEEK_END));
    size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    bytes = malloc((size_t)size);
    assert_non_null(bytes);
    *out_size = fread(bytes, 1, (size_t)size, file);
    assert_int_equal(size, *out_size);
    fclose(file);
    globfree(&found);
    return bytes;
}

/*
 * What readelf shows of the notes and segments of 6.1.0-56: the addresses move
 * with every build, their places in the image do not.
 */
static void elf_is_read(void **state)
{
    struct kernel_image image;
    struct pvi_line why;
    uint8_t *bytes;
    size_t size;

    (void)state;
    bytes = read_cached("vmlinux", &size);
    if (!bytes)
        skip();
    if (!kernel_image_read(bytes, size, 1u << XENFEAT_writable_page_tables,
                           &image, &why))
        fail_msg("refused: %s", why.text);
    assert_int_equal(0xffffffff80000000, image.virt_base);
    assert_int_equal(0xffffffff81000000, image.virt_start);
    assert_int_equal(4, image.segment_count);
    assert_int_equal(0x1000000, image.segments[0].physical);
    assert_int_equal(image.virt_end - image.virt_base,
                     image.segments[3].physical + image.segments[3].bytes);
    assert_true(image.entry - image.virt_base >= image.segments[3].physical);
    /* It has no such note since XSA-466: it makes hypercalls by itself. */
    assert_int_equal(KERNEL_UNSET, image.hypercall_page);
    assert_int_equal(0x8000000000, image.init_p2m);
    assert_int_equal(0xffff800000000000, image.hv_start_low);
    assert_int_equal(1u << XENFEAT_writable_page_tables,
                     image.features_required);
    assert_int_equal(0x8811, image.features_supported);
    assert_true(image.mod_start_pfn);
    assert_true(image.suspend_cancel);
    assert_false(image.bsd_symtab);
    assert_string_equal("linux", image.guest_os);

    /* Without emulated stores it is none that can run. */
    assert_false(
        kernel_image_read(bytes, size, 1u << XENFEAT_dom0, &image, &why));
    assert_string_equal("Xen note FEATURES: requires writable_page_tables, "
                        "which is not there",
                        why.text);
    free(bytes);
}

/* pvlab has unpacked its vmlinux by libarchive. */
static void bzimage_is_unpacked(void **state)
{
    static struct unpack_work work;
    struct kernel_packed packed;
    uint8_t *bytes, *elf, *out;
    size_t size, elf_size;
    struct pvi_line why;

    (void)state;
    bytes = read_cached("vmlinuz", &size);
    elf = bytes ? read_cached("vmlinux", &elf_size) : NULL;
    if (!elf) {
        free(bytes);
        skip();
    }
    assert_true(kernel_is_packed(bytes, size));
    assert_false(kernel_is_packed(elf, elf_size));
    if (!kernel_packed_read(bytes, size, &packed, &why))
        fail_msg("refused: %s", why.text);
    assert_string_equal("xz", packed.name);
    assert_int_equal(elf_size, packed.unpacked_bytes);
    out = malloc(elf_size);
    assert_non_null(out);
    if (!kernel_unpack(&packed, &work, out, &why))
        fail_msg("refused: %s", why.text);
    assert_memory_equal(elf, out, elf_size);

    packed.size -= 1;
    assert_false(kernel_unpack(&packed, &work, out, &why));
    assert_non_null(strstr(why.text, ": xz: it ends too early"));
    free(out);
    free(elf);
    free(bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_is_read),
        cmocka_unit_test(bzimage_is_unpacked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
