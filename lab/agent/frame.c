/* SPDX-License-Identifier: MIT */
/*
 * The frame codec; format in protocol.h.
 */
#include "frame.h"

#include <stdbool.h>
#include <string.h>

void frame_header(uint8_t header[AGENT_HEADER_BYTES],
                  enum agent_channel channel, size_t size)
{
    header[0] = (uint8_t)channel;
    header[1] = 0;
    header[2] = (uint8_t)(size & 0xff);
    header[3] = (uint8_t)(size >> 8);
}

static bool header_is_good(const struct frame_reader *reader)
{
    return reader->header[0] < AGENT_CHANNELS && reader->header[1] == 0 &&
           reader->size <= AGENT_FRAME_BYTES;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum frame_status frame_read(struct frame_reader *reader, const uint8_t *bytes,
                             size_t size, size_t *out_used)
{
    size_t take;

    *out_used = 0;

    if (reader->filled >= AGENT_HEADER_BYTES) {
        if (!header_is_good(reader))
            return FRAME_BAD;
        if (reader->filled == AGENT_HEADER_BYTES + reader->size)
            reader->filled = 0; /* that frame was handed out */
    }

    if (reader->filled < AGENT_HEADER_BYTES) {
        take = least(size, AGENT_HEADER_BYTES - reader->filled);
        memcpy(reader->header + reader->filled, bytes, take);
        reader->filled += take;
        *out_used = take;
        if (reader->filled < AGENT_HEADER_BYTES)
            return FRAME_MORE;

        reader->channel = (enum agent_channel)reader->header[0];
        reader->size = reader->header[2] | (size_t)reader->header[3] << 8;
        if (!header_is_good(reader))
            return FRAME_BAD;
    }

    take = least(size - *out_used,
                 AGENT_HEADER_BYTES + reader->size - reader->filled);
    if (take)
        memcpy(reader->payload + (reader->filled - AGENT_HEADER_BYTES),
               bytes + *out_used, take);
    reader->filled += take;
    *out_used += take;

    if (reader->filled < AGENT_HEADER_BYTES + reader->size)
        return FRAME_MORE;
    return FRAME_READY;
}
