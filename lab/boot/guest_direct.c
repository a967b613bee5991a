/* SPDX-License-Identifier: MIT */
/*
 * Pipes and a socket of one child, as a guest's streams.
 */
#include "boot/guest_direct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct guest_direct *direct_of(struct guest *guest)
{
    return (struct guest_direct *)guest;
}

static size_t fds(struct guest *guest, struct pollfd *out_fds)
{
    struct guest_direct *direct = direct_of(guest);
    const int list[] = { direct->child.out, direct->child.error,
                         direct->monitor,
                         direct->follow ? direct->ticker : direct->console,
                         direct->child.pidfd };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i] >= 0)
            out_fds[count++] =
                (struct pollfd){ .fd = list[i], .events = POLLIN };
    }
    return count;
}

/* At the end of a file that grows: was it begun anew meanwhile? */
static bool begun_anew(int *fd, const char *path)
{
    struct stat ours, there;
    off_t at = lseek(*fd, 0, SEEK_CUR);
    int other;

    if (fstat(*fd, &ours))
        return false;
    if (ours.st_size < at)
        return lseek(*fd, 0, SEEK_SET) == 0;
    if (stat(path, &there) || !S_ISREG(there.st_mode) ||
        (ours.st_dev == there.st_dev && ours.st_ino == there.st_ino))
        return false;
    other = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (other < 0)
        return false;
    close(*fd);
    *fd = other;
    return true;
}

/* True if there was something; at its end the descriptor is closed. */
static bool drain(int *fd, enum guest_event_kind kind, const char *follow,
                  struct guest_event *out_event)
{
    ssize_t n;

    if (*fd < 0)
        return false;
    n = read(*fd, out_event->bytes, sizeof(out_event->bytes) - 1);
    if (n == 0 && follow && begun_anew(fd, follow))
        n = read(*fd, out_event->bytes, sizeof(out_event->bytes) - 1);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n == 0 && follow)
        return false;
    if (n <= 0) {
        close(*fd);
        *fd = -1;
        return false;
    }
    out_event->kind = kind;
    out_event->size = (size_t)n;
    out_event->bytes[n] = 0;
    return true;
}

static bool ended(const struct guest_direct *direct)
{
    struct pollfd fd = { .fd = direct->child.pidfd, .events = POLLIN };

    return direct->child.pid && poll(&fd, 1, 0) > 0;
}

static void next(struct guest *guest, struct guest_event *out_event)
{
    struct guest_direct *direct = direct_of(guest);
    /* Asked first: what was written before the end is then still read. */
    bool over = ended(direct);
    int status;

    uint64_t ticks;

    if (direct->ticker >= 0 &&
        read(direct->ticker, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
        direct->follow = NULL;
    if (drain(&direct->monitor, GUEST_MONITOR, NULL, out_event) ||
        drain(&direct->child.out,
              direct->console < 0 ? GUEST_CONSOLE : GUEST_LOG, NULL,
              out_event) ||
        drain(&direct->console, GUEST_CONSOLE, direct->follow, out_event) ||
        drain(&direct->child.error, GUEST_LOG, NULL, out_event))
        return;
    out_event->kind = GUEST_NOTHING;
    out_event->size = 0;
    if (!over || direct->over)
        return;
    direct->over = true;
    status = child_reap(&direct->child);
    out_event->kind = GUEST_ENDED;
    out_event->size = (size_t)snprintf(
        (char *)out_event->bytes, sizeof(out_event->bytes), "%s %d",
        status > 128 ? "signal" : "exit", status > 128 ? status - 128 : status);
}

static size_t type(struct guest *guest, const uint8_t *bytes, size_t size)
{
    struct guest_direct *direct = direct_of(guest);
    int fd = direct->console >= 0 ? direct->console : direct->child.in;
    ssize_t n = fd < 0 ? -1 : write(fd, bytes, size);

    return n > 0 ? (size_t)n : 0;
}

static void command(struct guest *guest, const char *text)
{
    struct guest_direct *direct = direct_of(guest);

    if (direct->monitor >= 0 &&
        write(direct->monitor, text, strlen(text)) < 0) {
        close(direct->monitor);
        direct->monitor = -1;
    }
}

static void stop(struct guest *guest)
{
    struct guest_direct *direct = direct_of(guest);

    child_stop(&direct->child);
    if (direct->monitor >= 0)
        close(direct->monitor);
    if (direct->console >= 0)
        close(direct->console);
    if (direct->ticker >= 0)
        close(direct->ticker);
    direct->monitor = -1;
    direct->console = -1;
    direct->ticker = -1;
    direct->over = true;
}

static const struct guest_ops ops = {
    .fds = fds,
    .next = next,
    .type = type,
    .command = command,
    .stop = stop,
};

static void unblock(int fd)
{
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool guest_direct_start(struct guest_direct *direct, char *const argv[],
                        const int *monitor_fds, int terminal)
{
    *direct = (struct guest_direct){
        .guest = { .ops = &ops },
        .monitor = monitor_fds ? monitor_fds[0] : -1,
        .console = -1,
        .ticker = -1,
    };
    if (!child_start(&direct->child, argv, terminal,
                     monitor_fds ? &monitor_fds[1] : NULL, monitor_fds ? 1 : 0))
        return false;
    unblock(direct->child.in);
    unblock(direct->child.out);
    unblock(direct->child.error);
    unblock(direct->monitor);
    return true;
}

void guest_direct_console(struct guest_direct *direct, int fd,
                          const char *follow)
{
    static const struct itimerspec often = { { 0, 10000000 }, { 0, 10000000 } };

    unblock(fd);
    direct->console = fd;
    direct->follow = follow;
    if (!follow)
        return;
    direct->ticker =
        timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    timerfd_settime(direct->ticker, 0, &often, NULL);
}
