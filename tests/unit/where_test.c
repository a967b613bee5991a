/* SPDX-License-Identifier: MIT */
/*
 * The counting plugin's arguments and output: markers are resolved, QEMU
 * takes any path, and what a killed QEMU leaves behind is read up to its last
 * whole line.
 *
 * Damage tried: no commas doubled in 'out'; "> HIGH_HALF"; a line too long
 * for the buffer taken for a truncated one; where_total() without settling or
 * without a look at the magic; "of >= pair"; errno or *end not looked at by
 * resolve(); what is behind a sample's full stop not looked at; no way to
 * keep more than 64 samples.
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

#include "where/live.h"
#include "where/where.h"

static char folder[] = "/tmp/where_test.XXXXXX";
static char samples_path[64], live_path[64], map_path[64];

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(samples_path, sizeof(samples_path), "%s/w", folder);
    snprintf(live_path, sizeof(live_path), "%s/w.live", folder);
    snprintf(map_path, sizeof(map_path), "%s/map", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(samples_path);
    unlink(live_path);
    unlink(map_path);
    return rmdir(folder);
}

static void markers_are_resolved(void **state)
{
    struct boot_options options = {
        .from = { "begin_x", "0x401000", "4096" },
        .to = { "end_x", "begin_x", "0xffffffffffffffff" },
        .from_count = 3,
        .to_count = 3,
    };
    struct where_pair pairs[OPTIONS_MAX_PLACES] = { 0 };
    char why[WHERE_WHY_BYTES] = "";

    (void)state;
    write_text(map_path, "ffffffff81000010 T begin_x\n"
                         "ffffffff81000020 T end_x\n");
    assert_true(where_pairs(&options, map_path, pairs, why));
    assert_int_equal(pairs[0].from, 0xffffffff81000010);
    assert_int_equal(pairs[0].to, 0xffffffff81000020);
    assert_int_equal(pairs[1].from, 0x401000);
    assert_int_equal(pairs[1].to, 0xffffffff81000010);
    assert_int_equal(pairs[2].from, 4096);
    assert_int_equal(pairs[2].to, UINT64_MAX);
}

static void bad_markers_are_refused(void **state)
{
    static const struct {
        const char *from, *to, *symbols;
        const char *want; /* in the sentence */
    } rows[] = {
        { "0x1", "0x10000000000000000", NULL, "--to 0x10000000000000000: not" },
        { "12x", "1", NULL, "--from 12x: not an address" },
        { "start", "1", NULL, "--from start: no file of symbols" },
        { "1", "nowhere", map_path, "nowhere" },
        { "1", "x", "/nonexistent/file", "--symbols /nonexistent/file: No " },
        { "1", "x", "/tmp", "--symbols /tmp: not a file" },
    };

    (void)state;
    write_text(map_path, "ffffffff81000010 T begin_x\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct boot_options options = {
            .from = { rows[i].from },
            .to = { rows[i].to },
            .from_count = 1,
            .to_count = 1,
        };
        struct where_pair pairs[OPTIONS_MAX_PLACES];
        char why[WHERE_WHY_BYTES] = "";

        assert_false(where_pairs(&options, rows[i].symbols, pairs, why));
        if (!strstr(why, rows[i].want))
            fail_msg("row %zu says: %s", i, why);
    }
}

static void numbers_need_no_symbols(void **state)
{
    struct boot_options options = {
        .from = { "1" }, .to = { "2" }, .from_count = 1, .to_count = 1
    };
    struct where_pair pairs[OPTIONS_MAX_PLACES];
    char why[WHERE_WHY_BYTES];

    (void)state;
    assert_true(where_pairs(&options, "/nonexistent/file", pairs, why));
    options.to_count = 0;
    assert_false(where_pairs(&options, NULL, pairs, why));
    assert_string_equal(why, "each --from wants its --to: there are 1 and 0");
}

