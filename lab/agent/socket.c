/* SPDX-License-Identifier: MIT */
/*
 * Connects to sockets that appear later.
 *
 * inotify says when a socket's name appears. Between that and listen() a
 * connection is refused, and TCP ports have no name: those are tried again
 * every RETRY_MS. A socket that never appears costs nothing.
 */
#include "socket.h"

#include "bridge.h"
#include "port.h"

#include <arpa/inet.h>
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

static struct wanted {
    const char *path;    /* NULL: not a path */
    unsigned short port; /* 0: not TCP */
} wanted[AGENT_CHANNELS];

static int watch = -1;
static bool retry; /* something refused, or has no name to watch */

void socket_setup(void)
{
    if (mkdir(SOCKET_FOLDER, 0700) && errno != EEXIST)
        port_fatal(SOCKET_FOLDER ": %s", strerror(errno));

    watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch < 0 || inotify_add_watch(watch, SOCKET_FOLDER, IN_CREATE) < 0)
        port_fatal("watching " SOCKET_FOLDER ": %s", strerror(errno));
}

static int connect_to(const void *address, socklen_t size, int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, address, size)) {
        int error = errno;

        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

int socket_connect(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return connect_to(&address, sizeof(address), AF_UNIX);
}

static int connect_tcp(unsigned short port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    return connect_to(&address, sizeof(address), AF_INET);
}

static void join_all(void)
{
    retry = false;
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        const struct wanted *want = &wanted[i];
        int fd;

        if ((!want->path && !want->port) ||
            bridge_is_open((enum agent_channel)i))
            continue;

        fd = want->path ? socket_connect(want->path) : connect_tcp(want->port);
        if (fd >= 0)
            bridge_join((enum agent_channel)i, fd, fd);
        else if (want->port || errno == ECONNREFUSED)
            retry = true;
    }
}

void socket_want(enum agent_channel channel, const char *path)
{
    wanted[channel] = (struct wanted){ .path = path };
    join_all();
}

void socket_want_tcp(enum agent_channel channel, unsigned short port)
{
    wanted[channel] = (struct wanted){ .port = port };
    join_all();
}

void socket_forget(void)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        if (!wanted[i].path && !wanted[i].port)
            continue;
        bridge_close((enum agent_channel)i);
        if (wanted[i].path)
            unlink(wanted[i].path);
        wanted[i] = (struct wanted){ 0 };
    }
    retry = false;
}

int socket_poll(struct pollfd *fd)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        /* It hung up: the name is still there, so nothing would wake us. */
        if ((wanted[i].path || wanted[i].port) &&
            !bridge_is_open((enum agent_channel)i) &&
            (wanted[i].port || !access(wanted[i].path, F_OK)))
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
