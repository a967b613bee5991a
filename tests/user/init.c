/* SPDX-License-Identifier: MIT */
/*
 * /init: every program of the initrd, one after the other; then the end of the
 * machine. "tests=a,b" in the environment (the kernel's command line, under
 * Linux) names those that are wanted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static const char *const programs[] = {
    "hello",    "applets", "calls", "memory",  "isolation", "cow",
    "copies",   "stale",   "pipes", "preempt", "xstate",    "signals",
    "sigframe", "entries", "forks", "hostile"
};

static void run(const char *program)
{
    char path[64];
    char *arguments[] = { path, NULL };
    int status;
    pid_t child;

    snprintf(path, sizeof(path), "/bin/%s", program);
    child = vfork();
    if (!child) {
        execve(path, arguments, environ);
        _exit(127);
    }
    /* Orphans that end are taken, too: they would keep their stacks. */
    while (waitpid(-1, &status, 0) != child) {
    }
    if (WIFSIGNALED(status))
        fail(program, "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        fail(program, "exit status %d", WEXITSTATUS(status));
}

static bool wanted(const char *program)
{
    const char *list = getenv("tests");
    size_t length = strlen(program);

    if (!list)
        return true;
    for (; list; list = strchr(list, ',')) {
        list += *list == ',';
        if (!strncmp(list, program, length) &&
            (!list[length] || list[length] == ','))
            return true;
    }
    return false;
}

int main(void)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (wanted(programs[i]))
            run(programs[i]);
    }
    puts("init: all programs have ended");
    fflush(stdout);
    if (!is_pvk())
        reboot(RB_POWER_OFF);
    return 0;
}
