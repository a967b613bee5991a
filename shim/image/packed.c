/* SPDX-License-Identifier: MIT */
/*
 * bzImage: its setup header, and the packed ELF inside.
 *
 * lab/image/bzimage.c reads the same header; that one also takes protocols
 * without a payload, and leaves the unpacking to libarchive.
 *
 * Source: Linux Documentation/x86/boot.rst, "The Real-Mode Kernel Header",
 *         "payload_offset" (the magic numbers); scripts/Makefile.lib,
 *         size_append: behind the packed bytes is how many they become, 4
 *         bytes, which gzip has by itself (RFC 1952).
 */
#include "image/packed.h"

#include "image/why.h"

/* Offsets of fields in the file. */
enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4,
    BOOT_FLAG = 0x1fe,
    HEADER = 0x202,
    VERSION = 0x206,
    PAYLOAD_OFFSET = 0x248,
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x250,
};

enum {
    VERSION_PAYLOAD = 0x208,
    SECTOR_BYTES = 512,
    SETUP_SECTS_DEFAULT = 4, /* what 0 stands for */
    SYSSIZE_UNIT = 16,
    SIZE_BYTES = 4,
    MAGIC_BYTES = 4,
};

enum method { GZIP, XZ, LZMA, LZ4, ZSTD, UNKNOWN };

static const struct {
    uint8_t magic[MAGIC_BYTES], bytes;
    enum method method;
    const char *name;
} methods[] = {
    { { 0x1f, 0x8b }, 2, GZIP, "gzip" },
    { { 0xfd, '7', 'z', 'X' }, 4, XZ, "xz" },
    { { 0x5d, 0, 0 }, 3, LZMA, "lzma" },
    { { 0x02, 0x21, 0x4c, 0x18 }, 4, LZ4, "lz4" },
    { { 0x28, 0xb5, 0x2f, 0xfd }, 4, ZSTD, "zstd" },
    { { 'B', 'Z', 'h' }, 3, UNKNOWN, "bzip2" },
    { { 0x89, 'L', 'Z', 'O' }, 4, UNKNOWN, "lzop" },
};

static bool has(const uint8_t *file, size_t file_bytes, size_t at,
                const void *magic, size_t bytes)
{
    return file_bytes >= at + bytes &&
           !__builtin_memcmp(file + at, magic, bytes);
}

