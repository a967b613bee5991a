/* SPDX-License-Identifier: MIT */
/*
 * From console bytes to lines, and the search for the expected text in them.
 */
#include "boot/console.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every line of Xen's begins so (Xen 4.17, xen/drivers/char/console.c). */
static const char xen_marker[] = "(XEN) ";

/*
 * Up to here an unfinished line is matched again with each chunk, then when
 * it has grown by an eighth: of 4095 single bytes no more than 280 lead to a
 * call of regexec(), whose time grows with the square of the length.
 */
enum { EAGER_BYTES = 256 };

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

/* What follows does not count. */
static bool is_over(const struct console *console)
{
    return console->expect_seen || console->expect_slow || console->xen_ended;
}

static uint64_t processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * The C library keeps what it learns of an expression while it matches; for
 * some expressions that grows with every line, so the limit of time is one
 * of memory, too. Tried with glibc 2.36: ".*a.{20}c" against lines of 4095
 * random letters takes 2 s and 36 MiB for each.
 */
static bool matches(struct console *console, int flags)
{
    uint64_t start = processor_ns();
    bool found;

    if (console->continued)
        flags |= REG_NOTBOL;
    found = regexec(console->expect, console->line, 0, NULL, flags) == 0;
    console->expect_ns += processor_ns() - start;
    if (console->expect_ns > CONSOLE_EXPECT_MS * UINT64_C(1000000))
        console->expect_slow = true;
    return found;
}

/*
 * Unfinished text matches if it does so whatever follows: "$" does not stand
 * for its end, nor does a word end there (\>, \b) unless it has.
 */
static bool matches_so_far(struct console *console)
{
    static const char *const next[] = { "", "a", " " };
    char *end = console->line + console->used;
    bool found = true;

    for (size_t i = 0; i < sizeof(next) / sizeof(next[0]) && found; i++) {
        strcpy(end, next[i]);
        found = matches(console, REG_NOTEOL);
    }
    *end = '\0';
    return found;
}

/*
 * Text of the protocol that may yet turn out to be a FAIL line: it is not to
 * be taken for the expected text before it is counted.
 */
static bool is_protocol(const struct console *console)
{
    static const char word[] = "PVLAB ";
    size_t size = sizeof(word) - 1;

    if (size > console->used)
        size = console->used;
    return !console->torn && !strncmp(console->line, word, size);
}

/* A prompt has no newline after it. */
static void try_unfinished(struct console *console)
{
    size_t used = console->used;

    if (!console->expect || console->xen_line || used < console->tried ||
        !used || is_protocol(console))
        return;
    console->tried = used < EAGER_BYTES ? used + 1 : used + used / 8;
    if (matches_so_far(console))
        console->expect_seen = true;
}

static void try_piece(struct console *console, bool whole)
{
    if (!console->expect || (!whole && is_protocol(console)))
        return;
    /* Where a line was cut at its limit is not its end. */
    if (matches(console, whole && !console->overlong ? 0 : REG_NOTEOL))
        console->expect_seen = true;
}

static void end_piece(struct console *console, bool whole)
{
    console->line[console->used] = '\0';
    if (console->xen_line) {
        console_xen_line(console);
    } else if (whole || console->used) {
        console_guest_line(console, whole);
        try_piece(console, whole);
    }
    console->used = 0;
    console->tried = 0;
    console->overlong = false;
    console->returned = false;
}

static void end_line(struct console *console)
{
    /* A sequence that never ended may have swallowed a part of it. */
    if (console->escape != TEXT_PLAIN)
        console->torn = true;
    console->escape = TEXT_PLAIN;
    end_piece(console, true);
    if (!console->xen_line)
        console->continued = false;
    console->torn = console->continued;
    console->xen_line = false;
}

/* The cursor moved: what comes now is not behind what stands there. */
static void break_line(struct console *console)
{
    console->returned = false;
    if (!console->used)
        return;
    end_piece(console, false);
    if (!console->xen_line) {
        console->torn = true;
        console->continued = false;
    }
}

static void begin_xen(struct console *console)
{
    bool begun =
        console->used || console->torn || console->escape != TEXT_PLAIN;

    end_piece(console, false);
    if (!console->xen_line && begun)
        console->continued = true;
    console->xen_line = true;
    console->escape = TEXT_PLAIN;
}

