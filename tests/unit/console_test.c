/* SPDX-License-Identifier: MIT */
/*
 * The console: what counts as a line and what it says, however its bytes
 * arrive. Every row is read at once, byte by byte, and cut in two at every
 * place; all of them must see the same.
 *
 * Damage tried, each seen by a row. Matching: "!whole &&" of try_piece() left
 * out, its REG_NOTEOL or "overlong" too; REG_NOTEOL of matches_so_far() made
 * 0; only "" in its next[]; is_protocol() made false; REG_NOTBOL left out.
 * Pieces: torn ones read as protocol; "continued" never set; "escape" left
 * out of begin_xen(); release_marker() left out of sort_byte() and
 * console_finish(); '(' after a broken marker taken as text; is_over() made
 * false; break_line() left out of take_byte() and of TEXT_CSI. Escapes: '\n'
 * left to in_escape(); TEXT_CHARSET made TEXT_PLAIN; CAN and SUB ignored; the
 * torn line of an unfinished sequence. Lines: "digits > 9" made "> 10";
 * "*text" at read_end()'s end left out; end_seen ignored by INFO; the TAB left
 * out of a name's end; hypervisor_told ignored; CONSOLE_MAX_CHECKS + 1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/args.h"
#include "boot/console.h"

struct row {
    const char *text;
    size_t size;
    const char *want; /* as seen() writes it */
};

#define ROW(text, want)                                                        \
    {                                                                          \
        text, sizeof(text) - 1, want                                           \
    }
#define END(p, f, s) "PVLAB END passed=" #p " failed=" #f " skipped=" #s "\n"
#define COUNT(rows)  (sizeof(rows) / sizeof((rows)[0]))

/* Everything that a verdict may come to depend on, in one line. */
static char *seen(const struct console *c, bool names)
{
    const char *unfinished = console_unfinished(c);
    char *text = text_new(
        "p%u f%u s%u e%u%s%s%s%s%s%s|%s|%s", c->passed, c->failed, c->skipped,
        c->errors, c->end_seen ? " end" : "", c->end_differs ? " differs" : "",
        c->spoke_after_end ? " after" : "", c->expect_seen ? " seen" : "",
        c->xen_ended && c->xen_ending == ENDING_POWEROFF ? " off"
        : c->xen_ended && c->xen_ending == ENDING_RESET  ? " reset"
        : c->xen_ended                                   ? " panic"
                                                         : "",
        c->overlong ? " overlong" : "",
        /* A match in the middle of a line leaves its rest unread. */
        c->expect_seen ? "" : c->last, unfinished ? unfinished : "");

    for (size_t i = 0; i < c->check_count && names; i++) {
        char *more =
            text_new("%s {%s %s%s%s}", text, verdict_name(c->checks[i].verdict),
                     c->checks[i].name, c->checks[i].reason ? ": " : "",
                     c->checks[i].reason ? c->checks[i].reason : "");

        free(text);
        text = more;
    }
    if (names && (c->hypervisor || c->backend)) {
        char *more =
            text_new("%s <%s><%s>", text, c->hypervisor ? c->hypervisor : "",
                     c->backend ? c->backend : "");

        free(text);
        text = more;
    }
    if (c->expect_seen)
        *strchr(text, '|') = '\0';
    return text;
}

/* As boot.c does: what was expected, or Xen's end, is the end. */
static bool feed(struct console *console, const char *text, size_t size)
{
    bool done = console_feed(console, (const uint8_t *)text, size);

    return (console->expect && done) || console->xen_ended;
}

static char *read_cut(const struct row *row, const char *expect, bool xen,
                      size_t cut, bool names)
{
    static struct console console;
    regex_t regex;
    char *text;

    if (expect)
        assert_int_equal(regcomp(&regex, expect, REG_EXTENDED | REG_NOSUB), 0);
    console_setup(&console, expect ? &regex : NULL, xen);
    if (cut == SIZE_MAX) {
        for (size_t i = 0; i < row->size; i++) {
            if (feed(&console, row->text + i, 1))
                break;
        }
    } else if (!feed(&console, row->text, cut)) {
        feed(&console, row->text + cut, row->size - cut);
    }
    console_finish(&console);
    text = seen(&console, names);
    console_teardown(&console);
    if (expect)
        regfree(&regex);
    return text;
}

