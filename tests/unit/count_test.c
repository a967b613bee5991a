/* SPDX-License-Identifier: MIT */
/*
 * --where and --icount around a boot: what cannot be counted is refused with
 * the plan, and what was not counted is never shown as if it were.
 *
 * Damage tried: remove_counts() left out; 'before' not subtracted from one
 * class; result_forget_where() left out; complain() overwriting a CRASH, or
 * saying nothing of it; SKIP kept with a pair unpassed; a bzImage taken for a
 * file of symbols; mode svm for --icount alone or for xen_pv; DOMU not refused;
 * a medium's image given to where_plugin(); -icount for two CPUs, or for none.
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

#include "base/args.h"
#include "base/dirs.h"
#include "plan/count.h"
#include "qemu/qemu.h"
#include "where/live.h"

static char folder[] = "/tmp/count_test.XXXXXX";
static char samples_path[64], live_path[64], map_path[64];
static char *plugin_path; /* below the build folder, beside this program */

static const struct where_counts nothing;

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(samples_path, sizeof(samples_path), "%s/x.where", folder);
    snprintf(live_path, sizeof(live_path), "%s/x.where.live", folder);
    snprintf(map_path, sizeof(map_path), "%s/map", folder);
    if (!dirs_make(dirs_libexec()))
        return -1;
    plugin_path = text_new("%s/where.so", dirs_libexec());
    write_file(plugin_path, "", 0);
    write_file(map_path, "0000000000401000 T a\n0000000000402000 T b\n", 42);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(samples_path);
    unlink(live_path);
    unlink(map_path);
    unlink(plugin_path);
    free(plugin_path);
    return rmdir(folder);
}

/* A plan as plan_make() leaves it for count_plan(). */
static struct plan plan_for(const char *platform, bool where, bool icount)
{
    return (struct plan){
        .platform = platform_find(platform),
        .outer = platform_find(platform)->outer,
        .options = { .kernel = "debian",
                     .where = where,
                     .icount = icount,
                     .from = { "a", "0x10" },
                     .to = { "b", "0x20" },
                     .from_count = where ? 2 : 0,
                     .to_count = where ? 2 : 0,
                     .symbols = map_path },
        .image = { .format = IMAGE_BZIMAGE },
        .kernel = "/nonexistent/vmlinuz",
    };
}

static void require_refused(struct plan *plan, enum verdict verdict,
                            const char *sentence)
{
    char why[WHY_BYTES] = "";

    assert_int_equal(count_plan(plan, why), verdict);
    if (!strstr(why, sentence))
        fail_msg("no '%s' in '%s'", sentence, why);
}

static void plans_are_refused(void **state)
{
    struct plan plan = plan_for("native", true, false);
    char why[WHY_BYTES];

    (void)state;
    assert_int_equal(count_plan(&plan, why), VERDICT_PASS);
    assert_int_equal(plan.pairs[0].from, 0x401000);
    assert_int_equal(plan.pairs[0].to, 0x402000);
    assert_int_equal(plan.pairs[1].from, 0x10);
    assert_int_equal(plan.pairs[1].to, 0x20);

    plan.options.from[1] = "c";
    require_refused(&plan, VERDICT_ERROR, "no symbol 'c'");
    plan.options.symbols = NULL;
    require_refused(&plan, VERDICT_ERROR, "--from a: no file of symbols");
    plan.image.format = IMAGE_ISO;
    require_refused(&plan, VERDICT_ERROR, "--from a: no file of symbols");
    plan.image.format = IMAGE_ELF;
    require_refused(&plan, VERDICT_ERROR, "/nonexistent/vmlinuz: No such");
    plan.options.accel = ACCEL_KVM;
    require_refused(&plan, VERDICT_ERROR, "--where counts in QEMU's software");
    plan.options.where = false;
    assert_int_equal(count_plan(&plan, why), VERDICT_PASS);
    plan.options.icount = true;
    require_refused(&plan, VERDICT_ERROR, "--icount counts in QEMU's softw");
    plan.options.accel = ACCEL_AUTO;
    plan.platform = NULL;
    require_refused(&plan, VERDICT_SKIP, "--icount counts in a QEMU that");

    plan = plan_for("native", true, false);
    unlink(plugin_path);
    require_refused(&plan, VERDICT_ERROR, "cannot read the plugin ");
    write_file(plugin_path, "", 0);
}

