/* SPDX-License-Identifier: MIT */
/*
 * Frames between pvlab and the agent: however the stream is cut, the same
 * frames come out; what is no frame is refused at its header.
 *
 * Damage tried, each seen to fail: ">> 8" for the length's high byte turned
 * into ">> 4" (round trip); "header[1] == 0" left out, "<=" for the largest
 * payload turned into "<" (limits); "filled = 0" after a frame left out
 * (two frames); FRAME_BAD not repeated (a lost stream stays lost).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agent/frame.h"

enum { FRAMES = 5 };

static const struct {
    enum agent_channel channel;
    size_t size;
} frames[FRAMES] = {
    { AGENT_CONTROL, 3 },
    { AGENT_CONSOLE, 0 },
    { AGENT_LOG, AGENT_FRAME_BYTES },
    { AGENT_GDB, 255 },
    { AGENT_MONITOR, 0x1234 },
};

/* A byte that differs from its neighbours and from frame to frame. */
static uint8_t content(size_t frame, size_t at)
{
    return (uint8_t)(frame * 37 + at * 11 + (at >> 8));
}

static size_t write_stream(uint8_t *stream)
{
    size_t size = 0;

    for (size_t i = 0; i < FRAMES; i++) {
        frame_header(stream + size, frames[i].channel, frames[i].size);
        size += AGENT_HEADER_BYTES;
        for (size_t at = 0; at < frames[i].size; at++)
            stream[size++] = content(i, at);
    }
    return size;
}

static void check_frame(const struct frame_reader *reader, size_t i)
{
    assert_true(i < FRAMES);
    assert_int_equal(reader->channel, frames[i].channel);
    assert_int_equal(reader->size, frames[i].size);
    for (size_t at = 0; at < reader->size; at++)
        assert_int_equal(reader->payload[at], content(i, at));
}

/* Give the stream to a reader in pieces of 'piece' bytes. */
static void read_in_pieces(const uint8_t *stream, size_t size, size_t piece)
{
    struct frame_reader *reader = calloc(1, sizeof(*reader));
    size_t seen = 0;

    assert_non_null(reader);
    for (size_t start = 0; start < size; start += piece) {
        size_t left = size - start < piece ? size - start : piece;
        /* Exactly as large as the piece: a sanitizer sees any overrun. */
        uint8_t *bytes = malloc(left);
        size_t done = 0;

        assert_non_null(bytes);
        memcpy(bytes, stream + start, left);
        while (done < left) {
            size_t used = SIZE_MAX;
            enum frame_status status =
                frame_read(reader, bytes + done, left - done, &used);

            assert_true(used > 0 && used <= left - done);
            assert_int_not_equal(status, FRAME_BAD);
            if (status == FRAME_READY)
                check_frame(reader, seen++);
            done += used;
        }
        free(bytes);
    }
    assert_int_equal(seen, FRAMES);
    free(reader);
}

static void round_trip_however_cut(void **state)
{
    static uint8_t stream[FRAMES * (AGENT_HEADER_BYTES + AGENT_FRAME_BYTES)];
    static const size_t pieces[] = { 1, 2, 3, 4, 5, 7, 64, 4099, 1 << 20 };
    size_t size = write_stream(stream);

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        read_in_pieces(stream, size, pieces[i]);
}

/* The layout itself, so that both ends cannot be wrong together. */
static void header_is_as_documented(void **state)
{
    static const uint8_t want[AGENT_HEADER_BYTES] = { 3, 0, 0x34, 0x12 };
    uint8_t header[AGENT_HEADER_BYTES];

    (void)state;
    frame_header(header, AGENT_GDB, 0x1234);
    assert_memory_equal(header, want, sizeof(want));
}

static enum frame_status status_of(const uint8_t header[AGENT_HEADER_BYTES])
{
    struct frame_reader *reader = calloc(1, sizeof(*reader));
    size_t used;
    enum frame_status status;

    assert_non_null(reader);
    status = frame_read(reader, header, AGENT_HEADER_BYTES, &used);
    assert_int_equal(used, AGENT_HEADER_BYTES);
    free(reader);
    return status;
}

static void limits_are_exact(void **state)
{
    static const struct {
        uint8_t header[AGENT_HEADER_BYTES];
        enum frame_status want;
    } rows[] = {
        { { 0, 0, 0, 0 }, FRAME_READY },
        { { AGENT_CHANNELS - 1, 0, 1, 0 }, FRAME_MORE },
        { { AGENT_CHANNELS, 0, 1, 0 }, FRAME_BAD },
        { { 255, 0, 1, 0 }, FRAME_BAD },
        { { 1, 1, 1, 0 }, FRAME_BAD },
        { { 1, 0, 0x00, 0x40 }, FRAME_MORE }, /* AGENT_FRAME_BYTES */
        { { 1, 0, 0x01, 0x40 }, FRAME_BAD },
        { { 1, 0, 0xff, 0xff }, FRAME_BAD },
    };

    (void)state;
    assert_int_equal(AGENT_FRAME_BYTES, 0x4000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(status_of(rows[i].header), rows[i].want);
}

static void a_lost_stream_stays_lost(void **state)
{
    static const uint8_t bad[] = { 9, 0, 0, 0 };
    static const uint8_t good[] = { 0, 0, 0, 0 };
    static struct frame_reader reader;
    size_t used;

    (void)state;
    assert_int_equal(frame_read(&reader, bad, sizeof(bad), &used), FRAME_BAD);
    assert_int_equal(frame_read(&reader, good, sizeof(good), &used), FRAME_BAD);
    assert_int_equal(used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_however_cut),
        cmocka_unit_test(header_is_as_documented),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(a_lost_stream_stays_lost),
    };

    return cmocka_run_group_tests_name("agent_frame", tests, NULL, NULL);
}
