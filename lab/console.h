/* SPDX-License-Identifier: MIT */
/*
 * What a guest says on its console, and the verdict that follows from it.
 *
 * The protocol (docs/lab.md, "Console protocol"), one line each:
 *
 *   PVLAB PASS|SKIP|ERROR|FAIL NAME [REASON]
 *   PVLAB INFO hypervisor=TEXT
 *   PVLAB INFO backend=TEXT
 *   PVLAB END passed=N failed=N skipped=N
 *
 * A line counts only if it begins with "PVLAB ", is complete (ended by a
 * newline) and comes before the END line. Escape sequences and control bytes
 * are taken out first. Guest bytes are untrusted: lines are bounded by
 * CONSOLE_LINE_BYTES, checks by CONSOLE_MAX_CHECKS.
 */
#ifndef LAB_CONSOLE_H
#define LAB_CONSOLE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"

enum { CONSOLE_LINE_BYTES = 4096, CONSOLE_MAX_CHECKS = 10000 };

/* How a boot came to its end, as the machine tells it. */
enum ending {
    ENDING_SETTLED,   /* it did not: the console had said all there was */
    ENDING_POWEROFF,  /* the guest powered off */
    ENDING_RESET,     /* the guest reset, or a triple fault did */
    ENDING_FAULT,     /* triple fault, seen as such */
    ENDING_PANIC,     /* pvpanic, Xen's crash */
    ENDING_HALTED,    /* a domain suspended itself */
    ENDING_TIMEOUT,   /* pvlab's patience ended */
    ENDING_LOG_LIMIT, /* the console passed its limit */
    ENDING_LOST,      /* the machine monitor died */
};

struct console {
    const regex_t *expect; /* NULL: the guest speaks the protocol */
    bool xen;              /* lines of Xen's own are mixed in */

    char line[CONSOLE_LINE_BYTES];
    size_t used;
    bool overlong;
    enum { TEXT_PLAIN, TEXT_ESCAPE, TEXT_CSI, TEXT_OSC } escape;

    bool end_seen;
    bool end_differs; /* its numbers are not those of the lines before */
    bool spoke_after_end;
    bool expect_seen;
    bool xen_ended; /* Xen told the end of dom0 */
    enum ending xen_ending;
    unsigned passed, failed, skipped, errors;
    unsigned end_passed, end_failed, end_skipped;
    struct check *checks;
    size_t check_count;
    char *hypervisor;
    char *backend;
    char last[160]; /* last line with something on it */
};

void console_setup(struct console *console, const regex_t *expect, bool xen);
void console_teardown(struct console *console);

/*
 * The next bytes of the console. True once nothing that may follow can make
 * the verdict better: the END line or the expected text was seen.
 */
bool console_feed(struct console *console, const uint8_t *bytes, size_t size);

/*
 * Move what was seen into 'result': verdict, reason, counts, checks,
 * hypervisor, backend. 'seconds' is how long a timed-out guest was given.
 */
void console_judge(struct console *console, enum ending ending,
                   unsigned seconds, struct result *result);

#endif /* LAB_CONSOLE_H */
