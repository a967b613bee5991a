/* SPDX-License-Identifier: MIT */
/*
 * What a file descriptor stands for.
 */
#include "proc/file.h"

#include "core/heap.h"
#include "core/log.h"
#include "core/text.h"
#include "proc/errno.h"
#include "proc/pipe.h"
#include "proc/process.h"

enum kind { CONSOLE = 0, PIPE_READ, PIPE_WRITE };

struct file {
    enum kind kind;
    unsigned holders;
    struct pipe *pipe;
};

/* Never dropped to 0: the kernel holds it too. */
static struct file console = { CONSOLE, 1, NULL };

struct file_verdicts file_verdicts;

struct file *file_hold(struct file *file)
{
    file->holders++;
    return file;
}

void file_drop(struct file *file)
{
    if (--file->holders)
        return;
    pipe_close(file->pipe, file->kind == PIPE_WRITE);
    heap_free(file);
}

struct file *file_console(void)
{
    return &console;
}

static struct file *new_end(enum kind kind, struct pipe *pipe)
{
    struct file *file = heap_alloc(sizeof(*file));

    if (file)
        *file = (struct file){ kind, 1, pipe };
    return file;
}

long file_make_pipe(struct file **out_read, struct file **out_write)
{
    struct pipe *pipe = pipe_new();

    *out_read = pipe ? new_end(PIPE_READ, pipe) : NULL;
    *out_write = pipe ? new_end(PIPE_WRITE, pipe) : NULL;
    if (*out_read && *out_write)
        return 0;
    heap_free(*out_read);
    heap_free(*out_write);
    if (pipe) {
        pipe_close(pipe, false);
        pipe_close(pipe, true);
    }
    return -ENOMEM;
}

/* A line as pvlab reads it is counted when it is complete. */
static void count_verdict(const char *line)
{
    if (text_after(line, "PVLAB PASS "))
        file_verdicts.passed++;
    else if (text_after(line, "PVLAB FAIL "))
        file_verdicts.failed++;
    else if (text_after(line, "PVLAB SKIP "))
        file_verdicts.skipped++;
}

static void watch(const char *text, size_t bytes)
{
    static char line[32]; /* as much as tells what it is */
    static size_t length;

    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n') {
            line[length] = '\0';
            count_verdict(line);
            length = 0;
        } else if (length < sizeof(line) - 1) {
            line[length++] = text[i];
        }
    }
}

/*
 * The console is slow: another has its turn between two pieces, and one that is
 * to be ended writes no more.
 */
static long write_console(uint64_t from, uint64_t bytes)
{
    char piece[256];
    uint64_t done = 0;

    while (done < bytes) {
        size_t count = bytes - done < sizeof(piece) ? (size_t)(bytes - done)
                                                    : sizeof(piece);
        long result =
            space_copy_in(process_current()->space, piece, from + done, count);

        if (result)
            return done ? (long)done : result;
        log_write(piece, count);
        watch(piece, count);
        done += count;
        if (done < bytes && !process_give_way())
            break;
    }
    return (long)done;
}

/* As Linux: no more at once, and no address beyond a program's. */
static uint64_t most(uint64_t bytes)
{
    enum { MOST = 0x7ffff000 };

    return bytes < MOST ? bytes : MOST;
}

static bool is_address(uint64_t at, uint64_t bytes)
{
    return bytes <= SPACE_END && at <= SPACE_END - bytes;
}

long file_read(struct file *file, uint64_t to, uint64_t bytes)
{
    if (file->kind == PIPE_WRITE)
        return -EBADF;
    if ((int64_t)bytes < 0)
        return -EINVAL;
    if (!is_address(to, bytes))
        return -EFAULT;
    return file->kind == CONSOLE ? 0 : pipe_read(file->pipe, to, most(bytes));
}

long file_write(struct file *file, uint64_t from, uint64_t bytes)
{
    if (file->kind == PIPE_READ)
        return -EBADF;
    if ((int64_t)bytes < 0)
        return -EINVAL;
    if (!is_address(from, bytes))
        return -EFAULT;
    return file->kind == CONSOLE ? write_console(from, most(bytes))
                                 : pipe_write(file->pipe, from, most(bytes));
}
