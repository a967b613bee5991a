/* SPDX-License-Identifier: MIT */
/*
 * unpack: whatever the bytes, what is written lies in its room, and a sentence
 * says what is wrong. LZMA2, with the x86 filter or without, is what liblzma
 * takes for it, and gives the same bytes; of xz and lzma files what both take.
 *
 * The first byte of an input says what the rest is. LZMA2 gets a true header,
 * index and footer here. gzip is compared with zlib by initrd_fuzz. Seeds:
 * tests/fuzz/unpack_seeds.c.
 */
#include "unpack.h"
#include "xz_wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lzma.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    ROOM = 1 << 17, /* more is refused, by both */
};

static uint8_t theirs[ROOM];
static struct unpack_work work;

static void require(bool condition)
{
    if (!condition)
        abort();
}

typedef const char *unpack_function(struct unpack_work *work, const uint8_t *in,
                                    size_t in_bytes, uint8_t *out, size_t room,
                                    size_t *out_bytes);

static const char *gzip(struct unpack_work *unused, const uint8_t *in,
                        size_t in_bytes, uint8_t *out, size_t room,
                        size_t *out_bytes)
{
    (void)unused;
    return unpack_gzip(in, in_bytes, out, room, out_bytes);
}

static const char *lz4(struct unpack_work *unused, const uint8_t *in,
                       size_t in_bytes, uint8_t *out, size_t room,
                       size_t *out_bytes)
{
    (void)unused;
    return unpack_lz4(in, in_bytes, out, room, out_bytes);
}

/* NULL: it was refused. Else *out_bytes bytes, to be freed. */
static uint8_t *run(unpack_function *function, const uint8_t *in, size_t size,
                    size_t *out_bytes)
{
    uint8_t *out = malloc(ROOM);
    const char *why;
    size_t again;

    require(out);
    memset(&work, 0xa5, sizeof(work));
    why = function(&work, in, size, out, ROOM, out_bytes);
    require(*out_bytes <= ROOM);
    if (why) {
        require(*why && strlen(why) < 80 && !strchr(why, '\n'));
        free(out);
        return NULL;
    }
    /* With less room it is refused, and with no more than it needs taken. */
    if (*out_bytes) {
        uint8_t *tight = malloc(*out_bytes);

        require(tight);
        require(!function(&work, in, size, tight, *out_bytes, &again));
        require(again == *out_bytes && !memcmp(tight, out, again));
        require(function(&work, in, size, tight, *out_bytes - 1, &again));
        free(tight);
    }
    return out;
}

/* A whole file by liblzma: good, and how many bytes. */
static bool by_liblzma(lzma_stream *stream, lzma_ret opened, const uint8_t *in,
                       size_t size, size_t *out_bytes)
{
    lzma_ret result;

    require(opened == LZMA_OK);
    stream->next_in = in;
    stream->avail_in = size;
    stream->next_out = theirs;
    stream->avail_out = ROOM;
    result = lzma_code(stream, LZMA_FINISH);
    *out_bytes = (size_t)stream->total_out;
    result = result == LZMA_STREAM_END && !stream->avail_in ? LZMA_OK
                                                            : LZMA_DATA_ERROR;
    lzma_end(stream);
    return result == LZMA_OK;
}

/*
 * Ours takes more: it has no limit of the dictionary. Theirs takes other
 * filters, checks and properties.
 */
static void compare_files(bool is_xz, const uint8_t *in, size_t size)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    size_t got, wanted;
    uint8_t *out = run(is_xz ? unpack_xz : unpack_lzma, in, size, &got);
    lzma_ret opened;

    if (!out)
        return;
    opened = is_xz ? lzma_stream_decoder(&stream, UINT64_MAX, 0)
                   : lzma_alone_decoder(&stream, UINT64_MAX);
    if (by_liblzma(&stream, opened, in, size, &wanted))
        require(got == wanted && !memcmp(out, theirs, got));
    free(out);
}

/* LZMA2 is taken by both or by neither. */
static void compare_lzma2(bool x86, const uint8_t *in, size_t size)
{
    lzma_options_lzma options = { .dict_size = XZ_WRAP_DICTIONARY };
    const lzma_filter filters[] = {
        { LZMA_FILTER_X86, NULL },
        { LZMA_FILTER_LZMA2, &options },
        { LZMA_VLI_UNKNOWN, NULL },
    };
    uint8_t *file = malloc(size + XZ_WRAP_BYTES), *out;
    size_t in_at = 0, wanted = 0, got;
    bool good;

    require(file);
    good = lzma_raw_buffer_decode(x86 ? filters : filters + 1, NULL, in, &in_at,
                                  size, theirs, &wanted, ROOM) == LZMA_OK &&
           in_at == size;
    size = xz_wrap(in, size, wanted, x86, file);
    out = run(unpack_xz, file, size, &got);
    require(good == !!out);
    if (out)
        require(got == wanted && !memcmp(out, theirs, got));
    free(out);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy;
    size_t got;

    if (!size)
        return 0;
    copy = malloc(size - 1);
    require(copy || size == 1);
    memcpy(copy, data + 1, size - 1);
    size--;
    switch (data[0]) {
    case 'g':
        free(run(gzip, copy, size, &got));
        break;
    case '4':
        free(run(lz4, copy, size, &got));
        break;
    case 's':
        free(run(unpack_zstd, copy, size, &got));
        break;
    case 'z':
    case 'a':
        compare_files(data[0] == 'z', copy, size);
        break;
    case '2':
    case 'x':
        compare_lzma2(data[0] == 'x', copy, size);
        break;
    }
    free(copy);
    return 0;
}