static unsigned read_16(const uint8_t *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static uint32_t read_32(const uint8_t *at)
{
    return read_16(at) | (uint32_t)read_16(at + 2) << 16;
}

static bool is_gzip(const uint8_t *file, size_t file_bytes)
{
    return has(file, file_bytes, 0, methods[GZIP].magic, methods[GZIP].bytes);
}

static bool is_bzimage(const uint8_t *file, size_t file_bytes)
{
    return has(file, file_bytes, BOOT_FLAG, "\x55\xaa", 2) &&
           has(file, file_bytes, HEADER, "HdrS", 4);
}

bool kernel_is_packed(const uint8_t *file, size_t file_bytes)
{
    return is_gzip(file, file_bytes) || is_bzimage(file, file_bytes);
}

/* Where the payload is, of at least the magic and the size. */
static bool find_payload(const uint8_t *file, size_t file_bytes,
                         struct kernel_packed *out, struct pvi_line *why)
{
    unsigned sectors, version;
    uint64_t setup, kernel, offset, bytes;

    if (file_bytes < HEADER_END)
        return refuse(why,
                      "bzImage: the file ends in its header (0x%llx of "
                      "0x%x bytes)",
                      wide(file_bytes), HEADER_END);
    version = read_16(file + VERSION);
    if (version < VERSION_PAYLOAD)
        return refuse(why,
                      "bzImage: its boot protocol is 0x%x, and tells of its "
                      "payload from 0x%x on",
                      version, VERSION_PAYLOAD);
    sectors = file[SETUP_SECTS] ? file[SETUP_SECTS] : SETUP_SECTS_DEFAULT;
    setup = (sectors + 1) * (uint64_t)SECTOR_BYTES;
    kernel = (uint64_t)read_32(file + SYSSIZE) * SYSSIZE_UNIT;
    offset = read_32(file + PAYLOAD_OFFSET);
    bytes = read_32(file + PAYLOAD_LENGTH);
    /* syssize is rounded up. */
    if (setup > file_bytes || kernel >= file_bytes - setup + SYSSIZE_UNIT)
        return refuse(why,
                      "bzImage: cut off: setup 0x%llx and kernel 0x%llx bytes, "
                      "the file has 0x%llx",
                      wide(setup), wide(kernel), wide(file_bytes));
    if (offset + bytes > kernel || offset + bytes > file_bytes - setup)
        return refuse(why,
                      "bzImage: payload 0x%llx + 0x%llx passes the kernel's "
                      "end (0x%llx bytes)",
                      wide(offset), wide(bytes), wide(kernel));
    if (bytes < MAGIC_BYTES + SIZE_BYTES)
        return refuse(why, "bzImage: a payload of %u bytes", (unsigned)bytes);
    out->bytes = file + setup + offset;
    out->size = (size_t)bytes;
    return true;
}

static bool find_method(struct kernel_packed *packed, struct pvi_line *why)
{
    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (!has(packed->bytes, packed->size, 0, methods[i].magic,
                 methods[i].bytes))
            continue;
        packed->name = methods[i].name;
        packed->method = methods[i].method;
        if (packed->method != UNKNOWN)
            return true;
        return refuse(why,
                      "bzImage: its payload is packed by %s, which the shim "
                      "does not unpack",
                      packed->name);
    }
    return refuse(why,
                  "bzImage: its payload begins with %x %x %x %x: packed "
                  "by what?",
                  packed->bytes[0], packed->bytes[1], packed->bytes[2],
                  packed->bytes[3]);
}

bool kernel_packed_read(const uint8_t *file, size_t file_bytes,
                        struct kernel_packed *out, struct pvi_line *why)
{
    *out = (struct kernel_packed){ .bytes = file, .size = file_bytes };
    if (is_bzimage(file, file_bytes)) {
        if (!find_payload(file, file_bytes, out, why))
            return false;
    } else if (!is_gzip(file, file_bytes)) {
        return refuse(why, "neither a bzImage nor packed by gzip");
    } else if (file_bytes < MAGIC_BYTES + SIZE_BYTES) {
        return refuse(why, "gzip: a file of %u bytes", (unsigned)file_bytes);
    }
    if (!find_method(out, why))
        return false;
    out->unpacked_bytes = read_32(out->bytes + out->size - SIZE_BYTES);
    if (out->method != GZIP)
        out->size -= SIZE_BYTES;
    return true;
}

static const char *run(const struct kernel_packed *packed,
                       struct unpack_work *work, uint8_t *out, size_t *got)
{
    const uint8_t *in = packed->bytes;
    size_t size = packed->size, room = packed->unpacked_bytes;

    switch ((enum method)packed->method) {
    case GZIP:
        return unpack_gzip(in, size, out, room, got);
    case XZ:
        return unpack_xz(work, in, size, out, room, got);
    case LZMA:
        return unpack_lzma(work, in, size, out, room, got);
    case LZ4:
        return unpack_lz4(in, size, out, room, got);
    case ZSTD:
        return unpack_zstd(work, in, size, out, room, got);
    case UNKNOWN:
        break;
    }
    *got = 0;
    return "not to be unpacked";
}

bool kernel_unpack(const struct kernel_packed *packed, struct unpack_work *work,
                   uint8_t *out, struct pvi_line *why)
{
    size_t got;
    const char *wrong = run(packed, work, out, &got);

    if (wrong)
        return refuse(why, "kernel: unpacking ends at 0x%llx of 0x%llx: %s",
                      wide(got), wide(packed->unpacked_bytes), wrong);
    if (got != packed->unpacked_bytes)
        return refuse(why,
                      "kernel: unpacked it has 0x%llx bytes instead of 0x%llx",
                      wide(got), wide(packed->unpacked_bytes));
    return true;
}
