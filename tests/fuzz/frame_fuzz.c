/* SPDX-License-Identifier: MIT */
/*
 * Frames from a hostile outer system: whatever the bytes, which frames are
 * read does not depend on how they are cut, and they are what a plain reading
 * of protocol.h finds.
 *
 * Input: one byte that seeds the cutting, then the stream.
 */
#include "agent/frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came of a stream. */
struct outcome {
    size_t frames, taken;
    uint32_t hash; /* of all channels, sizes and payloads */
    bool bad;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void mix(uint32_t *hash, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *hash = (*hash ^ bytes[i]) * 16777619;
}

static void frame(struct outcome *outcome, uint8_t channel, size_t size,
                  const uint8_t *payload)
{
    const uint8_t head[] = { channel, size & 0xff, (size >> 8) & 0xff };

    outcome->frames++;
    mix(&outcome->hash, head, sizeof(head));
    mix(&outcome->hash, payload, size);
}

/* protocol.h, with the whole stream at hand. */
static struct outcome expected(const uint8_t *data, size_t size)
{
    struct outcome outcome = { .hash = 2166136261u };

    while (size - outcome.taken >= AGENT_HEADER_BYTES) {
        const uint8_t *head = data + outcome.taken;
        size_t bytes = head[2] + 256u * head[3];

        if (head[0] > AGENT_LOG || head[1] || bytes > AGENT_FRAME_BYTES) {
            outcome.taken += AGENT_HEADER_BYTES;
            outcome.bad = true;
            return outcome;
        }
        if (bytes > size - outcome.taken - AGENT_HEADER_BYTES)
            break;
        frame(&outcome, head[0], bytes, head + AGENT_HEADER_BYTES);
        outcome.taken += AGENT_HEADER_BYTES + bytes;
    }
    outcome.taken = size;
    return outcome;
}

/* As agent_link.c does; seed 0: all at once. */
static struct outcome listen(const uint8_t *data, size_t size, uint32_t seed)
{
    static struct frame_reader reader;
    struct outcome outcome = { .hash = 2166136261u };

    memset(&reader, 0, sizeof(reader));
    while (outcome.taken < size && !outcome.bad) {
        size_t step = size - outcome.taken, done = 0;
        uint8_t *copy;

        if (seed) {
            /* Mostly a few bytes: headers are cut, long frames end. */
            size_t most = seed >> 31 ? 8 : 4096;

            seed = seed * 1664525 + 1013904223;
            if (step > 1 + (seed >> 8) % most)
                step = 1 + (seed >> 8) % most;
        }
        /* Of its very size: reading beyond it is seen. */
        copy = malloc(step);
        require(copy);
        memcpy(copy, data + outcome.taken, step);
        while (done < step && !outcome.bad) {
            enum frame_status status;
            size_t used;

            status = frame_read(&reader, copy + done, step - done, &used);
            require(used > 0 && used <= step - done);
            done += used;
            require(status != FRAME_MORE || done == step);
            if (status == FRAME_READY)
                frame(&outcome, (uint8_t)reader.channel, reader.size,
                      reader.payload);
            outcome.bad = status == FRAME_BAD;
        }
        free(copy);
        outcome.taken += done;
    }
    if (outcome.bad) {
        const uint8_t good[AGENT_HEADER_BYTES] = { 0 };
        size_t used;

        require(frame_read(&reader, good, sizeof(good), &used) == FRAME_BAD);
        require(used == 0);
    }
    return outcome;
}

static void require_same(struct outcome a, struct outcome b)
{
    require(a.frames == b.frames && a.taken == b.taken && a.hash == b.hash &&
            a.bad == b.bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome want;

    if (!size)
        return 0;
    want = expected(data + 1, size - 1);
    require_same(want, listen(data + 1, size - 1, 0));
    require_same(want, listen(data + 1, size - 1, data[0] * 0x01000193u + 1));
    return 0;
}
