/* SPDX-License-Identifier: MIT */
/*
 * From the lines of a console to what was seen: protocol, Linux, Xen.
 */
#include "boot/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/now.h"

/* The rest of 'line' after 'word', or NULL. */
static const char *after(const char *line, const char *word)
{
    size_t size = strlen(word);

    return strncmp(line, word, size) ? NULL : line + size;
}

static void set(char **field, const char *text)
{
    if (!text[0])
        return;
    free(*field);
    *field = text_new("%s", text);
}

static void add_check(struct console *console, enum verdict verdict,
                      const char *text)
{
    size_t count = console->check_count;
    size_t name_size = strcspn(text, " \t");
    struct check *check;

    if (count == CONSOLE_MAX_CHECKS)
        return;
    /* Grown at powers of two. */
    if (!(count & (count - 1)) || !count) {
        console->checks = reallocarray(console->checks, count ? count * 2 : 1,
                                       sizeof(*console->checks));
        if (!console->checks)
            abort();
    }
    check = &console->checks[console->check_count++];
    check->verdict = verdict;
    check->name = text_new("%.*s", (int)name_size, text);
    text += name_size;
    text += strspn(text, " \t");
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
        if (!rest || rest[0] != ' ' || !rest[1] || strchr(" \t", rest[1]))
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

/* 'word', then one to nine digits; 'text' moves behind them. */
static bool read_count(const char **text, const char *word, unsigned *out_count)
{
    const char *p = after(*text, word);
    unsigned digits = 0;

    *out_count = 0;
    for (; p && *p >= '0' && *p <= '9'; p++) {
        if (++digits > 9)
            return false;
        *out_count = *out_count * 10 + (unsigned)(*p - '0');
    }
    *text = p;
    return digits > 0;
}

/*
 * The END line, byte for byte and to its last digit: a line that was cut
 * short or written over cannot pass for a whole one.
 */
static void read_end(struct console *console, const char *text)
{
    unsigned passed, failed, skipped;

    if (!read_count(&text, "END passed=", &passed) ||
        !read_count(&text, " failed=", &failed) ||
        !read_count(&text, " skipped=", &skipped) || *text)
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

/*
 * Digits, perhaps a point and more digits; else it is just text. Without a
 * point it is the second that goes on, as a PC's CMOS knows it: any time in it.
 */
static void read_wall(struct console *console, const char *text)
{
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    double ahead_s = strtod(text, NULL) - now_wall_s();

    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    else if (ahead_s < 0)
        ahead_s = ahead_s < -1 ? ahead_s + 1 : 0;
    if (!whole || *rest || !console->compare_wall)
        return;
    console->wall_told = true;
    console->wall_ahead_s = ahead_s;
}

static void read_protocol(struct console *console, const char *text)
{
    const char *info;

    if (read_check(console, text))
        return;
    info = after(text, "INFO ");
    if (!info) {
        read_end(console, text);
        return;
    }
    if (console->end_seen)
        return;
    if ((text = after(info, "hypervisor=")) && *text) {
        set(&console->hypervisor, text);
        console->hypervisor_told = true;
    } else if ((text = after(info, "backend="))) {
        set(&console->backend, text);
    } else if ((text = after(info, "wall="))) {
        read_wall(console, text);
    }
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

    if (console->hypervisor_told)
        return;
    if ((text = strstr(line, "kernel on Xen PVH")))
        set(&console->hypervisor, "Xen PVH");
    else if ((text = strstr(line, "Hypervisor detected: ")) &&
             !console->hypervisor)
        set(&console->hypervisor, text + strlen("Hypervisor detected: "));
}

void console_guest_line(struct console *console, bool whole)
{
    const char *line = console->line;
    const char *text = console->torn ? NULL : after(line, "PVLAB ");

    if (whole && text)
        read_protocol(console, text);
    else if (whole)
        read_linux(console, line);
    if (line[strspn(line, " \t")])
        snprintf(console->last, sizeof(console->last), "%.159s", line);
}

/*
 * After these lines Xen halts for ever, or waits before it reboots.
 *
 * Source: Xen 4.17 xen/common/shutdown.c, hwdom_shutdown().
 */
void console_xen_line(struct console *console)
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
        if (!strstr(console->line, ends[i].text))
            continue;
        console->xen_ended = true;
        console->xen_ending = ends[i].ending;
    }
}
