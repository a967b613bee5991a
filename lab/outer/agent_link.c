/* SPDX-License-Identifier: MIT */
/*
 * Frames to and from the agent.
 */
#include "outer/agent_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* How long QEMU may keep us waiting for room. */
enum { SEND_LIMIT_MS = 10000 };

void agent_link_open(struct agent_link *link, int fd)
{
    *link = (struct agent_link){ .fd = fd };
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void agent_link_close(struct agent_link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

static bool send_all(struct agent_link *link, const uint8_t *bytes, size_t size)
{
    while (size && link->fd >= 0) {
        struct pollfd fd = { .fd = link->fd, .events = POLLOUT };
        ssize_t n = write(link->fd, bytes, size);

        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            if (poll(&fd, 1, SEND_LIMIT_MS) == 0)
                agent_link_close(link);
        } else {
            agent_link_close(link);
        }
    }
    return link->fd >= 0;
}

bool agent_link_send(struct agent_link *link, enum agent_channel channel,
                     const void *bytes, size_t size)
{
    uint8_t header[AGENT_HEADER_BYTES];

    frame_header(header, channel, size);
    return send_all(link, header, sizeof(header)) &&
           send_all(link, bytes, size);
}

bool agent_link_command(struct agent_link *link, const char *format, ...)
{
    char text[AGENT_FRAME_BYTES];
    va_list list;
    int size;

    va_start(list, format);
    size = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    return size >= 0 && size < (int)sizeof(text) &&
           agent_link_send(link, AGENT_CONTROL, text, (size_t)size);
}

static void fill(struct agent_link *link)
{
    ssize_t n;

    if (link->fd < 0)
        return;
    n = read(link->fd, link->bytes, sizeof(link->bytes));
    link->used = 0;
    link->filled = n > 0 ? (size_t)n : 0;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        agent_link_close(link);
}

bool agent_link_next(struct agent_link *link)
{
    enum frame_status status;
    size_t taken;

    if (link->used == link->filled)
        fill(link);
    while (link->used < link->filled) {
        status = frame_read(&link->reader, link->bytes + link->used,
                            link->filled - link->used, &taken);
        link->used += taken;
        if (status == FRAME_READY)
            return true;
        if (status == FRAME_BAD) {
            agent_link_close(link);
            return false;
        }
    }
    return false;
}
