/* SPDX-License-Identifier: MIT */
/*
 * The reports: every field arrives, and no word of a guest's reaches a
 * terminal or breaks a document.
 *
 * Damage tried: reason printed by put_why() without text_clean(); the limit of
 * hypervisor_cell() in put_row() left out; "#" not escaped for TAP; the verdict
 * left out before a reason in TAP; CRASH not counted by tally_one(); unlink()
 * left out of replace(); path opened with O_TRUNC in the place of a new file;
 * same_pair() looking at 'from' alone; was_shown() always false; "never
 * passed" left out; PLACE_MAX 40; put_totals() for those without instructions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "report/parts.h"
#include "report/report.h"
#include "report/text.h"

/* Clears the screen, sets the title, is no UTF-8, closes an element. */
#define HOSTILE                                                                \
    "\033[2J\033]0;x\a\r\xc3(\xed\xa0\x80\xff\xc2\x9b"                         \
    "1m\xe2\x80\xae<&\"'\\#]]>\x7f\xf4\x8f\xbf\xbf\xef\xbf\xbe"

static struct check checks[] = {
    { VERDICT_PASS, "clock", NULL },
    { VERDICT_FAIL, "irq \"" HOSTILE, "lost: " HOSTILE },
    { VERDICT_SKIP, "smp", "one CPU" },
    { VERDICT_ERROR, "odd", NULL },
};
static struct where_counts counts[] = {
    { 30, 200, 1000, 3, 20, 100, 1, 2, 3, 7 },
    { 10, 400, 3000, 1, 40, 300, 1, 2, 3, 8 },
    { 20, 300, 2000, 2, 30, 200, 1, 2, 3, 9 },
    { 40, 100, 4000, 4, 10, 400, 1, 2, 3, 6 },
};
static struct where_samples pairs[] = {
    { .from = "begin_fork", .to = "end_fork", .list = counts, .count = 4 },
    { .from = "begin_fork", .to = "later", .list = counts, .count = 2 },
};
static struct where_samples other_pairs[] = {
    { .from = "begin_fork", .to = "end_fork", .list = counts + 1, .count = 3 },
    { .from = "begin_fork", .to = "later" },
    { .from = "\033[2J_a_symbol_longer_than_half_a_line_" HOSTILE,
      .to = "another_symbol_longer_than_half_a_line_" HOSTILE,
      .list = counts,
      .count = 1 },
    { .list = counts + 3, .count = 1 },
};
static struct result results[] = {
    { .platform = "kvm",
      .hypervisor = "KVMKVMKVM",
      .backend = "kvm",
      .verdict = VERDICT_PASS,
      .passed = 1,
      .setup_seconds = 17.94,
      .seconds = 0.81,
      .log = "logs/kvm.log",
      .repeat = 3,
      .instructions = 123456789,
      .where = pairs,
      .where_count = 2 },
    { .platform = "hyperv",
      .hypervisor = "Microsoft Hv " HOSTILE HOSTILE HOSTILE,
      .verdict = VERDICT_FAIL,
      .reason = "TODO " HOSTILE,
      .passed = 1,
      .failed = 2,
      .skipped = 1,
      .seconds = 3.25,
      .log = "logs/hyperv.log",
      .checks = checks,
      .check_count = 4,
      .where = other_pairs,
      .where_count = 4 },
    { .platform = "xen_pv",
      .verdict = VERDICT_SKIP,
      .reason = "ELF has no Xen note" },
    { .platform = "vmware",
      .verdict = VERDICT_CRASH,
      .reason = "no END line within 30 s",
      .seconds = 30,
      .log = "/a/very/long/folder/of/logs/that/goes/on/and/on/beyond/the/width/"
             "of/any/terminal/vmware.log" },
    { .platform = "native",
      .verdict = VERDICT_ERROR,
      .reason = "cannot start qemu-system-x86_64" },
};
static const struct report report = {
    .kernel_path = "build/k\xff.elf",
    .kernel_sha256 = "e3b0c44298fc1c149afbf4c8996fb924"
                     "27ae41e4649b934ca495991b7852b855",
    .results = results,
    .result_count = 5,
};