static void qemu_is_given_the_plugin(void **state)
{
    const struct image low = {
        .range_count = 2,
        .ranges = { { .vaddr = 0x100000, .bytes = 0x2000 },
                    { .vaddr = 0x200000, .bytes = 0x10 } },
    };
    const struct image linux_like = {
        .range_count = 2,
        .ranges = { { .vaddr = 0, .bytes = 0x35000 },
                    { .vaddr = 0x800000000000, .bytes = 0x2000 } },
    };
    const struct where_pair pairs[] = { { 1, 2 }, { 0xffffffff81000000, 16 } };
    char *text;

    (void)state;
    text = where_plugin("/a,b/where.so", "/c,,d", WHERE_MODE_NATIVE, &low, NULL,
                        0);
    assert_string_equal(text, "file=/a,,b/where.so,out=/c,,,,d,mode=native,"
                              "kernel=0x100000-0x102000,"
                              "kernel=0x200000-0x200010");
    free(text);
    text = where_plugin("w", "o", WHERE_MODE_SVM, &linux_like, pairs, 2);
    assert_string_equal(text, "file=w,out=o,mode=svm,pair=0x1:0x2,"
                              "pair=0xffffffff81000000:0x10");
    free(text);
    text = where_plugin("w", "o", WHERE_MODE_XEN_PV, NULL, pairs, 1);
    assert_string_equal(text, "file=w,out=o,mode=xen_pv,pair=0x1:0x2");
    free(text);
}

static void samples_are_read(void **state)
{
    static const char text[] =
        "sample 0 1 2 3 4 5 6 7 8 9 10 .\n"
        "sample 1 7 0 0 0 0 0 7 8 9 10 .\n"
        "sample 0 18446744073709551615 0 0 0 0 0 7 8 9 10 .\n"
        "full\n";
    struct where_counts *samples;
    char why[WHERE_WHY_BYTES];
    size_t count;

    (void)state;
    write_text(samples_path, text);
    assert_true(where_samples(samples_path, 0, &samples, &count, why));
    assert_int_equal(count, 2);
    assert_int_equal(samples[0].user, 1);
    assert_int_equal(samples[0].kernel, 2);
    assert_int_equal(samples[0].hypervisor, 3);
    assert_int_equal(samples[0].rep_user, 4);
    assert_int_equal(samples[0].rep_kernel, 5);
    assert_int_equal(samples[0].rep_hypervisor, 6);
    assert_int_equal(samples[0].calls_user, 7);
    assert_int_equal(samples[0].calls_kernel, 8);
    assert_int_equal(samples[0].calls_hypervisor, 9);
    assert_int_equal(samples[0].exits, 10);
    assert_int_equal(samples[1].user, UINT64_MAX);
    free(samples);
    assert_true(where_samples(samples_path, 1, &samples, &count, why));
    assert_int_equal(count, 1);
    free(samples);
    assert_true(where_samples(samples_path, 2, &samples, &count, why));
    assert_int_equal(count, 0);
    assert_null(samples);
}

/* QEMU is killed while it writes: at every byte. */
static void truncated_line_is_ignored(void **state)
{
    static const char text[] = "sample 0 1 2 3 4 5 6 7 8 9 10 .\n"
                               "sample 0 1 2 3 4 5 61 7 8 9 10 .\n";
    const size_t first = strchr(text, '\n') + 1 - text;

    (void)state;
    for (size_t size = 0; size <= strlen(text); size++) {
        struct where_counts *samples;
        char why[WHERE_WHY_BYTES];
        size_t count;

        write_file(samples_path, text, size);
        assert_true(where_samples(samples_path, 0, &samples, &count, why));
        assert_int_equal(count, (size >= first) + (size == strlen(text)));
        free(samples);
    }
}

