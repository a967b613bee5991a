/* SPDX-License-Identifier: MIT */
/*
 * Files of the lzma program: a header of 13 bytes, then LZMA to its end marker
 * or to the size in the header.
 *
 * Source: the LZMA specification, 2015, "The format of .lzma file"; XZ Utils
 *         5.4, doc/lzma-file-format.txt.
 */
#include "lzma_coding.h"
#include "unpack.h"

enum { HEADER_BYTES = 13, SIZE_AT = 5 };

_Static_assert(sizeof(struct lzma) <= sizeof(struct unpack_work), "work");

/* UINT64_MAX: it ends with the marker. */
static uint64_t read_size(const uint8_t *in)
{
    uint64_t size = 0;

    for (unsigned i = 8; i--;)
        size = size << 8 | in[SIZE_AT + i];
    return size;
}

static const char *run(struct lzma *lzma, uint64_t size, size_t room)
{
    bool ended;

    if (size != UINT64_MAX && size > room)
        return "lzma: it says more than there is room for";
    ended = unpack_lzma_run(lzma, size == UINT64_MAX ? room : (size_t)size);
    if (lzma->wrong)
        return lzma->wrong;
    if (ended && size != UINT64_MAX)
        return "lzma: it ends before what it says";
    /* With a size the marker may be there as well. */
    if (!ended && (size == UINT64_MAX || !unpack_lzma_finished(lzma)))
        unpack_lzma_end(lzma);
    if (lzma->wrong)
        return lzma->wrong;
    return unpack_lzma_finished(lzma) ? NULL : "lzma: its end is damaged";
}

const char *unpack_lzma(struct unpack_work *work, const uint8_t *in,
                        size_t in_bytes, uint8_t *out, size_t room,
                        size_t *out_bytes)
{
    struct lzma *lzma = (struct lzma *)work;
    const char *why;

    *out_bytes = 0;
    if (in_bytes < HEADER_BYTES)
        return "lzma: its header is not whole";
    unpack_lzma_open(lzma, in, in_bytes, out);
    lzma->in_at = HEADER_BYTES;
    if (!unpack_lzma_set(lzma, in[0]))
        return "lzma: properties that are not known";
    unpack_lzma_reset(lzma);
    unpack_lzma_begin(lzma);
    why = lzma->wrong ? lzma->wrong : run(lzma, read_size(in), room);
    *out_bytes = lzma->at;
    return why;
}
