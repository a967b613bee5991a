/* SPDX-License-Identifier: MIT */
/*
 * The line to pvlab: the virtio-serial port and what waits to go out on it.
 *
 * Everything that the agent has to say is queued here first, in order, before
 * the port is open as well.
 */
#ifndef AGENT_PORT_H
#define AGENT_PORT_H

#include "frame.h"

#include <poll.h>

/* Open the port named AGENT_PORT; there is no way on without it. */
void port_open(void);

/* Queue one frame, or several if 'size' is more than a frame holds. */
void port_send(enum agent_channel channel, const void *bytes, size_t size);

/*
 * How many bytes of guest output may be queued now. A guest that floods its
 * console waits for pvlab to read; answers and log lines never wait.
 */
size_t port_room(void);

/* Queue a control frame: text without a newline. */
__attribute__((format(printf, 1, 2))) void port_answer(const char *format, ...);

/* Queue one line of diagnostics; the newline is added. */
__attribute__((format(printf, 1, 2))) void port_log(const char *format, ...);

/* One line on the outer system's console, then power off. */
__attribute__((noreturn, format(printf, 1, 2))) void
port_fatal(const char *format, ...);

/* Fill in what to wait for. */
void port_poll(struct pollfd *fd);

/* After poll(): move bytes; complete frames go to 'take'. */
void port_ready(const struct pollfd *fd,
                void (*take)(enum agent_channel channel, const uint8_t *bytes,
                             size_t size));

#endif /* AGENT_PORT_H */
