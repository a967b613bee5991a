/* SPDX-License-Identifier: MIT */
/*
 * newc archives: what Linux takes as initrd.
 *
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#include "exec/exec.h"

#include <string.h>

enum {
    HEADER_BYTES = 110,
    FIELD_BYTES = 8,
    MODE = 1,
    FILE_SIZE = 6,
    NAME_SIZE = 11,
};

struct entry {
    const char *name;
    struct cpio_file file;
    size_t next; /* offset of the next entry */
    bool last;
};

static bool take_hex(const uint8_t *text, uint32_t *out)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < FIELD_BYTES; i++) {
        uint8_t c = text[i];

        if (c >= '0' && c <= '9')
            value = value << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    *out = value;
    return true;
}

static bool has_magic(const uint8_t *header, char last)
{
    static const char magic[5] = "07070";

    return !memcmp(header, magic, sizeof(magic)) && header[5] == last;
}

static bool same(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

static bool field(const uint8_t *header, unsigned which, uint32_t *out)
{
    return take_hex(header + 6 + which * FIELD_BYTES, out);
}

static size_t to_four(size_t at)
{
    return (at + 3) & ~(size_t)3;
}

/* The entry at 'at', a multiple of 4. NULL, or what is wrong. */
static const char *read_entry(const uint8_t *archive, size_t bytes, size_t at,
                              struct entry *out)
{
    const uint8_t *header = archive + at;
    uint32_t name_bytes, file_bytes;
    size_t data;

    if (bytes - at < HEADER_BYTES)
        return "cpio: it ends within a header";
    if (!has_magic(header, '1') && !has_magic(header, '2'))
        return "cpio: no header of a newc archive";
    if (!field(header, MODE, &out->file.mode) ||
        !field(header, FILE_SIZE, &file_bytes) ||
        !field(header, NAME_SIZE, &name_bytes))
        return "cpio: a number in a header is no number";
    if (!name_bytes || name_bytes > bytes - at - HEADER_BYTES ||
        header[HEADER_BYTES + name_bytes - 1])
        return "cpio: a name is longer than the archive, or has no end";
    data = to_four(at + HEADER_BYTES + name_bytes);
    if (data > bytes || file_bytes > bytes - data)
        return "cpio: a file is longer than the archive";
    out->name = (const char *)header + HEADER_BYTES;
    out->file.bytes = archive + data;
    out->file.size = file_bytes;
    out->next = to_four(data + file_bytes);
    out->last = same(out->name, "TRAILER!!!");
    return NULL;
}

/*
 * The next entry at or behind *at, over zeros between archives that were put
 * one behind the other; false at the end, or with *out_why.
 */
static bool next_entry(const uint8_t *archive, size_t bytes, size_t *at,
                       struct entry *out, const char **out_why)
{
    *out_why = NULL;
    do {
        while (*at < bytes && !archive[*at])
            (*at)++;
        if (*at >= bytes)
            return false;
        *out_why = *at % 4 ? "cpio: an archive that does not begin at a "
                             "multiple of 4"
                           : read_entry(archive, bytes, *at, out);
        if (*out_why)
            return false;
        *at = out->next; /* behind the end, if the last is not padded */
    } while (out->last);
    return true;
}

const char *cpio_check(const uint8_t *archive, size_t bytes)
{
    struct entry entry;
    const char *why;
    size_t at = 0, entries = 0;

    while (next_entry(archive, bytes, &at, &entry, &why))
        entries++;
    if (!why && !entries)
        why = "cpio: nothing in it";
    return why;
}

static const char *without_root(const char *path)
{
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && path[1] == '/')
            path += 2;
        else
            return path;
    }
}

bool cpio_find(const uint8_t *archive, size_t bytes, const char *path,
               struct cpio_file *out_file)
{
    struct entry entry;
    const char *why;
    bool found = false;
    size_t at = 0;

    path = without_root(path);
    while (next_entry(archive, bytes, &at, &entry, &why)) {
        if (!same(without_root(entry.name), path))
            continue;
        *out_file = entry.file;
        found = true;
    }
    return found;
}

static bool in_folder(const char *name)
{
    static const char folder[] = "pvops/";

    for (size_t i = 0; folder[i]; i++) {
        if (name[i] != folder[i])
            return false;
    }
    return true;
}

size_t cpio_behind_rom(const uint8_t *archive, size_t bytes)
{
    struct entry entry;
    size_t at = 0;

    if (read_entry(archive, bytes, 0, &entry) || !same(entry.name, "pvops/rom"))
        return 0;
    do {
        at = entry.next;
    } while (at < bytes && !entry.last &&
             !read_entry(archive, bytes, at, &entry) &&
             (in_folder(entry.name) || entry.last));
    while (at < bytes && !archive[at])
        at++;
    return at < bytes ? at : bytes;
}
