/* SPDX-License-Identifier: MIT */
/*
 * bzImage to vmlinux.
 */
#include "image/unpack_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/bytes.h"
#include "image/image.h"

static bool write_file(const char *path, const uint8_t *data, size_t size,
                       char why[WHY_BYTES])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = fd >= 0;

    while (good && size) {
        ssize_t n = write(fd, data, size);

        good = n > 0;
        if (good) {
            data += n;
            size -= (size_t)n;
        }
    }
    if (!good)
        snprintf(why, WHY_BYTES, "cannot write %.300s: %s", path,
                 strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

static bool unpack(const struct image_bytes *bytes, const char *to,
                   char why[WHY_BYTES])
{
    char reason[IMAGE_WHY_BYTES];
    struct image_bytes packed;
    struct image image;
    uint8_t *data;
    size_t size;
    bool good;

    if (!image_parse(bytes->data, bytes->size, &image, reason) ||
        !image_parse_payload(bytes->data, bytes->size, &image, reason)) {
        snprintf(why, WHY_BYTES, "%s", reason);
        return false;
    }
    /* image_parse_payload() has checked where it lies. */
    packed.data = bytes->data + image.payload_offset;
    packed.size = image.payload_bytes;
    if (!image_unpack(&packed, &data, &size, reason)) {
        snprintf(why, WHY_BYTES, "%s", reason);
        return false;
    }
    good = write_file(to, data, size, why);
    free(data);
    return good;
}

bool unpack_kernel(const char *from, const char *to, char why[WHY_BYTES])
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    struct image_bytes bytes = { 0 };
    struct stat info;
    void *data = MAP_FAILED;
    bool good = false;

    if (fd >= 0 && fstat(fd, &info) == 0)
        data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
        snprintf(why, WHY_BYTES, "cannot read %.300s: %s", from,
                 strerror(errno));
    } else {
        bytes.data = data;
        bytes.size = (size_t)info.st_size;
        good = unpack(&bytes, to, why);
        munmap(data, bytes.size);
    }
    if (fd >= 0)
        close(fd);
    return good;
}
