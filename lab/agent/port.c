/* SPDX-License-Identifier: MIT */
/*
 * The virtio-serial port.
 *
 * Source: Linux Documentation/ABI/testing/sysfs-class, /sys/class/virtio-ports
 *         (name); drivers/char/virtio_console.c for what read() and poll() say
 *         when the host side is closed: 0 bytes, POLLHUP.
 */
#include "port.h"

#include "queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

enum {
    GUEST_OUTPUT_BYTES = 4 * AGENT_FRAME_BYTES, /* queued at most */
    QUEUE_BYTES = 8 << 20, /* pvlab asks and never reads: something is wrong */
    LINE_BYTES = 1024,
};

static int port = -1;
static struct queue out;
static struct frame_reader reader;

__attribute__((noreturn)) static void power_off(void)
{
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

void port_fatal(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);

    dprintf(STDERR_FILENO, "pvlab agent: %s\n", line);
    power_off();
}

void port_send(enum agent_channel channel, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;

    do {
        size_t take = size < AGENT_FRAME_BYTES ? size : AGENT_FRAME_BYTES;
        uint8_t header[AGENT_HEADER_BYTES];

        frame_header(header, channel, take);
        if (out.size > QUEUE_BYTES ||
            !queue_put(&out, header, sizeof(header)) ||
            !queue_put(&out, from, take))
            port_fatal("pvlab does not read: %zu bytes wait", out.size);
        from += take;
        size -= take;
    } while (size);
}

size_t port_room(void)
{
    return out.size < GUEST_OUTPUT_BYTES ? GUEST_OUTPUT_BYTES - out.size : 0;
}

void port_answer(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);

    port_send(AGENT_CONTROL, line,
              n < LINE_BYTES ? (size_t)n : sizeof(line) - 1);
}

void port_log(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);

    if (n > LINE_BYTES - 2)
        n = LINE_BYTES - 2;
    line[n] = '\n';
    port_send(AGENT_LOG, line, (size_t)n + 1);
}

/* "/dev/vport0p1" for the port named AGENT_PORT; no udev makes links here. */
static bool find(char *path, size_t size)
{
    DIR *class = opendir("/sys/class/virtio-ports");
    bool found = false;
    struct dirent *entry;

    while (class && !found && (entry = readdir(class))) {
        char name[sizeof(AGENT_PORT "\n")] = "";
        char file[300];
        int fd;

        snprintf(file, sizeof(file), "/sys/class/virtio-ports/%s/name",
                 entry->d_name);
        fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        found = read(fd, name, sizeof(name)) == sizeof(name) - 1 &&
                !strcmp(name, AGENT_PORT "\n");
        close(fd);
        snprintf(path, size, "/dev/%s", entry->d_name);
    }

    if (class)
        closedir(class);
    return found;
}

static bool host_is_there(void)
{
    struct pollfd fd = { .fd = port };

    return poll(&fd, 1, 0) == 0 || !(fd.revents & POLLHUP);
}

/*
 * The name arrives by a control message of the device, a moment after the
 * driver is loaded; that pvlab's side is open, by the next message.
 */
void port_open(void)
{
    enum { STEP_MS = 2, STEPS = 5000 };
    char path[300];

    for (int i = 0; i < STEPS; i++) {
        if (port < 0 && find(path, sizeof(path))) {
            port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
            if (port < 0)
                port_fatal("%s: %s", path, strerror(errno));
        }
        if (port >= 0 && host_is_there())
            return;
        poll(NULL, 0, STEP_MS);
    }
    port_fatal(port < 0 ? "no virtio-serial port is named %s"
                        : "pvlab has not opened port %s",
               AGENT_PORT);
}

void port_poll(struct pollfd *fd)
{
    fd->fd = port;
    fd->events = POLLIN;
    if (out.size)
        fd->events |= POLLOUT;
}

static void receive(void (*take)(enum agent_channel, const uint8_t *, size_t))
{
    static uint8_t bytes[AGENT_HEADER_BYTES + AGENT_FRAME_BYTES];
    ssize_t n = read(port, bytes, sizeof(bytes));
    size_t done = 0;

    if (n == 0)
        power_off(); /* pvlab has gone */
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            port_fatal("reading from pvlab: %s", strerror(errno));
        return;
    }

    while (done < (size_t)n) {
        size_t used;

        switch (frame_read(&reader, bytes + done, (size_t)n - done, &used)) {
        case FRAME_BAD:
            port_fatal("bad frame from pvlab: header %02x %02x %02x %02x",
                       reader.header[0], reader.header[1], reader.header[2],
                       reader.header[3]);
        case FRAME_READY:
            take(reader.channel, reader.payload, reader.size);
            break;
        case FRAME_MORE:
            break;
        }
        done += used;
    }
}

void port_ready(const struct pollfd *fd,
                void (*take)(enum agent_channel channel, const uint8_t *bytes,
                             size_t size))
{
    if (fd->revents & (POLLIN | POLLHUP | POLLERR))
        receive(take);
    if (out.size && !queue_write(&out, port))
        port_fatal("writing to pvlab: %s", strerror(errno));
}
