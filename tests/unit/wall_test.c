/* SPDX-License-Identifier: MIT */
/*
 * A guest's time of day against this machine's; several kernels in one table.
 *
 * Damage tried, each seen by a test: fabs() left out; CONSOLE_WALL_S 20;
 * compare_wall not looked at; "*rest" not looked at in read_wall();
 * put_images() that takes no notice of the kernel; strcmp(first->image, ...)
 * made true; other_images() that lists all; text instead of kernel_cell();
 * HYPERVISOR_MIN not looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "boot/console.h"
#include "report/report.h"

/* The verdict on a guest that says so; its reason is 'out_reason'. */
static enum verdict judge(const char *wall, bool compare, char out_reason[120])
{
    static struct console console;
    struct result result = { .verdict = VERDICT_ERROR };
    enum verdict verdict;
    char text[200];
    int size;

    size = snprintf(text, sizeof(text),
                    "PVLAB PASS a\nPVLAB INFO wall=%s\n"
                    "PVLAB END passed=1 failed=0 skipped=0\n",
                    wall);
    console_setup(&console, NULL, false);
    console.compare_wall = compare;
    console_feed(&console, (const uint8_t *)text, (size_t)size);
    console_judge(&console, ENDING_POWEROFF, 30, &result);
    console_teardown(&console);
    snprintf(out_reason, 120, "%s", result.reason ? result.reason : "");
    verdict = result.verdict;
    result_release(&result);
    return verdict;
}

static enum verdict judge_ahead(double ahead_s, bool compare, char reason[120])
{
    struct timespec now;
    char text[40];

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof(text), "%.3f",
             (double)now.tv_sec + (double)now.tv_nsec / 1e9 + ahead_s);
    return judge(text, compare, reason);
}

static void require(const char *text, const char *part, bool there)
{
    if (!strstr(text, part) == there)
        fail_msg("%s '%s' in:\n%s", there ? "no" : "a", part, text);
}

static void wall_is_compared(void **state)
{
    char reason[120];

    (void)state;
    assert_int_equal(judge_ahead(0, true, reason), VERDICT_PASS);
    assert_int_equal(judge_ahead(2.5, true, reason), VERDICT_PASS);
    assert_int_equal(judge_ahead(-2.5, true, reason), VERDICT_PASS);
    assert_int_equal(judge_ahead(60, true, reason), VERDICT_FAIL);
    require(reason, "wall clock: the guest's is ", true);
    require(reason, " s ahead of this machine's", true);
    assert_int_equal(judge_ahead(4, true, reason), VERDICT_FAIL);
    assert_int_equal(judge_ahead(-4, true, reason), VERDICT_FAIL);
    require(reason, " s behind this machine's", true);
    assert_int_equal(judge_ahead(-3600, false, reason), VERDICT_PASS);
}

/* The second that goes on: half of one more on the late side. */
static void whole_seconds_last(void **state)
{
    char text[40], reason[120];
    time_t now = time(NULL);

    (void)state;
    snprintf(text, sizeof(text), "%lld", (long long)now - 3);
    assert_int_equal(judge(text, true, reason), VERDICT_PASS);
    snprintf(text, sizeof(text), "%lld", (long long)now - 5);
    assert_int_equal(judge(text, true, reason), VERDICT_FAIL);
    snprintf(text, sizeof(text), "%lld", (long long)now + 5);
    assert_int_equal(judge(text, true, reason), VERDICT_FAIL);
}

static void other_words_are_text(void **state)
{
    static const char *const words[] = { "",    "noon", "-1", "1e3",  ".5",
                                         "0x1", "1 ",   "1,", "1.2.3" };
    char reason[120];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(judge(words[i], true, reason), VERDICT_PASS);
    assert_int_equal(judge("1", true, reason), VERDICT_FAIL);
    assert_int_equal(judge("99999999999999999999999999", true, reason),
                     VERDICT_FAIL);
}

