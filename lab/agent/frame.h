/* SPDX-License-Identifier: MIT */
/*
 * Frames of protocol.h as bytes: the one codec that pvlab and the agent use.
 */
#ifndef AGENT_FRAME_H
#define AGENT_FRAME_H

#include "protocol.h"

#include <stddef.h>
#include <stdint.h>

enum frame_status {
    FRAME_MORE,  /* all bytes taken, the frame is not complete yet */
    FRAME_READY, /* channel, size and payload hold a frame */
    FRAME_BAD,   /* not a header of protocol.h: the stream is lost */
};

/* Begins as all zero. */
struct frame_reader {
    uint8_t header[AGENT_HEADER_BYTES];
    size_t filled; /* of header and payload together */
    enum agent_channel channel;
    size_t size; /* of the payload; 0 is a frame too */
    uint8_t payload[AGENT_FRAME_BYTES];
};

/* The header of a frame with 'size' payload bytes, at most a frame's worth. */
void frame_header(uint8_t header[AGENT_HEADER_BYTES],
                  enum agent_channel channel, size_t size);

/*
 * Take bytes of the stream, at most up to the end of one frame.
 *
 * '*out_used' says how many were taken; call again with the rest. What a
 * FRAME_READY left in the reader is valid until the next call. After
 * FRAME_BAD every further call says so too.
 */
enum frame_status frame_read(struct frame_reader *reader, const uint8_t *bytes,
                             size_t size, size_t *out_used);

#endif /* AGENT_FRAME_H */
