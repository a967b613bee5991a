/* SPDX-License-Identifier: MIT */
/*
 * pvlab's end of the stream to the agent (agent/protocol.h).
 */
#ifndef LAB_OUTER_AGENT_LINK_H
#define LAB_OUTER_AGENT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/frame.h"

struct agent_link {
    int fd; /* non-blocking; -1: lost */
    struct frame_reader reader;
    uint8_t bytes[1 << 15]; /* read, not yet taken apart */
    size_t used, filled;
};

void agent_link_open(struct agent_link *link, int fd);
void agent_link_close(struct agent_link *link);

/* One frame on its way; false, and the link lost, if the agent is gone. */
bool agent_link_send(struct agent_link *link, enum agent_channel channel,
                     const void *bytes, size_t size);

/* A control frame. */
__attribute__((format(printf, 2, 3))) bool
agent_link_command(struct agent_link *link, const char *format, ...);

/*
 * The next frame, without waiting: it lies in link->reader. False if there
 * is none yet, or the link is lost.
 */
bool agent_link_next(struct agent_link *link);

#endif /* LAB_OUTER_AGENT_LINK_H */
