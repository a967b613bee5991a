/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes between channels and file descriptors.
 *
 * Guest output is read only while the port has room: a guest that floods is
 * slowed down by its own full pipe, and order is kept.
 */
#include "bridge.h"

#include "port.h"
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_BYTES = 1 << 20 };

static struct bridge {
    int read_fd;
    int write_fd;
    struct queue in; /* for write_fd */
    bool dropped;    /* and it was said */
} bridges[AGENT_CHANNELS] = {
    [0 ... AGENT_CHANNELS - 1] = { .read_fd = -1, .write_fd = -1 },
};

static void set_nonblocking(int fd)
{
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void bridge_join(enum agent_channel channel, int read_fd, int write_fd)
{
    struct bridge *bridge = &bridges[channel];

    set_nonblocking(read_fd);
    set_nonblocking(write_fd);
    bridge->read_fd = read_fd;
    bridge->write_fd = write_fd;
    bridge->dropped = false;
}

bool bridge_is_open(enum agent_channel channel)
{
    return bridges[channel].read_fd >= 0;
}

void bridge_push(enum agent_channel channel, const uint8_t *bytes, size_t size)
{
    struct bridge *bridge = &bridges[channel];

    if (bridge->in.size + size <= INPUT_BYTES &&
        queue_put(&bridge->in, bytes, size))
        return;
    if (!bridge->dropped)
        port_log("channel %d takes no input: some is dropped", channel);
    bridge->dropped = true;
}

static void close_read(struct bridge *bridge)
{
    if (bridge->read_fd >= 0 && bridge->read_fd != bridge->write_fd)
        close(bridge->read_fd);
    bridge->read_fd = -1;
}

static void close_write(struct bridge *bridge)
{
    if (bridge->write_fd >= 0 && bridge->write_fd != bridge->read_fd)
        close(bridge->write_fd);
    bridge->write_fd = -1;
    queue_clear(&bridge->in);
}

void bridge_close(enum agent_channel channel)
{
    close_read(&bridges[channel]);
    close_write(&bridges[channel]);
}

void bridge_hang_up(enum agent_channel channel)
{
    struct bridge *bridge = &bridges[channel];

    if (bridge->write_fd < 0)
        return;
    if (bridge->write_fd == bridge->read_fd)
        shutdown(bridge->write_fd, SHUT_WR);
    close_write(bridge);
}

bool bridge_drain(enum agent_channel channel)
{
    struct bridge *bridge = &bridges[channel];
    static uint8_t bytes[AGENT_FRAME_BYTES];

    while (bridge->read_fd >= 0) {
        size_t room = port_room();
        ssize_t n;

        if (!room)
            return false;
        n = read(bridge->read_fd, bytes,
                 room < sizeof(bytes) ? room : sizeof(bytes));
        if (n > 0) {
            port_send(channel, bytes, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            return true;
        } else if (n == 0 || errno != EINTR) {
            /* A socket is over as a whole; a pipe still takes input. */
            if (bridge->read_fd == bridge->write_fd)
                close_write(bridge);
            close_read(bridge);
        }
    }
    return true;
}

void bridge_poll(struct pollfd *fds)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        const struct bridge *bridge = &bridges[i];

        /* Not asked for at all if unwanted: poll() always reports POLLHUP. */
        fds[2 * i] = (struct pollfd){
            .fd = port_room() ? bridge->read_fd : -1,
            .events = POLLIN,
        };
        fds[2 * i + 1] = (struct pollfd){
            .fd = bridge->in.size ? bridge->write_fd : -1,
            .events = POLLOUT,
        };
    }
}

void bridge_ready(const struct pollfd *fds)
{
    for (size_t i = 0; i < AGENT_CHANNELS; i++) {
        if (fds[2 * i + 1].revents && bridges[i].write_fd >= 0 &&
            !queue_write(&bridges[i].in, bridges[i].write_fd))
            close_write(&bridges[i]);
        if (fds[2 * i].revents)
            bridge_drain((enum agent_channel)i);
    }
}
