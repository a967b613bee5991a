/* SPDX-License-Identifier: MIT */
/*
 * Console and verdict: whatever the bytes, what is seen does not depend on
 * how they are cut, and a PASS has its reasons.
 *
 * Input: one byte of choices (below), one that seeds the cutting, then the
 * console. Seeds: tests/fuzz/corpus/console.
 */
#include "boot/console.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* '0' is none; then each with Xen. */
static const char *const patterns[] = {
    NULL,       "ok",
    "ok$",      "^[a-z]+: ready\\>",
    "^$|\\(X",  "(PVLAB|END) ?.*=0$",
    "o.*k[^a]", "[0-9]+ passed\\b",
};
enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

static regex_t regexes[PATTERNS];
static bool compiled;

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* As boot.c does; 'seed' of 0: all at once. */
static void read_console(struct console *console, const uint8_t *data,
                         size_t size, const regex_t *expect, bool xen,
                         uint32_t seed, struct result *result)
{
    enum ending ending = ENDING_TIMEOUT;

    console_setup(console, expect, xen);
    while (size) {
        size_t step = size;
        uint8_t *copy;

        if (seed) {
            seed = seed * 1664525 + 1013904223;
            /* Mostly some bytes, now and then many. */
            step = 1 + (seed >> 24) % (seed & 0x70000 ? 4 : 200);
            step = step < size ? step : size;
        }
        copy = malloc(step);
        require(copy);
        memcpy(copy, data, step);
        if (console_feed(console, copy, step) && expect) {
            require(console->expect_seen);
            ending = ENDING_SETTLED;
        }
        free(copy);
        data += step;
        size -= step;
        if (console->xen_ended)
            ending = console->xen_ending;
        if (ending != ENDING_TIMEOUT)
            break;
    }
    *result = (struct result){ .verdict = VERDICT_ERROR };
    console_judge(console, ending, 30, result);
}

static void compare(const struct result *a, const struct result *b,
                    bool expect_seen)
{
    require(a->verdict == b->verdict && same(a->reason, b->reason));
    require(a->passed == b->passed && a->failed == b->failed &&
            a->skipped == b->skipped && a->check_count == b->check_count);
    for (size_t i = 0; i < a->check_count; i++) {
        const struct check *one = &a->checks[i], *other = &b->checks[i];

        require(one->verdict == other->verdict);
        require(same(one->name, other->name));
        require(same(one->reason, other->reason));
        require(one->name[0] && !strpbrk(one->name, " \t\r\n\033"));
    }
    require(same(a->backend, b->backend));
    /* The line of the expected text may not have been read to its end. */
    if (!expect_seen)
        require(same(a->hypervisor, b->hypervisor));
}

/* What a verdict says must be so. */
static void check(const struct console *console, const struct result *result)
{
    unsigned all = result->passed + result->failed + result->skipped;

    require(result->check_count <= CONSOLE_MAX_CHECKS);
    require(all == result->check_count || all > CONSOLE_MAX_CHECKS);
    require(!result->reason == (result->verdict == VERDICT_PASS));
    require((result->verdict == VERDICT_CRASH) ==
            !(console->expect ? console->expect_seen : console->end_seen));
    if (result->verdict == VERDICT_PASS) {
        require(!result->failed);
        require(console->expect || result->passed);
    }
    if (result->verdict == VERDICT_SKIP)
        require(!result->failed && !result->passed && result->skipped);
    if (console->end_seen && !console->end_differs)
        require(console->end_passed == result->passed &&
                console->end_failed == result->failed &&
                console->end_skipped == result->skipped);
    else if (console->end_seen)
        require(result->verdict == VERDICT_FAIL ||
                result->verdict == VERDICT_ERROR ||
                (console->expect && result->verdict == VERDICT_CRASH));
    require(console->used < CONSOLE_LINE_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct console consoles[2];
    struct result results[2];
    const regex_t *expect = NULL;
    bool xen;

    if (size < 2)
        return 0;
    for (size_t i = 1; i < PATTERNS && !compiled; i++)
        require(!regcomp(&regexes[i], patterns[i], REG_EXTENDED | REG_NOSUB));
    compiled = true;
    if (data[0] % PATTERNS)
        expect = &regexes[data[0] % PATTERNS];
    xen = data[0] / PATTERNS % 2;
    read_console(&consoles[0], data + 2, size - 2, expect, xen, 0, &results[0]);
    read_console(&consoles[1], data + 2, size - 2, expect, xen, data[1] + 1u,
                 &results[1]);
    compare(&results[0], &results[1], consoles[0].expect_seen);
    for (int i = 0; i < 2; i++) {
        check(&consoles[i], &results[i]);
        console_teardown(&consoles[i]);
        result_release(&results[i]);
    }
    return 0;
}
