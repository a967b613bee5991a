/* SPDX-License-Identifier: MIT */
/*
 * unpack: what gzip, xz, lzma, lz4 and zstd pack, with the options that kernels
 * are packed by and with others, is what comes out; and a file of which any bit
 * is another, or that ends anywhere, gives the same bytes or a sentence.
 */
#include "packing.h"

#include <stdlib.h>
#include <string.h>

#include "base/dirs.h"

struct way {
    const char *format, *command;
};

static const struct way ways[] = {
    { "gzip", "gzip -n -9" },
    { "gzip", "gzip -1" },
    /* As Linux 6.1's scripts/xz_wrap.sh. */
    { "xz", "xz --check=crc32 --x86 --lzma2=,dict=32MiB" },
    { "xz", "xz --check=none --x86=start=4660 --lzma2=preset=0" },
    { "xz", "xz --check=crc32 --lzma2=preset=9e,lc=0,lp=4,pb=0" },
    { "xz", "xz --check=crc32 --lzma2=lc=4,lp=0,pb=4,mode=fast" },
    { "xz", "xz --check=crc32 -T1 --block-size=65536 --x86 --lzma2=preset=6" },
    { "xz", "xz --check=crc32 -T2 --block-size=65536" },
    { "lzma", "lzma -9" }, /* of a pipe: with its end marker */
    { "lzma", "xz --format=lzma --lzma1=lc=1,lp=3,pb=1" },
    { "lz4", "lz4 -q -l -9" },
    { "lz4", "lz4 -q -l -1" },
    { "zstd", "zstd -q -22 --ultra" }, /* as Linux */
    { "zstd", "zstd -q -3 --no-check" },
    { "zstd", "zstd -q --fast=3 --no-content-size" },
    { "zstd", "zstd -q -9 -M16MiB --zstd=wlog=17" },
};

static void real_files_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (enum content content = 0; content < CONTENTS; content++) {
            struct bytes plain, packed, got;
            const char *why;

            /* Of interest are lz4's blocks; lzma takes its time. */
            if (content == ZEROES && strcmp(ways[i].format, "lz4"))
                continue;
            plain = packing_content(content);
            packed = packing_run(ways[i].command, &plain);
            got = packing_undo_copy(ways[i].format, &packed, plain.size, &why);
            if (why)
                fail_msg("%s, content %u: %s", ways[i].command, content, why);
            assert_int_equal(plain.size, got.size);
            if (plain.size)
                assert_memory_equal(plain.data, got.data, plain.size);
            free(got.data);
            /* And with more room. */
            got = packing_undo_copy(ways[i].format, &packed, plain.size + 9,
                                    &why);
            assert_null(why);
            assert_int_equal(plain.size, got.size);
            free(got.data);
            if (plain.size) {
                got = packing_undo_copy(ways[i].format, &packed, plain.size - 1,
                                        &why);
                assert_non_null(why);
                free(got.data);
            }
            free(plain.data);
            free(packed.data);
        }
    }
    dirs_remove_temp();
}

/* True: refused. Else the same bytes came out, if the format has a sum. */
static bool is_refused(const struct way *way, const struct bytes *file,
                       const struct bytes *plain)
{
    bool has_sum = strcmp(way->format, "lz4") && strcmp(way->format, "lzma") &&
                   !strstr(way->command, "check=none") &&
                   !strstr(way->command, "no-check");
    const char *why;
    struct bytes got = packing_undo_copy(way->format, file, plain->size, &why);

    if (why)
        assert_true(*why && strlen(why) < 80);
    else if (has_sum)
        assert_true(got.size == plain->size &&
                    !memcmp(plain->data, got.data, plain->size));
    free(got.data);
    return why;
}

static void damaged_files_are_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct bytes plain = packing_small();
        struct bytes packed = packing_run(ways[i].command, &plain);
        size_t size = packed.size;

        for (size_t at = 0; at < size; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                packed.data[at] ^= 1 << bit;
                if (!is_refused(&ways[i], &packed, &plain) &&
                    !strcmp(ways[i].format, "xz") &&
                    !strstr(ways[i].command, "none"))
                    fail_msg("%s: bit %u of byte %zu changes nothing",
                             ways[i].command, bit, at);
                packed.data[at] ^= 1 << bit;
            }
            packed.size = at;
            /* Between two blocks a file may end: here is one. */
            if (!is_refused(&ways[i], &packed, &plain) &&
                !(!strcmp(ways[i].format, "lz4") && at == 4))
                fail_msg("%s: cut to %zu bytes it is good", ways[i].command,
                         at);
            packed.size = size;
        }
        free(plain.data);
        free(packed.data);
    }
    dirs_remove_temp();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_files_come_out),
        cmocka_unit_test(damaged_files_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
