/* SPDX-License-Identifier: MIT */
/*
 * Forks and execs by the thousand, faults and kills among them: no page is
 * lost. "forks=N" and "execs=N" in the environment set how many.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { FORKS = 10000, EXECS = 1000, DATA_PAGES = 40 };

static char *data;
static volatile char *volatile nowhere;

static unsigned number(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)atoi(text) : otherwise;
}

/* One of four ways to end. */
static void child(unsigned which)
{
    data[which % DATA_PAGES * PAGE_BYTES] = (char)which;
    if (which % 16 == 5)
        *nowhere = 0;
    if (which % 16 == 9)
        kill(getpid(), SIGTERM);
    if (which % 16 == 13)
        *(char *)map_pages(3) = 1;
    _exit((int)(which % 100));
}

static bool ended_right(unsigned which, int status)
{
    if (which % 16 == 5)
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
    if (which % 16 == 9)
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    return WIFEXITED(status) && WEXITSTATUS(status) == (int)(which % 100);
}

static unsigned fork_many(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        pid_t pid = fork();
        int status;

        if (pid < 0)
            return i;
        if (!pid)
            child(i);
        if (waitpid(pid, &status, 0) != pid || !ended_right(i, status))
            return i;
    }
    return count;
}

static pid_t start(bool by_fork)
{
    static char *arguments[] = { "/bin/forks", "nothing", NULL };
    pid_t pid = by_fork ? fork() : vfork();

    if (!pid) {
        execve(arguments[0], arguments, environ);
        _exit(127);
    }
    return pid;
}

static unsigned exec_many(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        pid_t pid = start(i % 2);
        int status;

        if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
            return i;
    }
    return count;
}

int main(int argc, char **argv)
{
    unsigned forks = number("forks", FORKS), execs = number("execs", EXECS);
    unsigned done;
    uint64_t before, after;

    (void)argv;
    if (argc > 1)
        return 0;
    data = map_pages(DATA_PAGES);
    /* What this program and the kernel keep is kept from now on. */
    done = fork_many(DATA_PAGES);
    check("forks-few", done == DATA_PAGES && exec_many(10) == 10, "%u", done);
    before = free_memory();
    done = fork_many(forks);
    check("forks", done == forks, "%u of %u", done, forks);
    done = exec_many(execs);
    check("execs", done == execs, "%u of %u", done, execs);
    after = free_memory();
    if (is_pvk())
        check("forks-lose-no-page", before == after, "%lld bytes less are free",
              (long long)(before - after));
    return 0;
}
