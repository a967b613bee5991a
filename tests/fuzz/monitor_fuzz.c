/* SPDX-License-Identifier: MIT */
/*
 * QEMU's machine protocol: whatever the bytes, what is concluded and answered
 * does not depend on how they are cut.
 *
 * Input: one byte that seeds the cutting, then what QEMU sends. Seeds:
 * tests/fuzz/corpus/monitor.
 */
#include "boot/monitor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/*
 * As boot.c does: an answer is sent after each call. Calls end with lines at
 * the latest, because there is one answer a call. The return value is a hash
 * of all answers.
 */
static uint32_t listen(struct monitor *monitor, const uint8_t *data,
                       size_t size, uint32_t seed)
{
    uint32_t hash = 2166136261u;
    bool ended = false;
    enum ending ending = ENDING_SETTLED;

    memset(monitor, 0, sizeof(*monitor));
    while (size) {
        const uint8_t *newline = memchr(data, '\n', size);
        size_t step = newline ? (size_t)(newline + 1 - data) : size;
        uint8_t *copy;

        if (seed) {
            seed = seed * 1664525 + 1013904223;
            if (step > 1 + (seed >> 24) % 40)
                step = 1 + (seed >> 24) % 40;
        }
        copy = malloc(step);
        require(copy);
        memcpy(copy, data, step);
        monitor_feed(monitor, copy, step);
        free(copy);
        data += step;
        size -= step;
        require(monitor->used <= sizeof(monitor->line));
        for (const char *p = monitor->answer; p && *p; p++)
            hash = (hash ^ (uint8_t)*p) * 16777619;
        monitor->answer = NULL;
        /* What is known stays so. */
        require(!ended || (monitor->ended && monitor->ending == ending));
        ended = monitor->ended;
        ending = monitor->ending;
    }
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct monitor whole, cut, at_once;

    if (!size)
        return 0;
    require(listen(&whole, data + 1, size - 1, 0) ==
            listen(&cut, data + 1, size - 1, data[0] + 1u));
    memset(&at_once, 0, sizeof(at_once));
    monitor_feed(&at_once, data + 1, size - 1);
    require(whole.ended == cut.ended && whole.ending == cut.ending &&
            whole.stopped == cut.stopped && whole.used == cut.used &&
            whole.overlong == cut.overlong);
    require(whole.ended == at_once.ended && whole.ending == at_once.ending &&
            whole.stopped == at_once.stopped);
    return 0;
}