static char folder[] = "/tmp/report_test.XXXXXX";
static char path[64];

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = calloc(1, 65536);

    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static char *shown(bool tap, bool colour)
{
    char *text;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    if (tap)
        report_tap(memory, &report);
    else
        report_table(memory, &report, 43.14, colour);
    assert_int_equal(fclose(memory), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static void require_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

static void require_once(const char *text, const char *part)
{
    require_text(text, part);
    if (strstr(strstr(text, part) + 1, part))
        fail_msg("more than one '%s' in:\n%s", part, text);
}

/* Printable ASCII or UTF-8 beyond the C1 controls, and lines. */
static void require_harmless(const char *text)
{
    while (*text) {
        int32_t point = text_next(&text);

        if (point != '\n' &&
            (point < 0x20 || point == 0x7f || (point > 0x7f && point < 0xa0) ||
             point == 0x202e))
            fail_msg("U+%04x got through", (unsigned)point);
    }
}

static void table_fits_and_tells(void **state)
{
    char *text = shown(false, false), *line, *rest = text;

    (void)state;
    require_harmless(text);
    require_text(text, "\nkvm #3    KVMKVMKVM ");
    require_text(text, "PASS         17.9       0.8\n");
    require_text(text, "...  -        FAIL            -       3.2\n");
    require_text(text, "xen_pv    - ");
    require_text(text, "SKIP            -         -\n");
    require_text(text, "\nSKIP xen_pv: ELF has no Xen note\n");
    require_text(text, "\nCRASH vmware: no END line within 30 s\n    log: /a/");
    require_text(text, "/the/width/of/any/terminal/vmware.log\n");
    require_text(text, "\nERROR native: cannot start qemu-system-x86_64\n\n");
    require_text(text, "\n1 passed, 1 failed, 1 crashed, 1 error, 1 skipped "
                       "in 43.1 s\n");
    require_text(text, "\n  kvm #3               123456789\n\n");
    require_text(text,
                 "\nbegin_fork .. end_fork\n"
                 "  kvm #3    user             4           10           25"
                 "            2       1\n"
                 "            kernel           4          100          250"
                 "           25       2\n"
                 "            hypervisor       4         1000         2500"
                 "          250       3\n"
                 "  hyperv    user             3           10           20"
                 "            2       1\n"
                 "            kernel           3          100          300"
                 "           30       2\n"
                 "            hypervisor       3         2000         3000"
                 "          300       3\n"
                 "\nbegin_fork .. later\n"
                 "  kvm #3    user             2           10           20"
                 "            2       1\n"
                 "            kernel           2          200          300"
                 "           30       2\n"
                 "            hypervisor       2         1000         2000"
                 "          200       3\n"
                 "  hyperv    never passed\n"
                 "\n?[2J_a_symbol_longer_than_half_a_li... .. "
                 "another_symbol_longer_than_half_a_l...\n"
                 "  hyperv    user             1           30           30"
                 "            3       1\n");
    require_text(text, "\nthe whole run\n  hyperv    user             1       "
                       "    40           40            4       1\n");
    require_once(text, "begin_fork .. end_fork\n");
    require_once(text, "begin_fork .. later\n");
    require_once(text, "  hyperv    never passed\n");
    require_once(text, "123456789\n");
    for (line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strlen(line) > 80 && !strstr(line, "log: "))
            fail_msg("%zu columns: %s", strlen(line), line);
    }
    free(text);
}

static void colour_only_if_told(void **state)
{
    char *plain = shown(false, false), *colour = shown(false, true);
    char *stripped = calloc(1, strlen(colour) + 1), *out = stripped;

    (void)state;
    assert_null(strchr(plain, '\033'));
    require_text(colour, "\033[32mPASS\033[0m ");
    for (const char *p = colour; *p; p++) {
        if (*p == '\033')
            p += strcspn(p, "m");
        else
            *out++ = *p;
    }
    assert_string_equal(stripped, plain);
    free(plain);
    free(colour);
    free(stripped);
}

/* Words of several lengths, so that some line would end in column 81. */
static void reasons_are_wrapped(void **state)
{
    char words[3000];
    struct result one = { .platform = "kvm", .verdict = VERDICT_FAIL };
    struct report small = { .results = &one, .result_count = 1 };

    (void)state;
    words[sizeof(words) - 1] = '\0';
    one.reason = words;
    for (size_t length = 4; length < 10; length++) {
        char *text, *line, *rest;
        size_t size, lines = 0;
        FILE *memory = open_memstream(&text, &size);

        for (size_t i = 0; i + 1 < sizeof(words); i++)
            words[i] = i % (length + 1) == length ? ' ' : 'w';
        report_table(memory, &small, 0, false);
        fclose(memory);
        for (line = strtok_r(text, "\n", &rest); line;
             line = strtok_r(NULL, "\n", &rest)) {
            assert_true(strlen(line) <= 80);
            lines += strstr(line, "ww") != NULL;
        }
        assert_in_range(lines, 12, 16); /* of the 40 that it would fill */
        free(text);
    }
}

static void nothing_ran(void **state)
{
    struct report empty = { .kernel_path = "k" };
    char *text;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    (void)state;
    report_table(memory, &empty, 0, false);
    report_tap(memory, &empty);
    fclose(memory);
    require_text(text, "\nnothing ran in 0.0 s\n");
    require_text(text, "TAP version 13\n1..0\n");
    free(text);
}

static void tap_is_tap(void **state)
{
    char *text = shown(true, false);

    (void)state;
    require_harmless(text);
    assert_int_equal(strncmp(text,
                             "TAP version 13\n1..5\nok 1 - kvm, run 3\n"
                             "not ok 2 - hyperv # FAIL: TODO \\x1b[2J",
                             72),
                     0);
    require_text(text, "<&\"'\\\\\\#]]>\\x7f");
    require_text(text, "\n# FAIL irq \"\\x1b");
    require_text(text,
                 "\n# SKIP smp: one CPU\n# ERROR odd\n# log: logs/hyperv");
    require_text(text, "\nok 3 - xen_pv # SKIP ELF has no Xen note\n");
    require_text(text,
                 "\nnot ok 4 - vmware # CRASH: no END line within 30 s\n");
    assert_null(strstr(text, "clock"));
    free(text);
}

static void require_count(xmlXPathContext *context, const char *what,
                          double want)
{
    xmlXPathObject *value =
        xmlXPathEvalExpression((const xmlChar *)what, context);

    assert_non_null(value);
    if (xmlXPathCastToNumber(value) != want)
        fail_msg("%s is %g, not %g", what, xmlXPathCastToNumber(value), want);
    xmlXPathFreeObject(value);
}

static void junit_is_read(void **state)
{
    xmlDoc *document;
    xmlXPathContext *context;
    char *text;

    (void)state;
    assert_true(report_junit(path, &report));
    text = read_file(path);
    require_harmless(text);
    free(text);
    document = xmlReadFile(path, NULL, 0);
    assert_non_null(document);
    context = xmlXPathNewContext(document);
    require_count(context, "count(/testsuites/testsuite)", 5);
    require_count(context, "number(/testsuites/@tests)", 9);
    require_count(context, "number(/testsuites/@failures)", 2);
    require_count(context, "number(/testsuites/@errors)", 3);
    require_count(context, "count(//testsuite[@name='kvm #3'])", 1);
    require_count(context, "number(//testsuite[2]/@tests)", 5);
    require_count(context, "number(//testsuite[2]/@failures)", 2);
    require_count(context, "number(//testsuite[2]/@errors)", 1);
    require_count(context, "number(//testsuite[2]/@skipped)", 1);
    require_count(context, "number(//testsuite[2]/@time)", 3.25);
    require_count(context, "count(//testcase)", 9);
    require_count(context, "count(//testcase[@name='boot'])", 5);
    require_count(context, "count(//testcase/failure)", 2);
    require_count(context, "count(//testcase/error)", 3);
    require_count(context, "count(//testcase/skipped)", 2);
    require_count(context,
                  "count(//testcase[@classname='pvlab.vmware']/"
                  "error[@type='CRASH'][@message="
                  "'no END line within 30 s'])",
                  1);
    require_count(context, "count(//property[@name='log'])", 3);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
}

/* A disk that is full after 10 bytes, as far as a process can tell. */
static void full_disk_loses_nothing(void **state)
{
    struct rlimit old, tiny = { 0 };
    char pattern[64], *text;
    struct stat info;
    glob_t found;
    int failure;
    bool ok;

    (void)state;
    assert_true(part_save(path, "precious\n", 9));
    assert_int_equal(chmod(path, 0640), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tiny = (struct rlimit){ .rlim_cur = 10, .rlim_max = old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    ok = report_json(path, &report);
    failure = errno;
    setrlimit(RLIMIT_FSIZE, &old);
    assert_false(ok);
    assert_int_equal(failure, EFBIG);
    text = read_file(path);
    assert_string_equal(text, "precious\n");
    free(text);
    snprintf(pattern, sizeof(pattern), "%s/*", folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    globfree(&found);

    assert_true(report_json(path, &report));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);

    assert_false(report_junit("/dev/full", &report));
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_false(report_json("/nonexistent/folder/x", &report));
    assert_int_equal(errno, ENOENT);
}

static void links_stay_links(void **state)
{
    char link[64];
    struct stat info;
    char *text;

    (void)state;
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_true(part_save(path, "old", 3));
    assert_int_equal(symlink(path, link), 0);
    assert_true(part_save(link, "new", 3));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    text = read_file(path);
    assert_string_equal(text, "new");
    free(text);
    unlink(link);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/out", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_fits_and_tells),
        cmocka_unit_test(colour_only_if_told),
        cmocka_unit_test(reasons_are_wrapped),
        cmocka_unit_test(nothing_ran),
        cmocka_unit_test(tap_is_tap),
        cmocka_unit_test(junit_is_read),
        cmocka_unit_test(full_disk_loses_nothing),
        cmocka_unit_test(links_stay_links),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
