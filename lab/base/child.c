/* SPDX-License-Identifier: MIT */
/*
 * Child processes: start, stop, collect.
 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool kept(int fd, const int *keep, size_t keep_count)
{
    for (size_t i = 0; i < keep_count; i++) {
        if (keep[i] == fd)
            return true;
    }
    return false;
}

static void keep_only(const int *keep, size_t keep_count)
{
    int top = (int)sysconf(_SC_OPEN_MAX);

    /* All of pvlab's own are far below this. */
    if (top > 1024)
        top = 1024;
    for (int fd = 3; fd < top; fd++) {
        if (!kept(fd, keep, keep_count))
            close(fd);
    }
    for (size_t i = 0; i < keep_count; i++)
        fcntl(keep[i], F_SETFD, 0);
}

/* In the child; 'report' tells the parent why exec failed. */
__attribute__((noreturn)) static void become(char *const argv[], int in,
                                             int out, int error, int report,
                                             const int *keep, size_t keep_count,
                                             pid_t parent)
{
    int fds[CHILD_MAX_KEPT + 1];
    sigset_t none;
    int failure;

    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    dup2(in, 0);
    dup2(out, 1);
    dup2(error, 2);
    for (size_t i = 0; i < keep_count; i++)
        fds[i] = keep[i];
    fds[keep_count] = report;
    keep_only(fds, keep_count + 1);
    fcntl(report, F_SETFD, FD_CLOEXEC);
    execvp(argv[0], argv);
    failure = errno;
    if (write(report, &failure, sizeof(failure)) < 0)
        _exit(126);
    _exit(127);
}

bool child_start(struct child *child, char *const argv[], int terminal,
                 const int *keep, size_t keep_count)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, error[2] = { -1, -1 };
    int report[2] = { -1, -1 };
    pid_t parent = getpid();
    int failure = 0;

    *child = (struct child){ .pidfd = -1, .in = -1, .out = -1, .error = -1 };
    if (keep_count > CHILD_MAX_KEPT) {
        errno = EINVAL;
        return false;
    }
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) ||
        pipe2(error, O_CLOEXEC) || pipe2(report, O_CLOEXEC)) {
        failure = errno;
        goto out;
    }
    child->pid = fork();
    if (child->pid < 0) {
        failure = errno;
        child->pid = 0;
        goto out;
    }
    if (child->pid == 0)
        become(argv, terminal < 0 ? in[0] : terminal,
               terminal < 0 ? out[1] : terminal, error[1], report[1], keep,
               keep_count, parent);

    close_fd(&report[1]);
    if (read(report[0], &failure, sizeof(failure)) > 0) {
        waitpid(child->pid, NULL, 0);
        child->pid = 0;
        goto out;
    }
    failure = 0;
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    child->in = in[1];
    child->out = out[0];
    child->error = error[0];
    in[1] = out[0] = error[0] = -1;
    if (terminal >= 0) {
        close_fd(&child->in);
        close_fd(&child->out);
    }
out:
    close_fd(&in[0]);
    close_fd(&in[1]);
    close_fd(&out[0]);
    close_fd(&out[1]);
    close_fd(&error[0]);
    close_fd(&error[1]);
    close_fd(&report[0]);
    close_fd(&report[1]);
    errno = failure;
    return failure == 0;
}

int child_reap(struct child *child)
{
    siginfo_t info;
    int status = 0;

    if (!child->pid)
        return 0;
    /* Not reaped yet, its number is still its group's and nobody else's. */
    while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR)
        continue;
    /* What it left running in its session. */
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    child->pid = 0;
    close_fd(&child->pidfd);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_close(struct child *child)
{
    close_fd(&child->in);
    close_fd(&child->out);
    close_fd(&child->error);
    close_fd(&child->pidfd);
}

void child_stop(struct child *child)
{
    if (child->pid) {
        /* The session that setsid() made is a process group too. */
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
        child_reap(child);
    }
    child_close(child);
}

/* False at end of file. */
static bool collect(int fd, char *text, size_t size, size_t *used)
{
    char lost[512];
    size_t room = size - 1 - *used;
    ssize_t n =
        read(fd, room ? text + *used : lost, room ? room : sizeof(lost));

    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return false;
    if (room)
        *used += (size_t)n;
    text[*used] = '\0';
    return true;
}

int child_collect(char *const argv[], char *text, size_t size)
{
    struct child child;
    size_t used = 0;

    text[0] = '\0';
    if (!child_start(&child, argv, -1, NULL, 0))
        return -1;
    close_fd(&child.in);
    while (child.out >= 0 || child.error >= 0) {
        struct pollfd fds[2] = {
            { .fd = child.out, .events = POLLIN },
            { .fd = child.error, .events = POLLIN },
        };

        if (stop_requested()) {
            child_stop(&child);
            errno = EINTR;
            return -1;
        }
        if (poll(fds, 2, 200) < 0 && errno != EINTR)
            break;
        if (fds[0].revents && !collect(child.out, text, size, &used))
            close_fd(&child.out);
        if (fds[1].revents && !collect(child.error, text, size, &used))
            close_fd(&child.error);
    }
    child_close(&child);
    return child_reap(&child);
}