static char *table(struct result *results, size_t count)
{
    struct report report = { .kernel_path = "build/kernel/pvk.elf",
                             .results = results,
                             .result_count = count };
    char *text;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    report_table(memory, &report, 1, false);
    assert_int_equal(fclose(memory), 0);
    return text;
}

static void kernels_and_backends_have_columns(void **state)
{
    struct result results[] = {
        { .platform = "native",
          .kernel = "pvk",
          .image = "aaaa",
          .backend = "native",
          .hypervisor = "none",
          .seconds = 1 },
        { .platform = "kvm",
          .kernel = "pvk",
          .image = "aaaa",
          .backend = "kvm",
          .hypervisor = "KVMKVMKVM",
          .seconds = 1 },
        { .platform = "native",
          .kernel = "debian",
          .image = "bbbb",
          .seconds = 1 },
        { .platform = "kvm",
          .kernel = "debian",
          .image = "cccc",
          .verdict = VERDICT_FAIL,
          .reason = "no",
          .seconds = 1 },
    };
    char *text = table(results, 4);

    (void)state;
    require(text,
            "PLATFORM  KERNEL  HYPERVISOR  BACKEND  VERDICT  "
            " SETUP s    BOOT s\n",
            true);
    require(text, "\nkvm       pvk     KVMKVMKVM   kvm      PASS  ", true);
    require(text, "\nnative    debian  -           -        PASS  ", true);
    require(text, "\nFAIL kvm, debian: no\n", true);
    require(text, "\npvk: the same image in all 2 boots, SHA-256 aaaa\n", true);
    require(text,
            "\ndebian: NOT the same image in all 2 boots: other than on native "
            "on kvm\n",
            true);
    free(text);

    /* A stranger's kernel alone: the table is as it always was. */
    results[2].kernel = results[3].kernel = NULL;
    text = table(results + 2, 2);
    require(text, "KERNEL", false);
    require(text, "BACKEND", false);
    require(text, "image", false);
    free(text);
}

/* Which rows, and in 80 columns whatever the names and the digests are. */
static void the_line_below_names_the_odd_rows(void **state)
{
    static const char one[] = "0123456789abcdef0123456789abcdef";
    struct result results[] = {
        { .platform = "native", .backend = "native", .image = (char *)one },
        { .platform = "kvm", .backend = "kvm", .image = (char *)one },
        { .platform = "xen_pv", .backend = "xen_pv", .image = (char *)one },
        { .platform = "vmware", .verdict = VERDICT_SKIP, .reason = "no" },
    };
    char *text = table(results, 4);
    const char *line;

    (void)state;
    require(text,
            "\npvk.elf: the same image in all 3 boots, SHA-256 "
            "0123456789abcdef\n",
            true);
    free(text);

    results[1].image = results[2].image = "cc";
    results[2].repeat = 2;
    text = table(results, 4);
    require(text,
            "\npvk.elf: NOT the same image in all 3 boots: other than on "
            "native on kvm, xen_pv\n    #2\n",
            true);
    for (line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    free(text);

    results[1].image = results[2].image = (char *)one;
    for (size_t i = 0; i < 3; i++)
        results[i].kernel = "a-name-of-a-kernel-that-never-ends";
    text = table(results, 4);
    for (line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    free(text);
}

/* Whatever the other names take: the heading's width, and no more. */
static void long_names_leave_the_hypervisor(void **state)
{
    static const char name[] = "a-name-that-never-ends-and-goes-on-and-on";
    struct result results[] = {
        { .platform = (char *)name,
          .kernel = (char *)name,
          .backend = (char *)name,
          .hypervisor = "Microsoft Hv of another kind" },
    };
    char *text = table(results, 1);

    (void)state;
    require(text, "  HYPERVISOR  BACKEND ", true);
    require(text, "  Micro", true);
    require(text, "Microsoft Hv", false);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_is_compared),
        cmocka_unit_test(whole_seconds_last),
        cmocka_unit_test(other_words_are_text),
        cmocka_unit_test(kernels_and_backends_have_columns),
        cmocka_unit_test(the_line_below_names_the_odd_rows),
        cmocka_unit_test(long_names_leave_the_hypervisor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
