/* SPDX-License-Identifier: MIT */
/*
 * One question, one answer, one connection; a watch keeps its own.
 *
 * Source: Xen docs/misc/xenstore.txt and xen/include/public/io/xs_wire.h,
 *         struct xsd_sockmsg, enum xsd_sockmsg_type, XENSTORE_PAYLOAD_MAX.
 */
#include "xenstore.h"

#include "socket.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define XENSTORE_SOCKET "/run/xenstored/socket"

enum { XS_READ = 2, XS_WATCH = 4, XS_WRITE = 11, XS_WATCH_EVENT = 15 };
enum { XENSTORE_PAYLOAD_MAX = 4096 };

struct xsd_sockmsg {
    uint32_t type;
    uint32_t req_id;
    uint32_t tx_id;
    uint32_t len; /* of what follows */
};

bool xenstore_is_up(void)
{
    int fd = socket_connect(XENSTORE_SOCKET);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool read_all(int fd, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, (char *)bytes + done, size - done);

        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return true;
}

/* The payload is a path with its NUL, then 'rest'. */
static bool ask(int fd, uint32_t type, const char *path, const char *rest,
                size_t rest_size)
{
    char message[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    size_t path_size = strlen(path) + 1;
    struct xsd_sockmsg head = {
        .type = type,
        .len = (uint32_t)(path_size + rest_size),
    };
    size_t size = sizeof(head) + head.len;

    if (fd < 0 || head.len > XENSTORE_PAYLOAD_MAX)
        return false;
    memcpy(message, &head, sizeof(head));
    memcpy(message + sizeof(head), path, path_size);
    if (rest_size)
        memcpy(message + sizeof(head) + path_size, rest, rest_size);
    return write(fd, message, size) == (ssize_t)size;
}

/* One message of the wanted type; an error from the daemon is another. */
static bool take(int fd, uint32_t type, char *value, size_t size)
{
    struct xsd_sockmsg head;

    if (!read_all(fd, &head, sizeof(head)) || head.type != type ||
        head.len >= size || !read_all(fd, value, head.len))
        return false;
    value[head.len] = '\0';
    return true;
}

bool xenstore_read(const char *path, char *value, size_t size)
{
    int fd = socket_connect(XENSTORE_SOCKET);
    bool ok = ask(fd, XS_READ, path, NULL, 0) && take(fd, XS_READ, value, size);

    if (fd >= 0)
        close(fd);
    return ok;
}

bool xenstore_write(const char *path, const char *value)
{
    char answer[XENSTORE_PAYLOAD_MAX + 1];
    int fd = socket_connect(XENSTORE_SOCKET);
    bool ok = ask(fd, XS_WRITE, path, value, strlen(value)) &&
              take(fd, XS_WRITE, answer, sizeof(answer));

    if (fd >= 0)
        close(fd);
    return ok;
}

int xenstore_watch(const char *path)
{
    static const char token[] = "pvlab"; /* NUL included */
    char answer[XENSTORE_PAYLOAD_MAX + 1];
    int fd = socket_connect(XENSTORE_SOCKET);

    if (ask(fd, XS_WATCH, path, token, sizeof(token)) &&
        take(fd, XS_WATCH, answer, sizeof(answer)))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool xenstore_event(int fd, char *path, size_t size)
{
    return take(fd, XS_WATCH_EVENT, path, size);
}
