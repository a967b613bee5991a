/* SPDX-License-Identifier: MIT */
/*
 * Frames become events; gdb's bytes are handed through.
 */
#include "outer/guest_nested.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/now.h"
#include "base/stop.h"

static struct guest_nested *nested_of(struct guest *guest)
{
    return (struct guest_nested *)guest;
}

static size_t fds(struct guest *guest, struct pollfd *out_fds)
{
    struct guest_nested *nested = nested_of(guest);
    const int list[] = { nested->link->fd, nested->outer->pidfd,
                         nested->gdb < 0 ? nested->gdb_listen : nested->gdb };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i] >= 0)
            out_fds[count++] =
                (struct pollfd){ .fd = list[i], .events = POLLIN };
    }
    return count;
}

static void close_gdb(struct guest_nested *nested)
{
    if (nested->gdb >= 0)
        close(nested->gdb);
    nested->gdb = -1;
}

static void gdb_step(struct guest_nested *nested)
{
    uint8_t bytes[4096];
    ssize_t n;

    if (nested->gdb < 0 && nested->gdb_listen >= 0)
        nested->gdb = accept4(nested->gdb_listen, NULL, NULL,
                              SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (nested->gdb < 0)
        return;
    n = read(nested->gdb, bytes, sizeof(bytes));
    if (n > 0)
        agent_link_send(nested->link, AGENT_GDB, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_gdb(nested);
}

/*
 * gdb reads what it asked for; what does not fit at once is waited for. A gdb
 * that does not read is let go: the guest's other streams go through here too.
 */
static void to_gdb(struct guest_nested *nested, const uint8_t *bytes,
                   size_t size)
{
    enum { PATIENCE_S = 2, STEP_MS = 100 };
    double end = now_s() + PATIENCE_S;

    while (size && nested->gdb >= 0) {
        ssize_t n = write(nested->gdb, bytes, size);
        struct pollfd fd = { .fd = nested->gdb, .events = POLLOUT };

        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
            end = now_s() + PATIENCE_S;
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR) &&
                   now_s() < end && !stop_requested()) {
            poll(&fd, 1, STEP_MS);
        } else {
            close_gdb(nested);
        }
    }
}

static void emit(struct guest_event *event, enum guest_event_kind kind,
                 const uint8_t *bytes, size_t size)
{
    event->kind = kind;
    event->size = size;
    memcpy(event->bytes, bytes, size);
    event->bytes[size] = 0;
}

static void control(struct guest_nested *nested, struct guest_event *event)
{
    const struct frame_reader *frame = &nested->link->reader;
    const char *text = (const char *)frame->payload;

    if (frame->size == 7 && !memcmp(text, "started", 7)) {
        emit(event, GUEST_STARTED, frame->payload, 0);
    } else if (frame->size > 7 && !memcmp(text, "failed ", 7)) {
        nested->running = false;
        emit(event, GUEST_FAILED, frame->payload + 7, frame->size - 7);
    } else if (frame->size > 6 && !memcmp(text, "ended ", 6)) {
        nested->running = false;
        emit(event, GUEST_ENDED, frame->payload + 6, frame->size - 6);
    }
}

static void take(struct guest_nested *nested, struct guest_event *event)
{
    const struct frame_reader *frame = &nested->link->reader;

    switch (frame->channel) {
    case AGENT_CONTROL:
        control(nested, event);
        break;
    case AGENT_CONSOLE:
        emit(event, GUEST_CONSOLE, frame->payload, frame->size);
        break;
    case AGENT_MONITOR:
        emit(event, GUEST_MONITOR, frame->payload, frame->size);
        break;
    case AGENT_GDB:
        to_gdb(nested, frame->payload, frame->size);
        break;
    case AGENT_LOG:
        emit(event, GUEST_LOG, frame->payload, frame->size);
        break;
    case AGENT_CHANNELS:
        break;
    }
}

static bool outer_ended(const struct guest_nested *nested)
{
    struct pollfd fd = { .fd = nested->outer->pidfd, .events = POLLIN };

    return poll(&fd, 1, 0) > 0;
}

/* With what its QEMU said last, if it said anything. */
static void tell_loss(struct guest_nested *nested, struct guest_event *event)
{
    char said[4096];
    ssize_t n = read(nested->outer->error, said, sizeof(said) - 1);
    char *line = said;

    while (n > 0 && (said[n - 1] == '\n' || said[n - 1] == '\r'))
        n--;
    said[n < 0 ? 0 : n] = '\0';
    if (strrchr(said, '\n'))
        line = strrchr(said, '\n') + 1;
    nested->asserted = strstr(line, "assertion failed");
    event->kind = GUEST_FAILED;
    event->size = (size_t)snprintf((char *)event->bytes, 512,
                                   "the outer system ended%s%.400s",
                                   *line ? ": " : "", line);
}

static void next(struct guest *guest, struct guest_event *out_event)
{
    struct guest_nested *nested = nested_of(guest);
    bool over = outer_ended(nested);

    out_event->kind = GUEST_NOTHING;
    gdb_step(nested);
    while (out_event->kind == GUEST_NOTHING && agent_link_next(nested->link))
        take(nested, out_event);
    if (out_event->kind == GUEST_NOTHING && !nested->lost &&
        (over || nested->link->fd < 0)) {
        nested->lost = true;
        nested->running = false;
        agent_link_close(nested->link);
        tell_loss(nested, out_event);
    }
}

static size_t type(struct guest *guest, const uint8_t *bytes, size_t size)
{
    struct guest_nested *nested = nested_of(guest);

    return agent_link_send(nested->link, AGENT_CONSOLE, bytes, size) ? size : 0;
}

static void command(struct guest *guest, const char *text)
{
    agent_link_send(nested_of(guest)->link, AGENT_MONITOR, text, strlen(text));
}

/* The next guest must not meet this one: wait until the agent says so. */
static void stop(struct guest *guest)
{
    enum { LIMIT_S = 15 };
    static struct guest_event event;
    struct guest_nested *nested = nested_of(guest);
    double end = now_s() + LIMIT_S;

    if (nested->running)
        agent_link_command(nested->link, "kill");
    while (nested->running && nested->link->fd >= 0) {
        struct pollfd fd = { .fd = nested->link->fd, .events = POLLIN };

        next(guest, &event);
        /* Also while the guest floods the link. */
        if (now_s() >= end || stop_requested())
            agent_link_close(nested->link);
        else if (event.kind == GUEST_NOTHING)
            poll(&fd, 1, 200);
    }
    close_gdb(nested);
    if (nested->gdb_listen >= 0)
        close(nested->gdb_listen);
    nested->gdb_listen = -1;
}

static const struct guest_ops ops = {
    .fds = fds,
    .next = next,
    .type = type,
    .command = command,
    .stop = stop,
};

static int listen_on(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
        listen(fd, 1)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool guest_nested_setup(struct guest_nested *nested, struct agent_link *link,
                        const struct child *outer, unsigned gdb_port)
{
    *nested = (struct guest_nested){
        .guest = { .ops = &ops, .announces = true },
        .link = link,
        .running = true,
        .gdb_listen = -1,
        .gdb = -1,
        .outer = outer,
    };
    if (gdb_port)
        nested->gdb_listen = listen_on(gdb_port);
    return !gdb_port || nested->gdb_listen >= 0;
}
