/* SPDX-License-Identifier: MIT */
/*
 * Unpacking of a bzImage's payload.
 *
 * Only the filter that fits the payload's magic is offered to libarchive:
 * with all of them it would unpack what it unpacked, and start programs for
 * formats that it does not know.
 *
 * Source: Linux Documentation/x86/boot.rst, "payload_offset"; Linux
 *         scripts/Makefile.lib, size_append: the unpacked size follows the
 *         packed bytes, and gzip ends with that size by itself (RFC 1952).
 */
#include "image/bytes.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNPACKED_MAX = 256 << 20, /* Debian's 6.1 has 63 MiB */
    RATIO_MAX = 64,           /* Debian's 6.1 has 8 */
    FIRST_BYTES = 1 << 20,    /* whatever the ratio */
    SIZE_BYTES = 4,
};

static bool choose_filter(struct archive *archive, const char *name)
{
    static const struct {
        const char *name;
        int (*support)(struct archive *archive);
    } rows[] = {
        { "gzip", archive_read_support_filter_gzip },
        { "bzip2", archive_read_support_filter_bzip2 },
        { "lzma", archive_read_support_filter_lzma },
        { "xz", archive_read_support_filter_xz },
        { "lz4", archive_read_support_filter_lz4 },
        { "zstd", archive_read_support_filter_zstd },
        { "lzop", archive_read_support_filter_lzop },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* Any other result means that a program would be started. */
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].support(archive) == ARCHIVE_OK;
    }
    return false;
}

/* Room for more, but for no more than 'most'. */
static bool grow(uint8_t **data, size_t *room, size_t most)
{
    size_t more = *room ? *room * 2 : FIRST_BYTES;
    uint8_t *larger;

    if (more > most)
        more = most;
    larger = realloc(*data, more);
    if (!larger)
        return false;
    *data = larger;
    *room = more;
    return true;
}

static bool read_all(struct archive *archive, size_t want, uint8_t **data,
                     char *why)
{
    size_t room = 0, size = 0;

    while (size < want) {
        la_ssize_t got;

        if (size == room && !grow(data, &room, want))
            return image_refuse(why, "bzImage: no memory to unpack it");
        got = archive_read_data(archive, *data + size, room - size);
        if (got < 0)
            return image_refuse(why, "bzImage: payload is damaged: %s",
                                archive_error_string(archive)
                                    ? archive_error_string(archive)
                                    : "no reason given");
        if (got == 0)
            return image_refuse(
                why, "bzImage: payload ends at %zu of %zu bytes", size, want);
        size += (size_t)got;
        /* Not to unpack at length what is not looked at. */
        if (size >= 4 && memcmp(*data, "\177ELF", 4) != 0)
            return image_refuse(why, "bzImage's payload is no ELF");
    }
    return true;
}

bool image_unpack(const struct image_bytes *packed, uint8_t **out_data,
                  size_t *out_size, char why[IMAGE_WHY_BYTES])
{
    const char *name = image_compression(packed);
    struct archive_entry *entry;
    struct archive *archive;
    uint32_t want;
    size_t stream;
    bool ok;

    *out_data = NULL;
    if (!name || packed->size < SIZE_BYTES)
        return image_refuse(why, "bzImage: payload has no known compression");
    want = image_u32(packed->data + packed->size - SIZE_BYTES);
    if (want > UNPACKED_MAX ||
        (want > FIRST_BYTES && want / RATIO_MAX > packed->size))
        return image_refuse(why,
                            "bzImage: payload of %zu bytes claims to be %u "
                            "when unpacked",
                            packed->size, want);
    stream = packed->size;
    if (strcmp(name, "gzip") != 0)
        stream -= SIZE_BYTES;

    archive = archive_read_new();
    if (!archive)
        return image_refuse(why, "bzImage: no memory to unpack it");
    if (!choose_filter(archive, name)) {
        archive_read_free(archive);
        return image_refuse(why,
                            "bzImage: payload is packed with %s, which "
                            "libarchive does not unpack here",
                            name);
    }
    archive_read_support_format_raw(archive);
    ok =
        archive_read_open_memory(archive, packed->data, stream) == ARCHIVE_OK &&
        archive_read_next_header(archive, &entry) == ARCHIVE_OK;
    if (!ok)
        image_refuse(why, "bzImage: payload is damaged: %s",
                     archive_error_string(archive)
                         ? archive_error_string(archive)
                         : "no reason given");
    else
        ok = read_all(archive, want, out_data, why);
    archive_read_free(archive);
    if (!ok) {
        free(*out_data);
        *out_data = NULL;
        return false;
    }
    *out_size = want;
    return true;
}
