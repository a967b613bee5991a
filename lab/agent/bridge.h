/* SPDX-License-Identifier: MIT */
/*
 * Channels joined to file descriptors: the guest's console, the monitor and
 * gdb sockets, diagnostics.
 */
#ifndef AGENT_BRIDGE_H
#define AGENT_BRIDGE_H

#include "protocol.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BRIDGE_FDS = 2 * AGENT_CHANNELS };

/*
 * Join 'channel' to a descriptor that is read and one that is written; they
 * may be the same, or -1 for none. Owns them from here on.
 */
void bridge_join(enum agent_channel channel, int read_fd, int write_fd);

/* True while there is something to read from. */
bool bridge_is_open(enum agent_channel channel);

/*
 * Bytes from pvlab. They wait if nothing is joined yet or it does not take
 * them; what exceeds a bound is dropped with a log line, so that a guest that
 * reads nothing cannot hold up "kill".
 */
void bridge_push(enum agent_channel channel, const uint8_t *bytes, size_t size);

/*
 * Pass on what can be read now. True if nothing is left: all that was written
 * before this call has been queued for pvlab.
 */
bool bridge_drain(enum agent_channel channel);

/* No more input for what is joined: its writing descriptor is shut down. */
void bridge_hang_up(enum agent_channel channel);

/* Close the channel's descriptors and forget what waits. */
void bridge_close(enum agent_channel channel);

/* Fill in BRIDGE_FDS entries; after poll(), move bytes. */
void bridge_poll(struct pollfd *fds);
void bridge_ready(const struct pollfd *fds);

#endif /* AGENT_BRIDGE_H */
