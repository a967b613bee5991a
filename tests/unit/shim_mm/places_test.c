/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of a new domain are: one behind the other, as large as they
 * must be, with tables for all that is mapped.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, "Start-of-day memory layout".
 *
 * Tried, each fails here: kernel_end not rounded; start_info and tables in one
 * page; table_pages one less; PADDING or MULTIPLE left out; an initrd apart
 * that has an address; the p2m's tables not counted in 'frames'.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/places.h"

enum { PAGE = 4096, PAGES = 100000 };

#define MIB    (1ull << 20)
#define BASE   0xffffffff80000000ull
#define FAR    0x8000000000ull
#define INITRD (5 * MIB + 123)

static struct kernel_image image_at(uint64_t base)
{
    return (struct kernel_image){
        .virt_base = base,
        .virt_start = base + MIB,
        .virt_end = base + 9 * MIB + 17,
        .init_p2m = KERNEL_UNSET,
    };
}

/* Tables of a level for a range, counted entry by entry. */
static uint64_t count_tables(uint64_t begin, uint64_t end, unsigned shift)
{
    uint64_t count = 1;

    for (uint64_t at = begin + PAGE; at < end && at > begin; at += PAGE)
        count += at >> shift != (at - PAGE) >> shift;
    return count;
}

/* What holds of every layout. */
static void check(const struct domain_layout *out)
{
    uint64_t tables = 1 + count_tables(out->begin, out->end, 39) +
                      count_tables(out->begin, out->end, 30) +
                      count_tables(out->begin, out->end, 21);

    assert_int_equal(out->table_pages, tables);
    assert_int_equal(out->tables, out->start_info + PAGE);
    assert_int_equal(out->stack_end, out->tables + (tables + 1) * PAGE);
    assert_true(out->end - out->stack_end >= 512 << 10);
    assert_true(out->end - out->stack_end < (512 << 10) + 4 * MIB);
    assert_int_equal(out->end % (4 * MIB), 0);
    assert_int_equal(out->p2m_bytes, (PAGES * 8 + PAGE - 1) / PAGE * PAGE);
}

static void all_of_it_mapped(void **state)
{
    struct kernel_image image = image_at(BASE);
    struct domain_layout out;

    (void)state;
    domain_lay_out(&image, INITRD, PAGES, &out);
    check(&out);
    assert_int_equal(out.kernel_end, BASE + 9 * MIB + PAGE);
    assert_int_equal(out.initrd, out.kernel_end);
    assert_int_equal(out.initrd_frame, (out.initrd - BASE) / PAGE);
    assert_int_equal(out.p2m, out.initrd + 5 * MIB + PAGE);
    assert_int_equal(out.start_info, out.p2m + out.p2m_bytes);
    assert_int_equal(out.frames, (out.end - BASE) / PAGE);
    assert_false(out.p2m_apart);

    domain_lay_out(&image, 0, PAGES, &out);
    check(&out);
    assert_int_equal(out.initrd, 0);
    assert_int_equal(out.p2m, out.kernel_end);
}

static void initrd_and_list_apart(void **state)
{
    struct kernel_image image = image_at(BASE);
    struct domain_layout out;
    uint64_t mapped;

    (void)state;
    image.mod_start_pfn = true;
    image.init_p2m = FAR;
    domain_lay_out(&image, INITRD, PAGES, &out);
    check(&out);
    mapped = (out.end - BASE) / PAGE;
    assert_int_equal(out.start_info, out.kernel_end);
    assert_true(out.p2m_apart);
    assert_int_equal(out.p2m, FAR);
    assert_int_equal(out.p2m_frame, mapped);
    assert_int_equal(out.p2m_table_pages, 3);
    assert_int_equal(out.initrd, 0);
    assert_int_equal(out.initrd_frame, mapped + out.p2m_bytes / PAGE + 3);
    assert_int_equal(out.frames, out.initrd_frame + (5 * MIB + PAGE) / PAGE);
}

/* Each size of what comes before, so that the tables end anywhere. */
static void any_size(void **state)
{
    struct domain_layout out;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct kernel_image image = image_at(i % 2 ? BASE : 0x3ffff000);

        image.virt_end = image.virt_base + MIB + (uint64_t)i * PAGE;
        domain_lay_out(&image, 0, PAGES, &out);
        if (image.virt_base == BASE)
            check(&out);
        else
            assert_int_equal(out.table_pages,
                             1 + count_tables(out.begin, out.end, 39) +
                                 count_tables(out.begin, out.end, 30) +
                                 count_tables(out.begin, out.end, 21));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_mapped),
        cmocka_unit_test(initrd_and_list_apart),
        cmocka_unit_test(any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
