/* SPDX-License-Identifier: MIT */
/*
 * OVMF's image for nested guests: what lies where, and files that do not fit.
 *
 * Damage tried: memset() with 0; code and variables exchanged; the comparison
 * of sizes left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "qemu/ovmf.h"

static char folder[] = "/tmp/ovmf_test.XXXXXX";
static char code[64], vars[64];

static void write_file(const char *path, int byte, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc(byte, file);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(code, sizeof(code), "%s/code", folder);
    snprintf(vars, sizeof(vars), "%s/vars", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(code);
    unlink(vars);
    return rmdir(folder);
}

static void code_ends_at_4g(void **state)
{
    char why[WHY_BYTES];
    uint8_t *image;

    (void)state;
    write_file(code, 'c', 3000);
    write_file(vars, 'v', 500);
    image = ovmf_image(code, vars, why);
    assert_non_null(image);
    /* -bios takes multiples of 64 KiB. */
    assert_int_equal(OVMF_BYTES % 65536, 0);
    assert_int_equal(UINT64_C(0x100000000) - OVMF_BYTES, 0xfed40000);
    for (size_t i = 0; i < OVMF_BYTES; i++) {
        int want = i >= OVMF_BYTES - 3000   ? 'c'
                   : i >= OVMF_BYTES - 3500 ? 'v'
                                            : 0xff;

        if (image[i] != want)
            fail_msg("%#x at %#zx", image[i], i);
    }
    free(image);
}

static void says_what_is_wrong(void **state)
{
    char why[WHY_BYTES];

    (void)state;
    write_file(code, 'c', 3000);
    write_file(vars, 'v', OVMF_BYTES - 2999);
    assert_null(ovmf_image(code, vars, why));
    assert_non_null(strstr(why, "vars is too large for OVMF"));
    unlink(vars);
    assert_null(ovmf_image(code, vars, why));
    assert_non_null(strstr(why, "vars: No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_ends_at_4g),
        cmocka_unit_test(says_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
