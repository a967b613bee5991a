/* SPDX-License-Identifier: MIT */
/*
 * What a guest says on its console, and the verdict that follows from it.
 *
 * The protocol (docs/console.md), one line each:
 *
 *   PVLAB PASS|SKIP|ERROR|FAIL NAME [REASON]
 *   PVLAB INFO hypervisor=TEXT
 *   PVLAB INFO backend=TEXT
 *   PVLAB INFO wall=SECONDS
 *   PVLAB END passed=N failed=N skipped=N
 *
 * A line counts only if it begins with "PVLAB ", is complete (ended by a
 * newline) and comes before the END line. Escape sequences and control bytes
 * are taken out first. Guest bytes are untrusted: lines are bounded by
 * CONSOLE_LINE_BYTES, checks by CONSOLE_MAX_CHECKS.
 *
 * Console bytes are cut into pieces. A piece ends
 *   - with a newline: it is complete;
 *   - before text that follows a carriage return or a sequence that places
 *     the cursor: unfinished, and what follows does not begin a line;
 *   - under Xen, before "(XEN) ", wherever that stands: unfinished. Up to the
 *     newline all is Xen's; then the guest's interrupted line goes on, and
 *     that rest does not begin a line either.
 * What is unfinished or does not begin a line is never a protocol line. It
 * may match the expected text, unless it begins like a protocol line.
 *
 * The verdict does not depend on how the bytes are cut into calls.
 */
#ifndef LAB_BOOT_CONSOLE_H
#define LAB_BOOT_CONSOLE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/result.h"

enum {
    CONSOLE_LINE_BYTES = 4096,
    CONSOLE_MAX_CHECKS = 10000,
    /* Processor time that looking for the expected text may take. */
    CONSOLE_EXPECT_MS = 10000,
    /*
     * How far a guest's time of day may be from this machine's: nested, both
     * the outer system and the guest begin with a whole second of an RTC, late
     * by up to one each; the third is for a busy machine.
     */
    CONSOLE_WALL_S = 3,
};

/* How a boot came to its end, as the machine tells it. */
enum ending {
    ENDING_SETTLED,   /* it did not: the console had said all there was */
    ENDING_POWEROFF,  /* the guest powered off */
    ENDING_RESET,     /* the guest reset, or a triple fault did */
    ENDING_FAULT,     /* triple fault, seen as such */
    ENDING_PANIC,     /* pvpanic, Xen's crash */
    ENDING_HALTED,    /* a domain suspended itself */
    ENDING_TIMEOUT,   /* pvlab's patience ended */
    ENDING_SILENT,    /* it printed no more for plan.silence_s */
    ENDING_LOG_LIMIT, /* the console passed its limit */
    ENDING_LOST,      /* the machine monitor died */
};

struct console {
    const regex_t *expect; /* NULL: the guest speaks the protocol */
    bool xen;              /* lines of Xen's own are mixed in */
    bool compare_wall;     /* the guest's time of day is this machine's */

    char line[CONSOLE_LINE_BYTES + 1]; /* one byte to look ahead by */
    size_t used;
    size_t tried;    /* unfinished, it was matched up to here */
    bool overlong;   /* its end was cut off */
    bool torn;       /* this piece does not begin its line */
    bool continued;  /* Xen spoke in the middle of the guest's line */
    bool returned;   /* a carriage return: text would begin a new piece */
    bool xen_line;   /* this piece is Xen's */
    unsigned marker; /* bytes of "(XEN) " that are held back */
    enum {
        TEXT_PLAIN,
        TEXT_ESCAPE,
        TEXT_CHARSET,
        TEXT_CSI,
        TEXT_STRING
    } escape;

    bool end_seen;
    bool end_differs; /* its numbers are not those of the lines before */
    bool spoke_after_end;
    bool expect_seen; /* nothing is read from here on */
    bool expect_slow; /* CONSOLE_EXPECT_MS were not enough; the same */
    uint64_t expect_ns;
    bool xen_ended; /* Xen told the end of dom0; the same */
    enum ending xen_ending;
    unsigned passed, failed, skipped, errors;
    unsigned end_passed, end_failed, end_skipped;
    struct check *checks;
    size_t check_count;
    char *hypervisor;
    bool hypervisor_told; /* by a PVLAB line: that is not overruled */
    char *backend;
    bool wall_told;      /* and compared */
    double wall_ahead_s; /* guest's minus ours, when its line came */
    char last[160];      /* last piece of the guest's with something on it */
};

void console_setup(struct console *console, const regex_t *expect, bool xen);
void console_teardown(struct console *console);

/*
 * The next bytes of the console. True once nothing that may follow can make
 * the verdict better: the END line or the expected text was seen, or looking
 * for that text was given up.
 */
bool console_feed(struct console *console, const uint8_t *bytes, size_t size);

/* Nothing will follow: what is unfinished is looked at as it stands. */
void console_finish(struct console *console);

/* The unfinished text of the guest's, or NULL if there is nothing on it. */
const char *console_unfinished(const struct console *console);

/* One piece (console_line.c), ended by a NUL byte. */
void console_guest_line(struct console *console, bool whole);
void console_xen_line(struct console *console);

/*
 * Move what was seen into 'result': verdict, reason, counts, checks,
 * hypervisor, backend. 'seconds' is how long a timed-out guest was given.
 */
void console_judge(struct console *console, enum ending ending,
                   unsigned seconds, struct result *result);

#endif /* LAB_BOOT_CONSOLE_H */
