/* SPDX-License-Identifier: MIT */
/*
 * Connects to sockets that appear later.
 *
 * inotify says when a socket's name appears. Between that and listen() a
 * connection is refused: it is tried again after RETRY_MS. A socket that never
 * appears costs nothing.
 */
#include "socket.h"

#include "bridge.h"
#include "port.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RETRY_MS = 10 };

static const char *wanted[AGENT_CHANNELS]; /* paths; NULL: none */

static int watch = -1;
static bool retry; /* something refused */

void socket_setup(void)
{
    if (mkdir(SOCKET_FOLDER, 0700) && errno != EEXIST)
        port_fatal(SOCKET_FOLDER ": %s", strerror(errno));

    watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch < 0 || inotify_add_watch(watch, SOCKET_FOLDER, IN_CREATE) < 0)
        port_fatal("watching " SOCKET_FOLDER ": %s", strerror(errno));
}

int socket_connect(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void join_all(void)
{
    retry = false;
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        int fd;

        if (!wanted[i] || bridge_is_open((enum agent_channel)i))
            continue;

        fd = socket_connect(wanted[i]);
        if (fd >= 0)
            bridge_join((enum agent_channel)i, fd, fd);
        else if (errno == ECONNREFUSED)
            retry = true;
    }
}

void socket_want(enum agent_channel channel, const char *path)
{
    wanted[channel] = path;
    join_all();
}

void socket_forget(void)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        if (!wanted[i])
            continue;
        bridge_close((enum agent_channel)i);
        unlink(wanted[i]);
        wanted[i] = NULL;
    }
    retry = false;
}

int socket_poll(struct pollfd *fd)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        /* It hung up: the name is still there, so nothing would wake us. */
        if (wanted[i] && !bridge_is_open((enum agent_channel)i) &&
            !access(wanted[i], F_OK))
            retry = true;
    }

    *fd = (struct pollfd){ .fd = watch, .events = POLLIN };
    return retry ? RETRY_MS : -1;
}

void socket_ready(const struct pollfd *fd)
{
    char events[4096];

    if (!fd->revents && !retry)
        return;
    while (read(watch, events, sizeof(events)) > 0) {
        /* Which name does not matter: all are tried. */
    }
    join_all();
}