static void domains_beside_dom0_are_skipped(void **state)
{
    static const char *const names[] = { "xen_domu_pv", "xen_domu_pvh",
                                         "xen_hvm" };
    char why[WHY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct plan plan = plan_for(names[i], true, false);

        require_refused(&plan, VERDICT_SKIP, "--where cannot tell this domain");
        plan = plan_for(names[i], false, true);
        assert_int_equal(count_plan(&plan, why), VERDICT_PASS);
    }
}

static void each_platform_has_its_mode(void **state)
{
    static const struct {
        const char *platform, *mode;
    } rows[] = {
        { "native", "native" },      { "native~pc", "native" },
        { "native~epyc", "native" }, { "vmi", "native" },
        { "vmi64", "native" },       { "xen_pv", "xen_pv" },
        { "xen_pvh", "svm" },        { "kvm", "svm" },
        { "kvm~microvm", "svm" },    { "hyperv~gen2", "svm" },
        { "vmware", "svm" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plan plan = plan_for(rows[i].platform, true, true);
        char why[WHY_BYTES], want[256], *text;

        assert_int_equal(count_plan(&plan, why), VERDICT_PASS);
        text = count_plugin(&plan, samples_path);
        snprintf(want, sizeof(want),
                 "/where.so,out=%s,mode=%s,pair=0x401000:0x402000,"
                 "pair=0x10:0x20",
                 samples_path, rows[i].mode);
        if (!strstr(text, want))
            fail_msg("%s: no '%s' in '%s'", rows[i].platform, want, text);
        free(text);

        plan = plan_for(rows[i].platform, false, true);
        text = count_plugin(&plan, samples_path);
        assert_string_equal(strstr(text, ",mode="), ",mode=native");
        free(text);
    }
}

/* QEMU's arguments as one text. */
static char *given(const struct plan *plan, const char *counts)
{
    struct args args = { 0 };
    char *text = text_new("%s", "");

    qemu_count(&args, plan, counts);
    for (size_t i = 0; i < args.count; i++) {
        char *longer = text_new("%s %s", text, args.v[i]);

        free(text);
        text = longer;
    }
    args_free(&args);
    return text;
}

static void qemu_counts_only_if_told(void **state)
{
    static const char icount[] = " -icount shift=0,sleep=off -rtc clock=vm";
    static const struct {
        const char *platform;
        unsigned cpus;
        bool asked, icount;
    } rows[] = {
        { "native", 1, false, true },  { "native", 2, false, false },
        { "xen_pv", 2, false, false }, { "native", 2, true, true },
        { "xen_pv", 2, true, true },   { "kvm", 1, false, true },
        { "kvm", 2, false, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plan plan = plan_for(rows[i].platform, true, rows[i].asked);
        const char *tail;
        char *text;

        plan.cpus = rows[i].cpus;
        text = given(&plan, samples_path);
        assert_int_equal(
            strncmp(text, " -accel tcg,thread=single -plugin file=", 39), 0);
        tail = strstr(text, " -icount");
        assert_string_equal(tail ? tail : "", rows[i].icount ? icount : "");
        free(text);
        text = given(&plan, NULL);
        assert_string_equal(text, " -accel tcg");
        free(text);
    }
}

static void mediums_have_no_segments(void **state)
{
    struct plan plan = plan_for("native", false, true);
    char *text;

    (void)state;
    plan.image.range_count = 1;
    plan.image.ranges[0] =
        (struct image_range){ .vaddr = 0x1000, .bytes = 0x1000 };
    text = count_plugin(&plan, samples_path);
    assert_non_null(strstr(text, "kernel=0x1000-0x2000"));
    free(text);
    plan.image.format = IMAGE_DISK;
    text = count_plugin(&plan, samples_path);
    assert_null(strstr(text, "kernel="));
    free(text);
}

static void path_is_the_boots_own(void **state)
{
    struct plan plan = plan_for("kvm", false, false);
    char *path;

    (void)state;
    assert_null(count_path(&plan, "/l", "kvm.2"));
    plan.options.icount = true;
    path = count_path(&plan, "/l", "kvm.2");
    assert_string_equal(path, "/l/kvm.2.where");
    free(path);
}

/* What a run leaves behind. */
static void leave(const char *samples)
{
    struct where_live live = {
        .magic = WHERE_LIVE_MAGIC,
        .sum = { { 1000, 10 }, { 2000, 20 }, { 3000, 30 } },
    };

    write_file(samples_path, samples, strlen(samples));
    write_file(live_path, &live, sizeof(live));
}

static void counts_arrive(void **state)
{
    const struct where_counts before = { 1, 2, 4, 8, 16, 24, 0, 0, 0, 0 };
    struct plan plan = plan_for("kvm", true, true);
    struct result result = { .verdict = VERDICT_PASS };

    (void)state;
    leave("sample 0 1 2 3 4 5 6 7 8 9 10 .\nsample 1 7 0 0 0 0 0 7 8 9 10 .\n"
          "sample 0 9 2 3 4 5 6 7 8 9 10 .\n");
    count_finish(&plan, samples_path, &before, &result);
    assert_int_equal(result.verdict, VERDICT_PASS);
    assert_null(result.reason);
    assert_int_equal(result.instructions, 6000 - 7);
    assert_int_equal(result.where_count, 2);
    assert_string_equal(result.where[0].from, "a");
    assert_string_equal(result.where[0].to, "b");
    assert_int_equal(result.where[0].count, 2);
    assert_int_equal(result.where[0].list[1].user, 9);
    assert_string_equal(result.where[1].from, "0x10");
    assert_int_equal(result.where[1].count, 1);
    assert_int_equal(result.where[1].list[0].user, 7);
    result_release(&result);

    result = (struct result){ .verdict = VERDICT_PASS };
    plan.options.from_count = plan.options.to_count = 0;
    plan.options.icount = false;
    count_finish(&plan, samples_path, &before, &result);
    assert_int_equal(result.verdict, VERDICT_PASS);
    assert_int_equal(result.instructions, 0);
    assert_int_equal(result.where_count, 1);
    assert_null(result.where[0].from);
    assert_null(result.where[0].to);
    assert_int_equal(result.where[0].count, 1);
    assert_int_equal(result.where[0].list[0].user, 999);
    assert_int_equal(result.where[0].list[0].kernel, 1998);
    assert_int_equal(result.where[0].list[0].hypervisor, 2996);
    assert_int_equal(result.where[0].list[0].rep_user, 2);
    assert_int_equal(result.where[0].list[0].rep_kernel, 4);
    assert_int_equal(result.where[0].list[0].rep_hypervisor, 6);
    result_release(&result);
}

static void unpassed_pairs_are_errors(void **state)
{
    static const struct {
        enum verdict given, want;
        const char *reason;
    } rows[] = {
        { VERDICT_PASS, VERDICT_ERROR,
          "--where: nothing ran from 0x10 to "
          "0x20" },
        { VERDICT_SKIP, VERDICT_ERROR,
          "--where: nothing ran from 0x10 to "
          "0x20" },
        { VERDICT_ERROR, VERDICT_ERROR, "given" },
        { VERDICT_FAIL, VERDICT_FAIL, "given" },
        { VERDICT_CRASH, VERDICT_CRASH, "given" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plan plan = plan_for("native", true, false);
        struct result result = { .verdict = rows[i].given };

        if (rows[i].given != VERDICT_PASS)
            result.reason = text_new("given");
        leave("sample 0 1 2 3 4 5 6 7 8 9 10 .\n");
        count_finish(&plan, samples_path, &nothing, &result);
        assert_int_equal(result.verdict, rows[i].want);
        assert_string_equal(result.reason, rows[i].reason);
        assert_int_equal(result.where_count, 2);
        assert_int_equal(result.where[0].count, 1);
        assert_int_equal(result.where[1].count, 0);
        result_release(&result);
    }
}

static void all_unpassed_pairs_are_told(void **state)
{
    struct plan plan = plan_for("native", true, false);
    struct result result = { .verdict = VERDICT_PASS };

    (void)state;
    leave("");
    count_finish(&plan, samples_path, &nothing, &result);
    assert_string_equal(result.reason, "--where: nothing ran from a to b, nor "
                                       "between 1 more of 2 pairs");
    result_release(&result);
}

static void damaged_counts_are_errors(void **state)
{
    static const char sentence[] = "instructions were not counted: no thread";
    static const struct {
        enum verdict given, want;
        const char *reason;
    } rows[] = {
        { VERDICT_PASS, VERDICT_ERROR, sentence },
        { VERDICT_SKIP, VERDICT_ERROR, sentence },
        { VERDICT_ERROR, VERDICT_ERROR, "given" },
        { VERDICT_FAIL, VERDICT_FAIL,
          "given; besides, instructions were not counted: no thread" },
        { VERDICT_CRASH, VERDICT_CRASH,
          "given; besides, instructions were not counted: no thread" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plan plan = plan_for("native", true, i % 2);
        struct result result = { .verdict = rows[i].given };

        if (rows[i].given != VERDICT_PASS)
            result.reason = text_new("given");
        leave("sample 0 1 2 3 4 5 6 7 8 9 10 .\nerror no thread\n");
        count_finish(&plan, samples_path, &nothing, &result);
        assert_int_equal(result.verdict, rows[i].want);
        assert_string_equal(result.reason, rows[i].reason);
        assert_int_equal(result.instructions, 0);
        assert_int_equal(result.where_count, 0);
        assert_null(result.where);
        result_release(&result);
    }
}

/* The samples are whole, but not the counters. */
static void both_files_are_wanted(void **state)
{
    struct plan plan = plan_for("native", true, true);
    struct result result = { .verdict = VERDICT_PASS };

    (void)state;
    leave("sample 0 1 2 3 4 5 6 7 8 9 10 .\nsample 1 1 2 3 4 5 6 7 8 9 10 .\n");
    unlink(live_path);
    count_finish(&plan, samples_path, &nothing, &result);
    assert_int_equal(result.verdict, VERDICT_ERROR);
    assert_non_null(strstr(result.reason, "x.where.live: not the plugin's"));
    assert_int_equal(result.where_count, 0);
    assert_int_equal(result.instructions, 0);
    result_release(&result);
}

/* A QEMU that never got as far as the plugin, in a folder used before. */
static void old_counts_are_not_taken(void **state)
{
    struct plan plan = plan_for("native", false, true);
    struct result result = { .verdict = VERDICT_PASS };

    (void)state;
    leave("");
    free(count_plugin(&plan, samples_path));
    count_finish(&plan, samples_path, &nothing, &result);
    assert_int_equal(result.verdict, VERDICT_ERROR);
    assert_non_null(strstr(result.reason, "No such file"));
    assert_int_equal(result.instructions, 0);
    result_release(&result);
    assert_int_not_equal(access(live_path, F_OK), 0);
}

/* No machine executes nothing: that is a count that was not taken. */
static void zero_is_no_count(void **state)
{
    const struct where_counts all = {
        1000, 2000, 3000, 10, 20, 30, 1, 2, 3, 0
    };
    struct plan plan = plan_for("native", false, true);
    struct result result = { .verdict = VERDICT_PASS };

    (void)state;
    leave("");
    count_finish(&plan, samples_path, &all, &result);
    assert_int_equal(result.verdict, VERDICT_ERROR);
    assert_string_equal(result.reason, "--icount: nothing was executed");
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_refused),
        cmocka_unit_test(domains_beside_dom0_are_skipped),
        cmocka_unit_test(each_platform_has_its_mode),
        cmocka_unit_test(qemu_counts_only_if_told),
        cmocka_unit_test(mediums_have_no_segments),
        cmocka_unit_test(path_is_the_boots_own),
        cmocka_unit_test(counts_arrive),
        cmocka_unit_test(unpassed_pairs_are_errors),
        cmocka_unit_test(all_unpassed_pairs_are_told),
        cmocka_unit_test(damaged_counts_are_errors),
        cmocka_unit_test(both_files_are_wanted),
        cmocka_unit_test(old_counts_are_not_taken),
        cmocka_unit_test(zero_is_no_count),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