/*
 * Terminal control sequences are dropped: ESC X, ESC ( X, ESC [ ... final
 * byte, and strings up to BEL or ESC \. Another ESC begins anew, CAN and SUB
 * end a sequence, and so does a byte that it cannot contain.
 *
 * Source: ECMA-48, 5.3 to 5.6 and 8.3.27, 8.3.143 (strings), 8.3.57 (CUP);
 *         ECMA-35, 13 (ESC with intermediate bytes).
 */
static bool in_escape(struct console *console, uint8_t byte)
{
    if (byte == 0x1b) {
        console->escape = TEXT_ESCAPE;
        return true;
    }
    if (console->escape == TEXT_PLAIN)
        return false;
    if (byte == 0x18 || byte == 0x1a) {
        console->escape = TEXT_PLAIN;
        return true;
    }
    switch (console->escape) {
    case TEXT_PLAIN:
        break;
    case TEXT_ESCAPE:
        if (byte >= 0x20 && byte <= 0x2f)
            console->escape = TEXT_CHARSET;
        else if (byte == '[')
            console->escape = TEXT_CSI;
        else if (byte && strchr("]PX^_", byte))
            console->escape = TEXT_STRING;
        else
            console->escape = TEXT_PLAIN;
        return byte >= 0x20 && byte <= 0x7e;
    case TEXT_CHARSET:
        if (byte >= 0x20 && byte <= 0x2f)
            return true;
        console->escape = TEXT_PLAIN;
        return byte >= 0x30 && byte <= 0x7e;
    case TEXT_CSI:
        if (byte >= 0x20 && byte <= 0x3f)
            return true;
        console->escape = TEXT_PLAIN;
        /* Firmware and boot loaders place their text instead of ending it. */
        if (byte == 'H' || byte == 'f' || byte == 'J')
            break_line(console);
        return byte >= 0x40 && byte <= 0x7e;
    case TEXT_STRING:
        if (byte == 0x07)
            console->escape = TEXT_PLAIN;
        return true;
    }
    return false;
}

static void take_byte(struct console *console, uint8_t byte)
{
    if (byte == '\n') {
        end_line(console);
        return;
    }
    if (in_escape(console, byte))
        return;
    if (byte == '\r')
        console->returned = true;
    if ((byte < ' ' && byte != '\t') || byte == 0x7f)
        return;
    if (console->returned)
        break_line(console);
    if (console->used == CONSOLE_LINE_BYTES - 1)
        console->overlong = true;
    else
        console->line[console->used++] = (char)byte;
}

static void release_marker(struct console *console)
{
    unsigned held = console->marker;

    console->marker = 0;
    for (unsigned i = 0; i < held; i++)
        take_byte(console, (uint8_t)xen_marker[i]);
}

/*
 * Xen's lines are known by their first bytes, in the middle of whatever the
 * guest was writing: those bytes are held back until it is clear whose they
 * are.
 */
static void sort_byte(struct console *console, uint8_t byte)
{
    if (byte != (uint8_t)xen_marker[console->marker]) {
        release_marker(console);
        if (byte != (uint8_t)xen_marker[0]) {
            take_byte(console, byte);
            return;
        }
    }
    console->marker++;
    if (console->marker == sizeof(xen_marker) - 1) {
        console->marker = 0;
        begin_xen(console);
    }
}

bool console_feed(struct console *console, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && !is_over(console); i++) {
        if (console->xen)
            sort_byte(console, bytes[i]);
        else
            take_byte(console, bytes[i]);
    }
    if (!is_over(console))
        try_unfinished(console);
    if (console->expect)
        return console->expect_seen || console->expect_slow;
    return console->end_seen;
}

void console_finish(struct console *console)
{
    if (!is_over(console))
        release_marker(console);
    console->line[console->used] = '\0';
    if (is_over(console))
        return;
    if (!console->xen_line && console->used)
        try_piece(console, false);
}

const char *console_unfinished(const struct console *console)
{
    const char *line = console->line;

    if (console->xen_line || !console->used || !line[strspn(line, " \t")])
        return NULL;
    return line;
}
