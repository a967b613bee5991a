/* SPDX-License-Identifier: MIT */
/*
 * Pipes. As in Linux 65,536 bytes fit in, and a write of at most 4,096 is not
 * divided by another writer's.
 */
#include "proc/pipe.h"

#include "core/heap.h"
#include "core/pages.h"
#include "proc/errno.h"
#include "proc/process.h"

enum { PIPE_PAGES = 16, PIPE_BYTES = PIPE_PAGES * PAGE_BYTES };

struct pipe {
    uint64_t written, read; /* bytes since it was made */
    uint8_t *pages[PIPE_PAGES];
    bool open[2]; /* read end, write end */
    struct wait_list readers, writers;
};

struct pipe *pipe_new(void)
{
    struct pipe *pipe = heap_alloc(sizeof(*pipe));

    if (pipe)
        *pipe = (struct pipe){ .open = { true, true } };
    return pipe;
}

void pipe_close(struct pipe *pipe, bool write_end)
{
    pipe->open[write_end] = false;
    process_wake_all(&pipe->readers);
    process_wake_all(&pipe->writers);
    if (pipe->open[!write_end])
        return;
    for (size_t i = 0; i < PIPE_PAGES; i++) {
        if (pipe->pages[i])
            page_free(pipe->pages[i]);
    }
    heap_free(pipe);
}

/* Where position 'at' is, and how much of 'bytes' lies in one piece there. */
static uint8_t *place(struct pipe *pipe, uint64_t at, size_t *bytes)
{
    uint8_t **page = &pipe->pages[at / PAGE_BYTES % PIPE_PAGES];
    size_t offset = at % PAGE_BYTES;

    if (!*page)
        *page = page_alloc();
    if (!*page)
        return NULL;
    if (*bytes > PAGE_BYTES - offset)
        *bytes = PAGE_BYTES - offset;
    return *page + offset;
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* What is there now. */
static long take(struct pipe *pipe, uint64_t to, uint64_t bytes)
{
    uint64_t done = 0;

    while (done < bytes && pipe->read < pipe->written) {
        size_t piece = (size_t)least(bytes - done, pipe->written - pipe->read);
        const uint8_t *from = place(pipe, pipe->read, &piece);
        long result =
            space_copy_out(process_current()->space, to + done, from, piece);

        if (result)
            return done ? (long)done : result;
        pipe->read += piece;
        done += piece;
    }
    return (long)done;
}

long pipe_read(struct pipe *pipe, uint64_t to, uint64_t bytes)
{
    long result;

    if (!bytes)
        return 0;
    while (pipe->read == pipe->written) {
        if (!pipe->open[true])
            return 0;
        if (!process_wait(&pipe->readers, 0))
            return -EINTR;
    }
    result = take(pipe, to, bytes);
    process_wake_all(&pipe->writers);
    return result;
}

/* What there is room for. */
static long put(struct pipe *pipe, uint64_t from, uint64_t bytes)
{
    uint64_t done = 0;

    while (done < bytes && pipe->written - pipe->read < PIPE_BYTES) {
        size_t piece = (size_t)least(bytes - done,
                                     PIPE_BYTES - (pipe->written - pipe->read));
        uint8_t *to = place(pipe, pipe->written, &piece);
        long result =
            to ? space_copy_in(process_current()->space, to, from + done, piece)
               : -ENOMEM;

        if (result)
            return done ? (long)done : result;
        pipe->written += piece;
        done += piece;
    }
    return (long)done;
}

static long broken(void)
{
    process_kill_self(SIGPIPE);
    return -EPIPE;
}

long pipe_write(struct pipe *pipe, uint64_t from, uint64_t bytes)
{
    uint64_t done = 0;

    while (done < bytes) {
        uint64_t need = bytes <= PAGE_BYTES ? bytes : 1;
        long result;

        if (!pipe->open[false])
            return done ? (long)done : broken();
        if (PIPE_BYTES - (pipe->written - pipe->read) < need) {
            if (!process_wait(&pipe->writers, 0))
                return done ? (long)done : -EINTR;
            continue;
        }
        result = put(pipe, from + done, bytes - done);
        if (result < 0)
            return done ? (long)done : result;
        done += (uint64_t)result;
        process_wake_all(&pipe->readers);
    }
    return (long)done;
}