static void check_row(const struct row *row, const char *expect, bool xen,
                      bool names)
{
    char *text = read_cut(row, expect, xen, SIZE_MAX, names);

    if (strcmp(text, row->want))
        fail_msg("'%s': saw '%s', not '%s'", row->text, text, row->want);
    free(text);
    for (size_t cut = 0; cut <= row->size; cut++) {
        text = read_cut(row, expect, xen, cut, names);
        if (strcmp(text, row->want))
            fail_msg("'%s' cut at %zu: saw '%s', not '%s'", row->text, cut,
                     text, row->want);
        free(text);
    }
}

static void lines_and_checks(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        ROW("", "p0 f0 s0 e0||"),
        ROW("PVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("PVLAB PASS a\r\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\rPVLAB PASS a\n\r", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("PVLAB PASS a", "p0 f0 s0 e0||PVLAB PASS a"),
        ROW("PVLAB FAIL a b  c\n", "p0 f1 s0 e0|PVLAB FAIL a b  c| {FAIL a: b  c}"),
        ROW("PVLAB SKIP a\tb\n", "p0 f0 s1 e0|PVLAB SKIP a\tb| {SKIP a: b}"),
        ROW("PVLAB ERROR a  \n", "p0 f0 s0 e1|PVLAB ERROR a  | {ERROR a}"),
        ROW("PVLAB PASS %s%n %d\n", "p1 f0 s0 e0|PVLAB PASS %s%n %d| {PASS %s%n: %d}"),
        /* Not quite the protocol. */
        ROW("PVLAB PASS\n", "p0 f0 s0 e0|PVLAB PASS|"),
        ROW("PVLAB PASS \n", "p0 f0 s0 e0|PVLAB PASS |"),
        ROW("PVLAB PASS  a\n", "p0 f0 s0 e0|PVLAB PASS  a|"),
        ROW("PVLAB PASS \ta\n", "p0 f0 s0 e0|PVLAB PASS \ta|"),
        ROW("PVLAB PASS\ta\n", "p0 f0 s0 e0|PVLAB PASS\ta|"),
        ROW("PVLAB\tPASS a\n", "p0 f0 s0 e0|PVLAB\tPASS a|"),
        ROW("PVLAB  PASS a\n", "p0 f0 s0 e0|PVLAB  PASS a|"),
        ROW(" PVLAB PASS a\n", "p0 f0 s0 e0| PVLAB PASS a|"),
        ROW("PVLAB PASSED a\n", "p0 f0 s0 e0|PVLAB PASSED a|"),
        ROW("PVLAB pass a\n", "p0 f0 s0 e0|PVLAB pass a|"),
        ROW("PVLAB CRASH a\n", "p0 f0 s0 e0|PVLAB CRASH a|"),
        ROW("foo PVLAB FAIL a\n", "p0 f0 s0 e0|foo PVLAB FAIL a|"),
        /* Bytes that are taken out, and those that stay. */
        ROW("\0PVLAB P\0ASS a\0\n\0", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("PVLAB PASS a\a\b\x7f\x01\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("PVLAB PASS \xc3\xa9\xff \x9b\n", "p1 f0 s0 e0|PVLAB PASS \xc3\xa9\xff \x9b| {PASS \xc3\xa9\xff: \x9b}"),
        /* What a carriage return writes over is no line, nor what it writes. */
        ROW("foo\rPVLAB PASS a\n", "p0 f0 s0 e0|PVLAB PASS a|"),
        ROW("PVLAB FAIL a\rPVLAB PASS a\n", "p0 f0 s0 e0|PVLAB PASS a|"),
        ROW("foo\rbar\nPVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("PVLAB PASS a\r\r\0\r\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("one\rtwo", "p0 f0 s0 e0|one|two"),
        ROW(" \t \n", "p0 f0 s0 e0||"),
        ROW("one\n \t \n \t", "p0 f0 s0 e0|one|"),
        /* Without Xen its words are the guest's. */
        ROW("(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0|(XEN) Hardware Dom0 halted|"),
        ROW("a(XEN) b\n", "p0 f0 s0 e0|a(XEN) b|"),
        /* Information. */
        ROW("PVLAB INFO hypervisor=Xen PV\nPVLAB INFO backend=x y\n", "p0 f0 s0 e0|PVLAB INFO backend=x y| <Xen PV><x y>"),
        ROW("PVLAB INFO hypervisor=a\nPVLAB INFO hypervisor=b\nPVLAB INFO hypervisor=\n", "p0 f0 s0 e0|PVLAB INFO hypervisor=| <b><>"),
        ROW("PVLAB INFO backend=\nPVLAB INFO cpus=4\nPVLAB INFO\n", "p0 f0 s0 e0|PVLAB INFO|"),
        ROW(END(0, 0, 0) "PVLAB INFO backend=x\n", "p0 f0 s0 e0 end|PVLAB INFO backend=x|"),
        ROW("[0.0] Hypervisor detected: KVM\r\n", "p0 f0 s0 e0|[0.0] Hypervisor detected: KVM| <KVM><>"),
        ROW("Hypervisor detected: Xen HVM\nBooting kernel on Xen PVH\n", "p0 f0 s0 e0|Booting kernel on Xen PVH| <Xen PVH><>"),
        ROW("PVLAB INFO hypervisor=me\nkernel on Xen PVH\nHypervisor detected: KVM\n", "p0 f0 s0 e0|Hypervisor detected: KVM| <me><>"),
        ROW("Hypervisor detected: K", "p0 f0 s0 e0||Hypervisor detected: K"),
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i], NULL, false, true);
}

static void escape_sequences(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        ROW("\033[32mPVLAB \033[1;31mPASS a\033[0m\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033(B\033[m\033)0PVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\0337\033cPVLAB PASS a\0338\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033]0;title\aPVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033]0;title\033\\PVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033P1$r\033\\\033_x\033\\\033^y\033\\\033Xz\033\\PVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033[\030PVLAB PASS \033]x\032a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033[3\033[mPVLAB \033\033[mPASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("\033[3\xffx\033(\xffy\033\xffz\n", "p0 f0 s0 e0|\xffx\xffy\xffz|"),
        /* A newline ends whatever was left open, and that line is not whole. */
        ROW("PVLAB PASS a\033\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("PVLAB PASS a\033[1\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("PVLAB PASS a\033(\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("PVLAB PASS a\033]0;\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("PVLAB PASS a\033", "p0 f0 s0 e0||PVLAB PASS a"),
        /* Text that is placed elsewhere is another piece. */
        ROW("\033[2J\033[1;1HPVLAB PASS a\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("GRUB\033[2J\033[HPVLAB PASS a\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("one\033[5;1ftwo", "p0 f0 s0 e0|one|two"),
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i], NULL, false, true);
}

static void the_end_line(void **state)
{
    static const char *const refused[] = {
        "END passed=1 failed=0",
        "END passed=1 failed=0 skipped=",
        "END passed= 1 failed=0 skipped=0",
        "END  passed=1 failed=0 skipped=0",
        "END passed=1  failed=0 skipped=0",
        "END passed=1\tfailed=0 skipped=0",
        "END passed=+1 failed=0 skipped=0",
        "END passed=-1 failed=0 skipped=0",
        "END passed=0x1 failed=0 skipped=0",
        "END passed=1 failed=0 skipped=0 ",
        "END passed=1 failed=0 skipped=0.",
        "END passed=1 failed=0 skipped=00000000000",
        "END passed=4294967297 failed=0 skipped=0",
        "END passed=99999999999999999999 failed=0 skipped=0",
        "END passed=1, failed=0, skipped=0",
        "END failed=0 passed=1 skipped=0",
        "end passed=1 failed=0 skipped=0",
        "END",
    };
    static const struct row rows[] = {
        /* clang-format off */
        ROW("PVLAB PASS a\n" END(1, 0, 0), "p1 f0 s0 e0 end|PVLAB END passed=1 failed=0 skipped=0|"),
        ROW("PVLAB PASS a\n" END(000000001, 00, 0), "p1 f0 s0 e0 end|PVLAB END passed=000000001 failed=00 skipped=0|"),
        ROW(END(999999999, 0, 0), "p0 f0 s0 e0 end differs|PVLAB END passed=999999999 failed=0 skipped=0|"),
        ROW(END(0, 1, 0), "p0 f0 s0 e0 end differs|PVLAB END passed=0 failed=1 skipped=0|"),
        ROW(END(0, 0, 1), "p0 f0 s0 e0 end differs|PVLAB END passed=0 failed=0 skipped=1|"),
        ROW("PVLAB FAIL a\nPVLAB ERROR a\nPVLAB SKIP a\n" END(0, 2, 1), "p0 f1 s1 e1 end|PVLAB END passed=0 failed=2 skipped=1|"),
        ROW(END(0, 0, 0) "PVLAB PASS a\n", "p0 f0 s0 e0 end after|PVLAB PASS a|"),
        ROW(END(0, 0, 0) END(0, 0, 0), "p0 f0 s0 e0 end after|PVLAB END passed=0 failed=0 skipped=0|"),
        ROW(END(0, 0, 0) "foo\nPVLAB INFO backend=x\nPVLAB END\n", "p0 f0 s0 e0 end|PVLAB END|"),
        ROW("foo\r" END(0, 0, 0), "p0 f0 s0 e0|PVLAB END passed=0 failed=0 skipped=0|"),
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i], NULL, false, false);
    for (size_t i = 0; i < COUNT(refused); i++) {
        char *text = text_new("PVLAB %s\n", refused[i]);
        char *want = text_new("p0 f0 s0 e0|PVLAB %s|", refused[i]);
        struct row row = { text, strlen(text), want };

        check_row(&row, NULL, false, false);
        free(text);
        free(want);
    }
}

static void lines_of_xen(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        ROW("(XEN) Hardware Dom0 halted: halting machine\n", "p0 f0 s0 e0 off||"),
        ROW("(XEN) [2026-01-01] Hardware Dom0 crashed: rebooting\r\n", "p0 f0 s0 e0 panic||"),
        ROW("(XEN) Hardware Dom0 shutdown: rebooting machine\n", "p0 f0 s0 e0 reset||"),
        ROW("(XEN) Hardware Dom0 watchdog rebooting machine\n", "p0 f0 s0 e0 panic||"),
        ROW("(XEN) Hardware Dom0 halted", "p0 f0 s0 e0||"),
        ROW("Hardware Dom0 halted\n", "p0 f0 s0 e0|Hardware Dom0 halted|"),
        ROW("(XEN) Hypervisor detected: KVM\n", "p0 f0 s0 e0||"),
        /* The first end holds; the dead do not speak. */
        ROW("(XEN) Hardware Dom0 halted\n(XEN) Hardware Dom0 crashed\nPVLAB PASS a\n", "p0 f0 s0 e0 off||"),
        /* In the middle of the guest's line. */
        ROW("PVLAB END passed=1 fai(XEN) Hardware Dom0 halted: x\n", "p0 f0 s0 e0 off|PVLAB END passed=1 fai|"),
        ROW("PVLAB PASS a(XEN) foo\n\nPVLAB PASS b\n", "p1 f0 s0 e0|PVLAB PASS b| {PASS b}"),
        ROW("PVLAB PASS a(XEN) foo\nPVLAB PASS b\nPVLAB PASS c\n", "p1 f0 s0 e0|PVLAB PASS c| {PASS c}"),
        ROW("PVLAB PA(XEN) foo\n(XEN) bar\nSS b\nPVLAB PASS c\n", "p1 f0 s0 e0|PVLAB PASS c| {PASS c}"),
        ROW("foo(XEN) bar(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 off|foo|"),
        ROW("foo (XEN) bar\nPVLAB PASS glued\n", "p0 f0 s0 e0|PVLAB PASS glued|"),
        ROW("(XEN) foo\nPVLAB PASS a\n(XEN) bar\n", "p1 f0 s0 e0|PVLAB PASS a| {PASS a}"),
        ROW("foo\r(XEN) bar\nPVLAB PASS a\n", "p0 f0 s0 e0|PVLAB PASS a|"),
        ROW("\033]0;(XEN) bar\nPVLAB PASS a\n", "p0 f0 s0 e0|PVLAB PASS a|"),
        ROW("\033[3(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 off||"),
        ROW("(XEN) foo\rPVLAB PASS a\n", "p0 f0 s0 e0||"),
        /* Almost its first bytes. */
        ROW("((XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 off|(|"),
        ROW("(XE(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 off|(XE|"),
        ROW("PVLAB PASS a (XEN\n", "p1 f0 s0 e0|PVLAB PASS a (XEN| {PASS a: (XEN}"),
        ROW("PVLAB PASS a (XEN)\r\n", "p1 f0 s0 e0|PVLAB PASS a (XEN)| {PASS a: (XEN)}"),
        ROW("foo (XE", "p0 f0 s0 e0||foo (XE"),
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i], NULL, true, true);
}

static void the_expected_text(void **state)
{
    static const struct {
        const char *expect;
        bool xen;
        struct row row;
    } rows[] = {
        /* clang-format off */
        { "ok", false, ROW("not ok yet\n", "p0 f0 s0 e0 seen") },
        { "login: ", false, ROW("login: ", "p0 f0 s0 e0 seen") },
        { "ok", false, ROW("o\nk", "p0 f0 s0 e0|o|k") },
        /* "$" is a newline's, and no chunk's end. */
        { "ok$", false, ROW("ok not\n", "p0 f0 s0 e0|ok not|") },
        { "ok$", false, ROW("ok", "p0 f0 s0 e0||ok") },
        { "ok$", false, ROW("ok\r\n", "p0 f0 s0 e0 seen") },
        { "ok$", false, ROW("ok\rno\n", "p0 f0 s0 e0|no|") },
        { "k(a| )?$", false, ROW("ok no\n", "p0 f0 s0 e0|ok no|") },
        { "ok\\>", false, ROW("okay\n", "p0 f0 s0 e0|okay|") },
        { "ok\\>", false, ROW("ok", "p0 f0 s0 e0 seen") },
        { "ok\\b", false, ROW("ok.\n", "p0 f0 s0 e0 seen") },
        { "ok\\B", false, ROW("ok.\n", "p0 f0 s0 e0|ok.|") },
        { "ok.", false, ROW("ok\n", "p0 f0 s0 e0|ok|") },
        { "^$", false, ROW("a\n\n", "p0 f0 s0 e0 seen") },
        { "^b", false, ROW("a\rb\n", "p0 f0 s0 e0 seen") },
        { "ab", false, ROW("a\rb\n", "p0 f0 s0 e0|b|") },
        { "^b", false, ROW("a\033[1;1Hb", "p0 f0 s0 e0 seen") },
        /* Protocol lines count first, and only whole ones are text. */
        { "ready", false, ROW("PVLAB FAIL ready\n", "p0 f1 s0 e0 seen") },
        { "ready", false, ROW("PVLAB FAIL ready", "p0 f0 s0 e0||PVLAB FAIL ready") },
        { "PV", false, ROW("PV", "p0 f0 s0 e0||PV") },
        { "PV", false, ROW("PVX", "p0 f0 s0 e0 seen") },
        { "ready", false, ROW("ready\nPVLAB FAIL a\n", "p0 f0 s0 e0 seen") },
        { "ready", false, ROW("PVLAB FAIL a\nready\n", "p0 f1 s0 e0 seen") },
        { "ready", false, ROW(END(0, 0, 0) "PVLAB FAIL a\nready\n", "p0 f0 s0 e0 end after seen") },
        /* Beside Xen. */
        { "halted", true, ROW("(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 off||") },
        { "\\(X", true, ROW("foo(XEN) bar\n", "p0 f0 s0 e0|foo|") },
        { "\\(X", true, ROW("foo(XE", "p0 f0 s0 e0 seen") },
        { "foo", true, ROW("foo(XEN) Hardware Dom0 halted\n", "p0 f0 s0 e0 seen") },
        { "foo$", true, ROW("foo(XEN) bar\n", "p0 f0 s0 e0|foo|") },
        { "^ok", true, ROW("not (XEN) bar\nok\n", "p0 f0 s0 e0|ok|") },
        { "^ok", true, ROW("(XEN) bar\nok\n", "p0 f0 s0 e0 seen") },
        { "ready", true, ROW("PVLAB FAIL ready(XEN) foo\n", "p0 f0 s0 e0|PVLAB FAIL ready|") },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i].row, rows[i].expect, rows[i].xen, true);
}

/* Long lines are cut: at 4095 bytes, and what was cut has no end. */
static void long_lines(void **state)
{
    static char text[3 * CONSOLE_LINE_BYTES];
    static const struct {
        const char *begin, *end, *expect;
        bool xen;
        size_t room;
        const char *want; /* up to the first '|' */
    } rows[] = {
        /* clang-format off */
        { "PVLAB FAIL a ", "\n", NULL, false, 4095, "p0 f1 s0 e0" },
        { "PVLAB FAIL a ", "\n", NULL, false, 9000, "p0 f1 s0 e0" },
        { "PVLAB FAIL a ", "\nPVLAB PASS a\n", NULL, false, 9000, "p1 f1 s0 e0" },
        { "", "PVLAB PASS a\n", NULL, false, 4095, "p0 f0 s0 e0" },
        { "", "", NULL, false, 4096, "p0 f0 s0 e0 overlong" },
        { "", "\n", "x$", false, 4095, "p0 f0 s0 e0 seen" },
        { "", "\n", "x$", false, 4096, "p0 f0 s0 e0" },
        { "", "y\n", "xy", false, 4094, "p0 f0 s0 e0 seen" },
        { "", "y\n", "xy", false, 4095, "p0 f0 s0 e0" },
        { "", "\ry\n", "^y$", false, 9000, "p0 f0 s0 e0 seen" },
        { "", "(XEN) Hardware Dom0 halted\n", NULL, true, 4092, "p0 f0 s0 e0 off" },
        { "", "(XEN) Hardware Dom0 halted\n", NULL, true, 9000, "p0 f0 s0 e0 off" },
        { "", "(XEN) x\nPVLAB PASS a\n", NULL, true, 9000, "p0 f0 s0 e0" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t begin = strlen(rows[i].begin);
        struct row row = { .text = text };

        memset(text, 'x', sizeof(text));
        memcpy(text, rows[i].begin, begin);
        strcpy(text + rows[i].room, rows[i].end);
        row.size = strlen(text);
        for (size_t cut = 0; cut <= row.size; cut += 1365) {
            char *got = read_cut(&row, rows[i].expect, rows[i].xen,
                                 cut ? cut : SIZE_MAX, false);

            got[strcspn(got, "|")] = '\0';
            if (strcmp(got, rows[i].want))
                fail_msg("row %zu cut at %zu: saw '%s', not '%s'", i, cut, got,
                         rows[i].want);
            free(got);
        }
    }
}

static void checks_are_bounded(void **state)
{
    static struct console console;
    static const uint8_t line[] = "PVLAB PASS a\n";

    (void)state;
    console_setup(&console, NULL, false);
    for (unsigned i = 0; i < CONSOLE_MAX_CHECKS + 5u; i++)
        assert_false(console_feed(&console, line, sizeof(line) - 1));
    assert_int_equal(console.check_count, CONSOLE_MAX_CHECKS);
    assert_int_equal(console.passed, CONSOLE_MAX_CHECKS + 5);
    console_teardown(&console);
    assert_null(console.checks);
}

/* True is said once, and goes on being said. */
static void feed_tells_the_end(void **state)
{
    static struct console console;
    static const char end[] = END(0, 0, 0);
    regex_t regex;

    (void)state;
    console_setup(&console, NULL, false);
    for (size_t i = 0; i + 1 < sizeof(end); i++)
        assert_int_equal(console_feed(&console, (const uint8_t *)end + i, 1),
                         end[i] == '\n');
    assert_true(console_feed(&console, (const uint8_t *)"x", 1));
    console_teardown(&console);

    assert_int_equal(regcomp(&regex, "b", REG_EXTENDED | REG_NOSUB), 0);
    console_setup(&console, &regex, false);
    assert_false(console_feed(&console, (const uint8_t *)end, sizeof(end) - 1));
    assert_false(console_feed(&console, (const uint8_t *)"a", 1));
    assert_true(console_feed(&console, (const uint8_t *)"b", 1));
    assert_true(console_feed(&console, (const uint8_t *)"c", 1));
    assert_string_equal(console_unfinished(&console), "ab");
    console_teardown(&console);
    regfree(&regex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_checks),
        cmocka_unit_test(escape_sequences),
        cmocka_unit_test(the_end_line),
        cmocka_unit_test(lines_of_xen),
        cmocka_unit_test(the_expected_text),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(checks_are_bounded),
        cmocka_unit_test(feed_tells_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
