/* SPDX-License-Identifier: MIT */
/*
 * Pipes: order, blocking, ends that close, writes that are not divided.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { BYTES = 300000 };

static unsigned char byte_at(unsigned at)
{
    return (unsigned char)(at * 7 + at / 251);
}

/* More than fits in: both sides wait for each other, again and again. */
static void stream(void)
{
    unsigned char piece[999];
    unsigned got = 0;
    bool right = true;
    int ends[2], status;
    pid_t child;

    if (!check("pipe", !pipe(ends), "errno %d", errno))
        return;
    child = fork();
    if (!child) {
        static unsigned char all[BYTES];

        for (unsigned i = 0; i < BYTES; i++)
            all[i] = byte_at(i);
        close(ends[0]);
        _exit(write(ends[1], all, BYTES) != BYTES);
    }
    close(ends[1]);
    for (;;) {
        ssize_t count = read(ends[0], piece, sizeof(piece));

        if (count <= 0)
            break;
        for (ssize_t i = 0; i < count; i++, got++)
            right = right && piece[i] == byte_at(got);
    }
    close(ends[0]);
    waitpid(child, &status, 0);
    check("pipe-stream", right && got == BYTES && !status,
          "%u bytes, status 0x%x", got, status);
}

static int write_to_nobody(void *argument)
{
    int ends[2];

    (void)argument;
    if (pipe(ends))
        return 2;
    close(ends[0]);
    return write(ends[1], "x", 1) == 1 ? 3 : 4;
}

static void ends(void)
{
    int both[2], status;
    char byte;

    status = in_child(write_to_nobody, NULL);
    check("pipe-broken", WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
          "status 0x%x", status);
    if (pipe(both))
        return;
    check("pipe-wrong-end", read(both[1], &byte, 1) == -1 && errno == EBADF,
          "errno %d", errno);
    close(both[1]);
    check("pipe-end-of-file", read(both[0], &byte, 1) == 0, "errno %d", errno);
    close(both[0]);
    check("close-twice", close(both[0]) == -1 && errno == EBADF, "errno %d",
          errno);
}

/* Four writers of lines: each line arrives whole. */
static void lines(void)
{
    enum { WRITERS = 4, LINES = 100, LINE = 64 };
    char line[LINE];
    unsigned got = 0;
    bool right = true;
    int both[2], status;

    if (pipe(both))
        return;
    for (int writer = 0; writer < WRITERS; writer++) {
        if (!fork()) {
            memset(line, 'a' + writer, LINE);
            for (unsigned i = 0; i < LINES; i++) {
                if (write(both[1], line, LINE) != LINE)
                    _exit(1);
                if (i % 8 == 0)
                    usleep(0);
            }
            _exit(0);
        }
    }
    close(both[1]);
    while (read(both[0], line, LINE) == LINE) {
        for (unsigned i = 1; i < LINE; i++)
            right = right && line[i] == line[0];
        got++;
    }
    close(both[0]);
    while (wait(&status) > 0)
        right = right && !status;
    check("pipe-lines", right && got == WRITERS * LINES, "%u lines", got);
}

int main(void)
{
    stream();
    ends();
    lines();
    return 0;
}
