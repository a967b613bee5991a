/* SPDX-License-Identifier: MIT */
/*
 * System calls about file descriptors.
 *
 * Source: Linux fs/read_write.c (MAX_RW_COUNT), lib/iov_iter.c (in which order
 *         writev() looks at what), fs/file.c, fs/pipe.c.
 */
#include "proc/errno.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#define MOST_BYTES UINT64_C(0x7ffff000) /* of one writev() */

enum { MOST_VECTORS = 1024 };

/* What a descriptor stands for, or NULL. */
static struct file *file_of(uint64_t descriptor)
{
    unsigned index = (unsigned)descriptor;

    return index < PROCESS_FILES ? process_current()->files[index] : NULL;
}

long call_read(struct trap_frame *frame)
{
    struct file *file = file_of(frame->di);

    if (!file)
        return -EBADF;
    return file_read(file, frame->si, frame->dx);
}

long call_write(struct trap_frame *frame)
{
    struct file *file = file_of(frame->di);

    if (!file)
        return -EBADF;
    return file_write(file, frame->si, frame->dx);
}

/* struct iovec */
struct vector {
    uint64_t start, bytes;
};

static long take_vector(struct vector *to, uint64_t vectors, uint64_t index)
{
    long result = space_copy_in(process_current()->space, to,
                                vectors + index * sizeof(*to), sizeof(*to));

    if (result)
        return result;
    return (int64_t)to->bytes < 0 ? -EINVAL : 0;
}

/* All vectors are looked at before anything is written. */
long call_writev(struct trap_frame *frame)
{
    struct file *file = file_of(frame->di);
    uint64_t vectors = frame->si, count = frame->dx, done = 0;
    struct vector vector;
    long result;

    if (!file)
        return -EBADF;
    if (count > MOST_VECTORS)
        return -EINVAL;
    for (uint64_t i = 0; i < count; i++) {
        result = take_vector(&vector, vectors, i);
        if (result)
            return result;
    }
    for (uint64_t i = 0; i < count && done < MOST_BYTES; i++) {
        uint64_t bytes;

        result = take_vector(&vector, vectors, i);
        bytes =
            vector.bytes < MOST_BYTES - done ? vector.bytes : MOST_BYTES - done;
        if (!result && bytes)
            result = file_write(file, vector.start, bytes);
        if (result < 0)
            return done ? (long)done : result;
        done += (uint64_t)result;
        if ((uint64_t)result < bytes)
            break;
    }
    return (long)done;
}

long call_close(struct trap_frame *frame)
{
    struct file *file = file_of(frame->di);

    if (!file)
        return -EBADF;
    process_current()->files[(unsigned)frame->di] = NULL;
    file_drop(file);
    return 0;
}

long call_dup2(struct trap_frame *frame)
{
    struct file *file = file_of(frame->di);
    unsigned to = (unsigned)frame->si;
    struct file *before;

    if (!file || to >= PROCESS_FILES)
        return -EBADF;
    if (to == (unsigned)frame->di)
        return to;
    before = process_current()->files[to];
    process_current()->files[to] = file_hold(file);
    if (before)
        file_drop(before);
    return to;
}

/* The lowest that is free from 'least' on; PROCESS_FILES if none is. */
static unsigned free_descriptor(unsigned least)
{
    while (least < PROCESS_FILES && process_current()->files[least])
        least++;
    return least;
}

static long make_pipe(uint64_t to)
{
    unsigned read_end = free_descriptor(0);
    unsigned write_end = free_descriptor(read_end + 1);
    int32_t pair[2] = { (int32_t)read_end, (int32_t)write_end };
    struct file *files[2];
    long result;

    if (write_end >= PROCESS_FILES)
        return -EMFILE;
    result = file_make_pipe(&files[0], &files[1]);
    if (result)
        return result;
    result = space_copy_out(process_current()->space, to, pair, sizeof(pair));
    if (result) {
        file_drop(files[0]);
        file_drop(files[1]);
        return result;
    }
    process_current()->files[read_end] = files[0];
    process_current()->files[write_end] = files[1];
    return 0;
}

long call_pipe(struct trap_frame *frame)
{
    return make_pipe(frame->di);
}

/* No flag is known: O_CLOEXEC, O_NONBLOCK and O_DIRECT are refused. */
long call_pipe2(struct trap_frame *frame)
{
    return (uint32_t)frame->si ? -EINVAL : make_pipe(frame->di);
}
