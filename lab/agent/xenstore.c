/* SPDX-License-Identifier: MIT */
/*
 * One question, one answer, one connection.
 *
 * Source: Xen docs/misc/xenstore.txt and xen/include/public/io/xs_wire.h,
 *         struct xsd_sockmsg, XS_READ, XS_ERROR.
 */
#include "xenstore.h"

#include "socket.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define XENSTORE_SOCKET "/run/xenstored/socket"

enum { XS_READ = 2 };

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

bool xenstore_read(const char *path, char *value, size_t size)
{
    size_t path_size = strlen(path) + 1;
    struct xsd_sockmsg ask = { .type = XS_READ, .len = (uint32_t)path_size };
    struct xsd_sockmsg answer;
    int fd = socket_connect(XENSTORE_SOCKET);
    bool ok;

    if (fd < 0)
        return false;

    ok = write(fd, &ask, sizeof(ask)) == (ssize_t)sizeof(ask) &&
         write(fd, path, path_size) == (ssize_t)path_size &&
         read_all(fd, &answer, sizeof(answer)) && answer.type == XS_READ &&
         answer.len < size && read_all(fd, value, answer.len);
    if (ok)
        value[answer.len] = '\0';
    close(fd);
    return ok;
}
