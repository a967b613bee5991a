/* SPDX-License-Identifier: MIT */
/*
 * The console ring is read here and not by xenconsoled, because that one
 * limits how often it looks at a guest, and nobody can tell when its terminal
 * has passed on the last byte.
 *
 * A process of its own: it may block, and a grant mapping is not inherited.
 *
 * Source: Xen xen/include/public/io/console.h (struct xencons_interface),
 *         grant_table.h (GNTTAB_RESERVED_CONSOLE); Linux's uapi headers
 *         xen/gntdev.h, xen/evtchn.h.
 */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The uapi headers use these and do not define them. */
typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#include <xen/evtchn.h>
#include <xen/gntdev.h>

enum { GNTTAB_RESERVED_CONSOLE = 0, PAGE_BYTES = 4096 };

struct xencons_interface {
    char in[1024];
    char out[2048];
    uint32_t in_cons, in_prod;
    uint32_t out_cons, out_prod;
};

_Static_assert(offsetof(struct xencons_interface, out_prod) == 3084,
               "layout of xen/include/public/io/console.h");

static struct xencons_interface *ring;
static int events = -1;
static uint32_t local_port;

static int map_ring(unsigned domid)
{
    struct ioctl_gntdev_map_grant_ref map = {
        .count = 1,
        .refs = { { .domid = (domid_t)domid, .ref = GNTTAB_RESERVED_CONSOLE } },
    };
    int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, &map))
        return errno;
    ring = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                (off_t)map.index);
    return ring == MAP_FAILED ? errno : 0;
}

static int bind_events(unsigned domid, unsigned port)
{
    struct ioctl_evtchn_bind_interdomain bind = {
        .remote_domain = domid,
        .remote_port = port,
    };
    int n;

    events = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
    if (events < 0)
        return errno;
    n = ioctl(events, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);
    if (n < 0)
        return errno;
    local_port = (uint32_t)n;
    return 0;
}

/* If the domain is gone nobody listens: no error. */
static void notify(void)
{
    struct ioctl_evtchn_notify arg = { .port = local_port };

    if (ioctl(events, IOCTL_EVTCHN_NOTIFY, &arg))
        return;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/*
 * Pass on all guest output; false if the socket is broken.
 *
 * The indices run freely; the guest owns out_prod and may write anything
 * there. The acquire pairs with the guest's barrier between its bytes and
 * out_prod; the release keeps our reads before the guest sees the room.
 */
static bool pass_output(int fd)
{
    for (;;) {
        uint32_t cons = ring->out_cons;
        uint32_t prod = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);
        uint32_t size = prod - cons;
        char bytes[sizeof(ring->out)];

        if (!size || size > sizeof(bytes))
            return true;
        for (uint32_t i = 0; i < size; i++)
            bytes[i] = ring->out[(cons + i) & (sizeof(bytes) - 1)];
        __atomic_store_n(&ring->out_cons, prod, __ATOMIC_RELEASE);
        notify();

        if (!write_all(fd, bytes, size))
            return false;
    }
}

static uint32_t input_room(void)
{
    uint32_t cons = __atomic_load_n(&ring->in_cons, __ATOMIC_ACQUIRE);
    uint32_t used = ring->in_prod - cons;

    return used < sizeof(ring->in) ? (uint32_t)sizeof(ring->in) - used : 0;
}

/* False at end of file. */
static bool take_input(int fd)
{
    char bytes[sizeof(ring->in)];
    uint32_t prod = ring->in_prod;
    ssize_t n = read(fd, bytes, input_room());

    if (n < 0)
        return errno == EINTR;
    if (n == 0)
        return false;
    for (uint32_t i = 0; i < (uint32_t)n; i++)
        ring->in[(prod + i) & (sizeof(bytes) - 1)] = bytes[i];
    __atomic_store_n(&ring->in_prod, prod + (uint32_t)n, __ATOMIC_RELEASE);
    notify();
    return true;
}

/* An event stays masked from read() to write(): looked at afterwards. */
static void unmask(void)
{
    uint32_t port;

    if (read(events, &port, sizeof(port)) == (ssize_t)sizeof(port) &&
        write(events, &port, sizeof(port)) < 0)
        return;
}

static void relay(int fd)
{
    while (pass_output(fd)) {
        struct pollfd fds[2] = {
            { .fd = events, .events = POLLIN },
            { .fd = input_room() ? fd : -1, .events = POLLIN },
        };

        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents & POLLIN)
            unmask();
        if (fds[1].revents && !take_input(fd)) {
            pass_output(fd);
            return;
        }
    }
}

/* Child and parent agree by one int on the socket: errno, or 0. */
static void child(unsigned domid, unsigned port, int fd)
{
    int error = map_ring(domid);

    if (!error)
        error = bind_events(domid, port);
    if (write(fd, &error, sizeof(error)) == (ssize_t)sizeof(error) && !error)
        relay(fd);
    _exit(0);
}

pid_t ring_relay(unsigned domid, unsigned port, int *out_socket)
{
    int pair[2];
    int error = EIO;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    pid = fork();
    if (pid == 0) {
        close(pair[0]);
        child(domid, port, pair[1]);
    }
    close(pair[1]);

    if (pid < 0 || read(pair[0], &error, sizeof(error)) < 0 || error) {
        close(pair[0]);
        errno = error;
        return -1;
    }
    *out_socket = pair[0];
    return pid;
}
