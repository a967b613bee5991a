/* SPDX-License-Identifier: MIT */
/*
 * QEMU's machine protocol: why a guest ended, and what QEMU must be told,
 * however its lines arrive and whatever else is in them.
 *
 * Damage tried, each seen by a row: "!monitor->ended" of end_with() left out;
 * guest-reset read as POWEROFF; LOST left out of on_shutdown(); "!ended" or
 * "!answer" of STOP left out; the status read from "data"; overlong lines
 * parsed; "used = 0" or "overlong = false" of end_line() left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "boot/monitor.h"

#define GREETING                                                               \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "        \
    "\"major\": 7}, \"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}"   \
    "\r\n"
#define CAPABILITIES "{\"execute\":\"qmp_capabilities\"}\n"
#define QUERY        "{\"execute\":\"query-status\"}\n"
#define EVENT(name)                                                            \
    "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, "                  \
    "\"event\": \"" name "\"}\r\n"
#define SHUTDOWN(reason)                                                       \
    "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, "                  \
    "\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, "                    \
    "\"reason\": \"" reason "\"}}\r\n"
#define STATUS(status)                                                         \
    "{\"return\": {\"status\": \"" status "\", \"running\": false}}\r\n"
#define PANICKED                                                               \
    "{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"pause\"}}\r\n"
#define NOT_ENDED (-1)

struct row {
    const char *text;
    int ending;
    bool stopped;
    const char *answers; /* all of them, one after another */
};

/* As boot.c does: an answer is sent after each call. */
static void check_cut(const struct row *row, size_t step)
{
    static struct monitor monitor;
    size_t size = strlen(row->text);
    char answers[200] = "";
    int ending;

    memset(&monitor, 0, sizeof(monitor));
    for (size_t i = 0; i < size; i += step) {
        monitor_feed(&monitor, (const uint8_t *)row->text + i,
                     size - i < step ? size - i : step);
        if (monitor.answer)
            strcat(answers, monitor.answer);
        monitor.answer = NULL;
    }
    ending = monitor.ended ? (int)monitor.ending : NOT_ENDED;
    if (ending != row->ending || monitor.stopped != row->stopped ||
        strcmp(answers, row->answers))
        fail_msg("'%.200s' by %zu: ending %d, stopped %d, answers '%s'",
                 row->text, step, ending, monitor.stopped, answers);
}

static void messages(void **state)
{
    static const struct row rows[] = {
        /* clang-format off */
        { "", NOT_ENDED, false, "" },
        { GREETING, NOT_ENDED, false, CAPABILITIES },
        { "{\"return\": {}}\r\n" EVENT("RESUME") EVENT("RESET"), NOT_ENDED, false, "" },
        { SHUTDOWN("guest-shutdown"), ENDING_POWEROFF, false, "" },
        { SHUTDOWN("guest-reset"), ENDING_RESET, false, "" },
        { SHUTDOWN("guest-panic"), ENDING_PANIC, false, "" },
        { SHUTDOWN("host-signal"), ENDING_LOST, false, "" },
        { SHUTDOWN("host-error"), ENDING_LOST, false, "" },
        { SHUTDOWN(""), ENDING_LOST, false, "" },
        { EVENT("SHUTDOWN"), ENDING_LOST, false, "" },
        { "{\"event\": \"SHUTDOWN\", \"data\": [\"guest-reset\"]}\n", ENDING_LOST, false, "" },
        { PANICKED, ENDING_PANIC, false, "" },
        /* The first word holds. */
        { PANICKED SHUTDOWN("guest-reset"), ENDING_PANIC, false, "" },
        { SHUTDOWN("guest-reset") SHUTDOWN("host-signal"), ENDING_RESET, false, "" },
        /* Stopped: why? */
        { EVENT("STOP"), NOT_ENDED, false, QUERY },
        { SHUTDOWN("guest-shutdown") EVENT("STOP"), ENDING_POWEROFF, false, "" },
        { PANICKED EVENT("STOP"), ENDING_PANIC, false, "" },
        { EVENT("STOP") STATUS("internal-error"), NOT_ENDED, true, QUERY },
        { EVENT("STOP") STATUS("paused"), NOT_ENDED, false, QUERY },
        { EVENT("STOP") STATUS("io-error"), NOT_ENDED, false, QUERY },
        { "{\"event\": \"X\", \"status\": \"internal-error\", \"data\": {\"status\": \"internal-error\"}}\n", NOT_ENDED, false, "" },
        /* A line ends with a newline, and only with one. */
        { "{\"event\": \"SHUTDOWN\"}", NOT_ENDED, false, "" },
        { "{\"event\":\n\"SHUTDOWN\"}\n", NOT_ENDED, false, "" },
        { "{\"event\": \"SHUTDOWN\"} x\n", NOT_ENDED, false, "" },
        /* Not what was meant. */
        { "\n\r\n \n", NOT_ENDED, false, "" },
        { "nonsense\n{\n}\n[]\n[{\"event\": \"SHUTDOWN\"}]\n\"SHUTDOWN\"\n1\nnull\n", NOT_ENDED, false, "" },
        { "{\"event\": null}\n{\"event\": {\"SHUTDOWN\": 1}}\n{\"return\": \"internal-error\"}\n", NOT_ENDED, false, "" },
        { "{\"event\": \"SHUTDOWN\\u0000\"}\n{\"event\": \"SHUTDOWN\xff\"}\n{\"event\": \"shutdown\"}\n", NOT_ENDED, false, "" },
        { "nonsense\n" SHUTDOWN("guest-reset"), ENDING_RESET, false, "" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step < 600; step += step < 20 ? 1 : 97)
            check_cut(&rows[i], step);
    }
}

/* One answer a call: QEMU refuses everything before the greeting's. */
static void greeting_comes_first(void **state)
{
    static const char text[] = GREETING EVENT("STOP");
    static struct monitor monitor;

    (void)state;
    monitor_feed(&monitor, (const uint8_t *)text, sizeof(text) - 1);
    assert_string_equal(monitor.answer, CAPABILITIES);
}

/* A line that does not fit is none, and the next one is read again. */
static void long_lines(void **state)
{
    static const struct {
        size_t size;
        int ending;
    } rows[] = {
        { 8191, ENDING_RESET },
        { 8192, ENDING_RESET },
        { 8193, ENDING_POWEROFF },
        { 30000, ENDING_POWEROFF },
    };
    static const char tail[] = SHUTDOWN("guest-reset");
    static char text[40000];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct row row = { text, rows[i].ending, false, "" };

        memset(text, ' ', sizeof(text));
        /* The tail's own newline is not a part of the line. */
        memcpy(text + rows[i].size + 1 - (sizeof(tail) - 1), tail,
               sizeof(tail) - 1);
        strcpy(text + rows[i].size + 1, SHUTDOWN("guest-shutdown"));
        for (size_t step = 1; step < 9000; step = 3 * step + 1)
            check_cut(&row, step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(greeting_comes_first),
        cmocka_unit_test(long_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
