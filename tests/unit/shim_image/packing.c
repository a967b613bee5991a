/* SPDX-License-Identifier: MIT */
/*
 * Files packed by the real programs, and unpacked by ours.
 */
#include "packing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/dirs.h"

static uint32_t seed;

/* The same ones in each run. */
static uint32_t next_random(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static struct bytes read_file(const char *path, size_t most)
{
    struct bytes bytes = { malloc(most), 0 };
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    assert_non_null(bytes.data);
    bytes.size = fread(bytes.data, 1, most, file);
    fclose(file);
    return bytes;
}

static void fill_text(struct bytes *bytes)
{
    static const char *const words[] = { "frame ", "page ", "of ", "the ",
                                         "hypervisor\n" };

    for (size_t at = 0; at < bytes->size;) {
        const char *word = words[next_random() % COUNT(words)];

        while (*word && at < bytes->size)
            bytes->data[at++] = (uint8_t)*word++;
    }
}

static void fill_calls(struct bytes *bytes)
{
    static const uint8_t some[] = { 0xe8, 0xe9, 0xe8, 0, 0xff, 0, 0xff, 1 };

    for (size_t at = 0; at < bytes->size; at++) {
        uint32_t random = next_random();

        bytes->data[at] = random & 8 ? (uint8_t)(random >> 8)
                                     : some[random & (COUNT(some) - 1)];
    }
}

/* A tenth of it is text again. */
static void fill_random(struct bytes *bytes)
{
    struct bytes text = { bytes->data, bytes->size / 10 };

    for (size_t i = 0; i < bytes->size; i++)
        bytes->data[i] = (uint8_t)next_random();
    text.data += bytes->size - text.size;
    fill_text(&text);
}

struct bytes packing_content(enum content content)
{
    static const size_t sizes[CONTENTS] = {
        [NOTHING] = 0,    [ONE_BYTE] = 1,    [TEXT] = 20000,
        [CALLS] = 100000, [RANDOM] = 300000, [ZEROES] = 17 << 20,
        [CODE] = 200000,
    };
    struct bytes bytes = { NULL, sizes[content] };

    if (content == CODE)
        return read_file("/proc/self/exe", bytes.size);
    seed = content;
    bytes.data = calloc(1, bytes.size + 1);
    assert_non_null(bytes.data);
    if (content == TEXT || content == ONE_BYTE)
        fill_text(&bytes);
    if (content == CALLS)
        fill_calls(&bytes);
    if (content == RANDOM)
        fill_random(&bytes);
    return bytes;
}

struct bytes packing_small(void)
{
    struct bytes bytes = packing_content(TEXT);

    bytes.size = 300;
    memcpy(bytes.data + 200, "\xe8\0\0\1\0\xe9\1\2\3\xff\xe8\x10\0\0\0", 15);
    return bytes;
}

struct bytes packing_run(const char *command, const struct bytes *in)
{
    char why[WHY_BYTES], line[3 * 4096], path[4096];
    const char *dir = dirs_temp(why);
    int status;
    FILE *file;

    assert_non_null(dir);
    snprintf(path, sizeof(path), "%s/in", dir);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(in->size, fwrite(in->data, 1, in->size, file));
    assert_int_equal(0, fclose(file));
    snprintf(line, sizeof(line), "%s <%s/in >%s/out", command, dir, dir);
    status = system(line);
    snprintf(path, sizeof(path), "%s/out", dir);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        dirs_remove_temp();
        printf("SKIP: %s: not installed\n", command);
        skip();
    }
    assert_int_equal(0, status);
    return read_file(path, in->size * 2 + 4096);
}

const char *packing_undo(const char *format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t room, size_t *out_bytes)
{
    static struct unpack_work work;

    /* Nothing may be expected in it. */
    memset(&work, 0xa5, sizeof(work));
    if (!strcmp(format, "xz"))
        return unpack_xz(&work, in, in_bytes, out, room, out_bytes);
    if (!strcmp(format, "lzma"))
        return unpack_lzma(&work, in, in_bytes, out, room, out_bytes);
    if (!strcmp(format, "lz4"))
        return unpack_lz4(in, in_bytes, out, room, out_bytes);
    if (!strcmp(format, "zstd"))
        return unpack_zstd(&work, in, in_bytes, out, room, out_bytes);
    assert_string_equal("gzip", format);
    return unpack_gzip(in, in_bytes, out, room, out_bytes);
}

struct bytes packing_undo_copy(const char *format, const struct bytes *in,
                               size_t room, const char **out_why)
{
    struct bytes out = { malloc(room + 1), 0 };
    uint8_t *copy = malloc(in->size);

    assert_true(out.data && (copy || !in->size));
    if (in->size)
        memcpy(copy, in->data, in->size);
    /* One byte too many would be this. */
    out.data[room] = 0xa5;
    *out_why = packing_undo(format, copy, in->size, out.data, room, &out.size);
    assert_true(out.size <= room);
    assert_int_equal(0xa5, out.data[room]);
    free(copy);
    return out;
}