static void many_samples_are_kept(void **state)
{
    struct where_counts *samples;
    char why[WHERE_WHY_BYTES];
    size_t count;
    FILE *out;

    (void)state;
    out = fopen(samples_path, "w");
    assert_non_null(out);
    for (int i = 0; i < 1000; i++)
        fprintf(out, "sample 0 %d 0 0 0 0 0 7 8 9 10 .\n", i);
    fclose(out);
    assert_true(where_samples(samples_path, 0, &samples, &count, why));
    assert_int_equal(count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(samples[i].user, i);
    free(samples);
}

static void damage_is_reported(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "sample 0 1 2 3 4 5 6 7 8 9 10\n", ":1: not a sample" },
        { "sample 0 1 2 3 4 5 6 7 8 9 10 .\nsample 0 1 2 3 4 5 6 7 8 9 10 . "
          "7\n",
          ":2: not a" },
        { "\n", ":1: not a sample" },
        { "error no thread\nsample 0 1 2 3 4 5 6 7 8 9 10 .\n",
          "counted: no thread" },
    };
    char long_line[600], why[WHERE_WHY_BYTES];
    struct where_counts *samples;
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_text(samples_path, rows[i].text);
        assert_false(where_samples(samples_path, 0, &samples, &count, why));
        assert_non_null(strstr(why, rows[i].want));
        assert_null(samples);
    }
    memset(long_line, ' ', sizeof(long_line));
    memcpy(long_line + sizeof(long_line) - 2, ".\n", 2);
    write_file(samples_path, long_line, sizeof(long_line));
    assert_false(where_samples(samples_path, 0, &samples, &count, why));
    write_file(samples_path, "\0\n", 2);
    assert_false(where_samples(samples_path, 0, &samples, &count, why));
    unlink(samples_path);
    assert_false(where_samples(samples_path, 0, &samples, &count, why));
    assert_non_null(strstr(why, "No such file"));
}

static void total_counts_to_the_last_instruction(void **state)
{
    struct where_live live = {
        .magic = WHERE_LIVE_MAGIC,
        .cell = { { 10, 1 }, { 20, 2 }, { 30, 3 } },
        .mark = { { 4, 0 }, { 20, 2 }, { 0, 0 } },
        .sum = { { 100, 0 }, { 200, 0 }, { 300, 0 } },
    };
    struct where_counts total;
    char why[WHERE_WHY_BYTES];

    (void)state;
    write_text(samples_path, "");
    write_file(live_path, &live, sizeof(live));
    assert_true(where_total(samples_path, &total, why));
    assert_int_equal(total.user, 106);
    assert_int_equal(total.kernel, 200);
    assert_int_equal(total.hypervisor, 330);
    assert_int_equal(total.rep_user, 1);
    assert_int_equal(total.rep_kernel, 0);
    assert_int_equal(total.rep_hypervisor, 3);

    /* Outside guest mode all that is new is the hypervisor's. */
    live.outside = 1;
    write_file(live_path, &live, sizeof(live));
    assert_true(where_total(samples_path, &total, why));
    assert_int_equal(total.user, 100);
    assert_int_equal(total.kernel, 200);
    assert_int_equal(total.hypervisor, 336);
    assert_int_equal(total.rep_hypervisor, 4);
}

static void missing_counters_are_reported(void **state)
{
    struct where_live live = { .magic = WHERE_LIVE_MAGIC, .cell = { { 9 } } };
    struct where_counts total;
    char why[WHERE_WHY_BYTES];

    (void)state;
    write_text(samples_path, "");
    write_file(live_path, &live, sizeof(live) - 1);
    assert_false(where_total(samples_path, &total, why));
    assert_non_null(strstr(why, "w.live: not the plugin's counters"));
    live.magic++;
    write_file(live_path, &live, sizeof(live));
    assert_false(where_total(samples_path, &total, why));
    live.magic--;
    write_file(live_path, &live, sizeof(live));
    assert_true(where_total(samples_path, &total, why));
    assert_int_equal(total.user, 9);
    write_text(samples_path, "error lost\n");
    assert_false(where_total(samples_path, &total, why));
    unlink(live_path);
    write_text(samples_path, "");
    assert_false(where_total(samples_path, &total, why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markers_are_resolved),
        cmocka_unit_test(bad_markers_are_refused),
        cmocka_unit_test(numbers_need_no_symbols),
        cmocka_unit_test(qemu_is_given_the_plugin),
        cmocka_unit_test(samples_are_read),
        cmocka_unit_test(truncated_line_is_ignored),
        cmocka_unit_test(many_samples_are_kept),
        cmocka_unit_test(damage_is_reported),
        cmocka_unit_test(total_counts_to_the_last_instruction),
        cmocka_unit_test(missing_counters_are_reported),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
