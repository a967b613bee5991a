/* SPDX-License-Identifier: MIT */
/*
 * Debian's busybox, a static program of glibc's that was not made for this:
 * echo, true, false and seq, their output through a pipe.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* What the applet writes, and its status. */
static int run(char *const *arguments, char *out, size_t room)
{
    size_t length = 0;
    ssize_t count;
    int ends[2], status = -1;
    pid_t child;

    out[0] = '\0';
    if (pipe(ends))
        return -1;
    child = fork();
    if (!child) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execve("/bin/busybox", arguments, environ);
        _exit(127);
    }
    close(ends[1]);
    while ((count = read(ends[0], out + length, room - 1 - length)) > 0)
        length += (size_t)count;
    out[length] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

static void applet(const char *name, char *const *arguments, int expected,
                   const char *text)
{
    char out[512];
    int status = run(arguments, out, sizeof(out));

    check(name, status == expected && !strcmp(out, text),
          "status 0x%x, output \"%.100s\"", status, out);
}

int main(void)
{
    char *echo[] = { "echo", "one", "two", NULL };
    char *true_[] = { "true", NULL };
    char *false_[] = { "false", NULL };
    char *seq[] = { "seq", "3", "2", "9", NULL };

    applet("busybox-echo", echo, 0, "one two\n");
    applet("busybox-true", true_, 0, "");
    applet("busybox-false", false_, 0x100, "");
    applet("busybox-seq", seq, 0, "3\n5\n7\n9\n");
    return 0;
}
