/* SPDX-License-Identifier: MIT */
/*
 * From console bytes to lines, and from lines to what was seen.
 */
#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

void console_setup(struct console *console, const regex_t *expect, bool xen)
{
    *console = (struct console){ .expect = expect, .xen = xen };
}

void console_teardown(struct console *console)
{
    for (size_t i = 0; i < console->check_count; i++) {
        free(console->checks[i].name);
        free(console->checks[i].reason);
    }
    free(console->checks);
    free(console->hypervisor);
    free(console->backend);
    *console = (struct console){ 0 };
}

/* The rest of 'line' after 'word', or NULL. */
static const char *after(const char *line, const char *word)
{
    size_t size = strlen(word);

    return strncmp(line, word, size) ? NULL : line + size;
}

static void set(char **field, const char *text)
{
    free(*field);
    *field = text_new("%s", text);
}

static void add_check(struct console *console, enum verdict verdict,
                      const char *text)
{
    size_t count = console->check_count;
    size_t name_size = strcspn(text, " ");
    struct check *check;

    if (count == CONSOLE_MAX_CHECKS)
        return;
    /* Grown at powers of two. */
    if (!(count & (count - 1)) || !count) {
        console->checks =
            reallocarray(console->checks, count ? count * 2 : 1,
                         sizeof(*console->checks));
        if (!console->checks)
            abort();
    }
    check = &console->checks[console->check_count++];
    check->verdict = verdict;
    check->name = text_new("%.*s", (int)name_size, text);
    text += name_size;
    while (*text == ' ')
        text++;
    check->reason = *text ? text_new("%s", text) : NULL;
}

/* "PASS NAME [REASON]" and its kin: true if 'text' is one. */
static bool read_check(struct console *console, const char *text)
{
    static const enum verdict verdicts[] = { VERDICT_PASS, VERDICT_SKIP,
                                             VERDICT_ERROR, VERDICT_FAIL };

    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        const char *rest = after(text, verdict_name(verdicts[i]));

        /* A check without a name is not a check. */
        if (!rest || rest[0] != ' ' || rest[1] == ' ' || rest[1] == '\0')
            continue;
        if (console->end_seen) {
            console->spoke_after_end = true;
            return true;
        }
        console->passed += verdicts[i] == VERDICT_PASS;
        console->skipped += verdicts[i] == VERDICT_SKIP;
        console->errors += verdicts[i] == VERDICT_ERROR;
        console->failed += verdicts[i] == VERDICT_FAIL;
        add_check(console, verdicts[i], rest + 1);
        return true;
    }
    return false;
}

/*
 * The END line to its last digit: nothing may follow, so that a line that
 * was cut short or written over cannot pass for a whole one.
 */
static void read_end(struct console *console, const char *text)
{
    unsigned passed, failed, skipped;
    int size = 0;

    if (sscanf(text, "END passed=%9u failed=%9u skipped=%9u%n", &passed,
               &failed, &skipped, &size) != 3 ||
        text[size] != '\0')
        return;
    if (console->end_seen) {
        console->spoke_after_end = true;
        return;
    }
    console->end_seen = true;
    console->end_passed = passed;
    console->end_failed = failed;
    console->end_skipped = skipped;
    /* An ERROR is counted with the failed ones: END has no field for it. */
    console->end_differs = passed != console->passed ||
                           failed != console->failed + console->errors ||
                           skipped != console->skipped;
}

static void read_protocol(struct console *console, const char *text)
{
    const char *info;

    if (read_check(console, text))
        return;
    if ((info = after(text, "INFO hypervisor=")))
        set(&console->hypervisor, info);
    else if ((info = after(text, "INFO backend=")))
        set(&console->backend, info);
    else
        read_end(console, text);
}

