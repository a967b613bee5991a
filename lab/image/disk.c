/* SPDX-License-Identifier: MIT */
/*
 * The header of a qcow2.
 *
 * Source: QEMU 7.2 docs/interop/qcow2.txt, "Header".
 */
#include "image/disk.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    QCOW2_BACKING_FILE_OFFSET = 8,
    QCOW2_INCOMPATIBLE_FEATURES = 72, /* from version 3 on */
    QCOW2_HEADER_BYTES = 80,
    QCOW2_EXTERNAL_DATA = 1 << 2,
};

/* The header's first bytes, the rest zero; false: it is no qcow2. */
static bool read_header(const char *file, uint8_t header[QCOW2_HEADER_BYTES])
{
    /* Nothing is waited for, should it be a pipe. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = -1;

    memset(header, 0, QCOW2_HEADER_BYTES);
    if (fd >= 0) {
        n = read(fd, header, QCOW2_HEADER_BYTES);
        close(fd);
    }
    return n >= 4 && !memcmp(header, "QFI\xfb", 4);
}

const char *disk_format(const char *file)
{
    uint8_t header[QCOW2_HEADER_BYTES];

    return read_header(file, header) ? "qcow2" : "raw";
}

bool disk_alone(const char *file, char why[WHY_BYTES])
{
    uint8_t header[QCOW2_HEADER_BYTES];
    bool backing = false;

    if (!read_header(file, header))
        return true;
    for (int i = 0; i < 8; i++)
        backing = backing || header[QCOW2_BACKING_FILE_OFFSET + i];
    /* Big endian: the lowest bits are in the last byte. */
    if (!backing &&
        !(header[QCOW2_INCOMPATIBLE_FEATURES + 7] & QCOW2_EXTERNAL_DATA))
        return true;
    snprintf(why, WHY_BYTES,
             "%.300s is a qcow2 that refers to another file (%s), which the "
             "guest could then read: flatten it with qemu-img convert",
             file, backing ? "backing file" : "external data file");
    return false;
}
