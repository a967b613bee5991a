/* SPDX-License-Identifier: MIT */
/*
 * System calls one by one: results and errors as Linux has them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void unknown(void)
{
    static const long numbers[] = { 335, 1000, 0x7fffffff, -1 };
    bool right = true;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        right = right && syscall(numbers[i]) == -1 && errno == ENOSYS;
    check("unknown-call", right, "errno %d", errno);
}

static void clocks(void)
{
    struct timespec wait = { 0, 20000000 };
    uint64_t before = now_ns(), after;

    check("nanosleep", !nanosleep(&wait, NULL), "errno %d", errno);
    after = now_ns();
    check("nanosleep-not-early", after - before >= 20000000, "%llu ns",
          (unsigned long long)(after - before));
    wait.tv_nsec = 1000000000;
    check("nanosleep-refuses", nanosleep(&wait, NULL) == -1 && errno == EINVAL,
          "errno %d", errno);
    check("clock-refuses", clock_gettime(77, &wait) == -1 && errno == EINVAL,
          "errno %d", errno);
}

static int exit_with(void *argument)
{
    return *(int *)argument;
}

static int sleep_long(void *argument)
{
    (void)argument;
    sleep(1000);
    return 1;
}

static int fork_and_kill(void *argument)
{
    pid_t child = fork();
    int status;

    if (!child)
        _exit(sleep_long(argument));
    usleep(1000);
    if (kill(child, SIGTERM) || waitpid(child, &status, 0) != child)
        return 2;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM)
        return 3;
    return kill(child, 0) == -1 && errno == ESRCH ? 0 : 4;
}

static void children(void)
{
    int code = 42, status = in_child(exit_with, &code);

    check("exit-status", WIFEXITED(status) && WEXITSTATUS(status) == 42, "0x%x",
          status);
    status = in_child(fork_and_kill, NULL);
    check("kill", !status, "0x%x", status);
    check("wait-without-child", wait(&status) == -1 && errno == ECHILD,
          "errno %d", errno);
    check("kill-refuses", kill(getpid(), 65) == -1 && errno == EINVAL,
          "errno %d", errno);
    check("wait-options",
          wait4(-1, &status, 0x40, NULL) == -1 && errno == EINVAL, "errno %d",
          errno);
}

static volatile int shared;

/* Nothing but what vfork() allows, and one write that the parent must see. */
static void share(void)
{
    pid_t child;
    int status;

    shared = 1;
    child = vfork();
    if (!child) {
        shared = 2;
        _exit(0);
    }
    check("vfork-shares", shared == 2 && waitpid(child, &status, 0) == child,
          "the parent reads %d", shared);
}

/*
 * One that waits for its vfork() is killed, and its child sleeps: both come to
 * their end, and nobody else stands still.
 *
 * Damage: process_yield() in a loop instead of process_wait_for().
 */
static int vfork_and_be_killed(void *argument)
{
    const pid_t self = getpid();

    (void)argument;
    if (!vfork()) {
        kill(self, SIGKILL);
        usleep(20000);
        _exit(0);
    }
    return 0;
}

static void kill_parent(void)
{
    int status = in_child(vfork_and_be_killed, NULL);

    check("vfork-parent-killed",
          WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "0x%x", status);
}

static void names(void)
{
    struct utsname name;

    check("uname", !uname(&name) && !strcmp(name.machine, "x86_64"),
          "machine %s", name.machine);
    check("getpid", getpid() > 1 && getpid() == syscall(SYS_getpid), "%d",
          getpid());
    check("set-tid-address", syscall(SYS_set_tid_address, &shared) == getpid(),
          "another number than getpid()");
}

static void writes(void)
{
    static char text[] = "one line by writev\n";
    struct iovec pieces[] = { { text, 9 }, { NULL, 0 }, { text + 9, 10 } };

    check("writev", writev(1, pieces, 3) == 19, "errno %d", errno);
    check("writev-counts", writev(1, pieces, -1) == -1 && errno == EINVAL,
          "errno %d", errno);
    check("write-bad-file", write(77, text, 1) == -1 && errno == EBADF,
          "errno %d", errno);
    check("write-bad-address", write(1, (void *)8, 1) == -1 && errno == EFAULT,
          "errno %d", errno);
    check("execve-missing",
          execl("/bin/nothing", "nothing", NULL) == -1 && errno == ENOENT,
          "errno %d", errno);
}

int main(void)
{
    unknown();
    clocks();
    children();
    share();
    kill_parent();
    names();
    writes();
    return 0;
}