/*
 * Linux says where it believes to be: "Hypervisor detected: ". Of Xen's PVH
 * it says "Xen HVM" there, and the exact word in the line "Booting ... kernel
 * on Xen PVH".
 *
 * Source: Linux arch/x86/kernel/paravirt.c default_banner(), xen/setup and
 *         enlighten_pvh.c xen_banner(), cpu/hypervisor.c; seen on 6.1.
 */
static void read_linux(struct console *console, const char *line)
{
    const char *text;

    if ((text = strstr(line, "kernel on Xen PVH")))
        set(&console->hypervisor, "Xen PVH");
    else if ((text = strstr(line, "Hypervisor detected: ")) &&
             !console->hypervisor)
        set(&console->hypervisor, text + strlen("Hypervisor detected: "));
}

/*
 * A line of Xen's own. After these Xen halts for ever, or waits before it
 * reboots.
 *
 * Source: Xen 4.17 xen/common/shutdown.c, hwdom_shutdown().
 */
static void read_xen(struct console *console, const char *line)
{
    static const struct {
        const char *text;
        enum ending ending;
    } ends[] = {
        { "Hardware Dom0 halted", ENDING_POWEROFF },
        { "Hardware Dom0 crashed", ENDING_PANIC },
        { "Hardware Dom0 shutdown", ENDING_RESET },
        { "Hardware Dom0 watchdog", ENDING_PANIC },
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (!strstr(line, ends[i].text))
            continue;
        console->xen_ended = true;
        console->xen_ending = ends[i].ending;
    }
}

static void match_expect(struct console *console)
{
    if (console->expect && !console->expect_seen &&
        regexec(console->expect, console->line, 0, NULL, 0) == 0)
        console->expect_seen = true;
}

static bool from_xen(const struct console *console)
{
    return console->xen && after(console->line, "(XEN) ");
}

static void end_line(struct console *console)
{
    const char *text;

    console->line[console->used] = '\0';
    if (from_xen(console)) {
        read_xen(console, console->line);
    } else {
        text = after(console->line, "PVLAB ");
        /* What was cut at CONSOLE_LINE_BYTES is not a whole line. */
        if (text && !console->overlong)
            read_protocol(console, text);
        else
            read_linux(console, console->line);
        match_expect(console);
        if (console->line[strspn(console->line, " ")])
            snprintf(console->last, sizeof(console->last), "%.159s",
                     console->line);
    }
    console->used = 0;
    console->overlong = false;
}

/*
 * Terminal control sequences are dropped: ESC X, ESC [ ... final byte, and
 * ESC ] ... BEL. Source: ECMA-48, 5.4 and 5.6.
 */
static bool in_escape(struct console *console, uint8_t byte)
{
    switch (console->escape) {
    case TEXT_PLAIN:
        if (byte != 0x1b)
            return false;
        console->escape = TEXT_ESCAPE;
        return true;
    case TEXT_ESCAPE:
        console->escape = byte == '[' ? TEXT_CSI :
                          byte == ']' ? TEXT_OSC :
                                        TEXT_PLAIN;
        return true;
    case TEXT_CSI:
        if (byte >= 0x40 && byte <= 0x7e)
            console->escape = TEXT_PLAIN;
        /* A newline ends a sequence that never ended by itself. */
        if (byte == '\n')
            console->escape = TEXT_PLAIN;
        return byte != '\n';
    case TEXT_OSC:
        if (byte == 0x07 || byte == '\n')
            console->escape = TEXT_PLAIN;
        return byte != '\n';
    }
    return false;
}

bool console_feed(struct console *console, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = bytes[i];

        if (in_escape(console, byte))
            continue;
        if (byte == '\n') {
            end_line(console);
            continue;
        }
        if (byte < ' ' && byte != '\t')
            continue;
        if (console->used == sizeof(console->line) - 1)
            console->overlong = true;
        else
            console->line[console->used++] = (char)byte;
    }
    /* A prompt has no newline after it. */
    console->line[console->used] = '\0';
    if (console->used && !from_xen(console))
        match_expect(console);
    return console->expect ? console->expect_seen : console->end_seen;
}
