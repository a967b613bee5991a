/* SPDX-License-Identifier: MIT */
/*
 * Channels that are sockets of the program that runs, joined as soon as it
 * listens and again after it hung up.
 */
#ifndef AGENT_SOCKET_H
#define AGENT_SOCKET_H

#include "protocol.h"

#include <poll.h>

/* Where the sockets of protocol.h live. */
#define SOCKET_FOLDER "/run/pvlab"

/* Make the folder and watch it. */
void socket_setup(void);

/* Connected to a path in SOCKET_FOLDER, or -1 with errno. */
int socket_connect(const char *path);

/* From now on join 'channel' to the socket 'path'. */
void socket_want(enum agent_channel channel, const char *path);

/* Nothing is wanted any more; closes the channels and removes the sockets. */
void socket_forget(void);

/*
 * Fill in what to wait for; returns poll()'s timeout in milliseconds. After
 * poll(), join what can be joined.
 */
int socket_poll(struct pollfd *fd);
void socket_ready(const struct pollfd *fd);

#endif /* AGENT_SOCKET_H */
