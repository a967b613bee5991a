/* SPDX-License-Identifier: MIT */
/*
 * fork and exec, with the exec's failure told to the parent.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char *const argv[], int in, int out, int err, int report)
{
    static char *const environment[] = {
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/",
        NULL,
    };
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fds[3] = { in < 0 ? null : in, out < 0 ? null : out,
                   err < 0 ? null : err };
    sigset_t none;
    int error;

    /* First above 2, so that none is overwritten before it is used. */
    for (int i = 0; i < 3; i++)
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        dup2(fds[i], i);

    setsid();
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    execve(argv[0], argv, environment);
    error = errno;
    if (write(report, &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

pid_t spawn(char *const argv[], int in, int out, int err)
{
    int report[2];
    int error;
    ssize_t n;
    pid_t pid;

    if (pipe2(report, O_CLOEXEC))
        return -1;

    pid = fork();
    if (pid == 0)
        become(argv, in, out, err, report[1]);
    error = errno;
    close(report[1]);

    if (pid > 0) {
        /* End of file once execve() has closed the other end. */
        do
            n = read(report[0], &error, sizeof(error));
        while (n < 0 && errno == EINTR);
        if (n == (ssize_t)sizeof(error)) {
            waitpid(pid, NULL, 0);
            pid = -1;
        }
    }

    close(report[0]);
    errno = error;
    return pid;
}
