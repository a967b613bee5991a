/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the initrd share.
 */
#include "test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *verdict, const char *name, const char *reason)
{
    char line[300];
    int length = snprintf(line, sizeof(line), "PVLAB %s %s%s%s\n", verdict,
                          name, *reason ? " " : "", reason);

    if (write(1, line, (size_t)length) != length)
        _exit(1);
}

void pass(const char *name)
{
    say("PASS", name, "");
}

static void fail_by(const char *name, const char *format, va_list args)
{
    char reason[200];

    vsnprintf(reason, sizeof(reason), format, args);
    say("FAIL", name, reason);
}

void fail(const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail_by(name, format, args);
    va_end(args);
}

bool check(const char *name, bool holds, const char *format, ...)
{
    va_list args;

    if (holds) {
        pass(name);
        return true;
    }
    va_start(args, format);
    fail_by(name, format, args);
    va_end(args);
    return false;
}

int in_child(int (*body)(void *argument), void *argument)
{
    pid_t child = fork();
    int status;

    if (child < 0)
        return -1;
    if (!child)
        _exit(body(argument));
    while (waitpid(child, &status, 0) != child) {
    }
    return status;
}

bool ends_by_fault(int (*body)(void *argument), void *argument)
{
    int status = in_child(body, argument);

    return status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

void *map_pages(size_t pages)
{
    void *at = mmap(NULL, pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED) {
        fail("memory", "mmap of %zu pages", pages);
        exit(1);
    }
    return at;
}

uint64_t free_memory(void)
{
    struct sysinfo info;

    if (sysinfo(&info))
        return 0;
    return (uint64_t)info.freeram * info.mem_unit;
}

bool is_pvk(void)
{
    struct utsname name;

    return !uname(&name) && !strcmp(name.sysname, "pvk");
}

uint32_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*state >> 33);
}
