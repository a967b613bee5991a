/* SPDX-License-Identifier: MIT */
/*
 * No translation outlives munmap, mprotect, fork and exec: a page that was just
 * used is used again at once, with nothing between that empties a TLB.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* Spins without a system call: the translation is used up to the last moment.
 */
static void use(volatile char *at)
{
    for (unsigned i = 0; i < 100; i++)
        at[0] = (char)i;
}

static int after_unmap(void *argument)
{
    volatile char *at = argument;

    use(at);
    munmap((void *)(uintptr_t)at, PAGE_BYTES);
    return at[0] & 0;
}

static int after_protect(void *argument)
{
    volatile char *at = argument;

    use(at);
    mprotect((void *)(uintptr_t)at, PAGE_BYTES, PROT_READ);
    at[0] = 1;
    return 0;
}

static int after_none(void *argument)
{
    volatile char *at = argument;

    use(at);
    mprotect((void *)(uintptr_t)at, PAGE_BYTES, PROT_NONE);
    return at[0] & 0;
}

/* Whole tables: 1024 pages, of which the last was used. */
static int after_unmap_many(void *argument)
{
    volatile char *at = argument;

    for (size_t i = 0; i < 1024; i++)
        at[i * PAGE_BYTES] = 1;
    use(at + 1023 * PAGE_BYTES);
    munmap((void *)(uintptr_t)at, 1024 * PAGE_BYTES);
    return at[1023 * PAGE_BYTES] & 0;
}

static int after_protect_many(void *argument)
{
    volatile char *at = argument;

    for (size_t i = 0; i < 1024; i++)
        at[i * PAGE_BYTES] = 1;
    use(at + 500 * PAGE_BYTES);
    mprotect((void *)(uintptr_t)at, 1024 * PAGE_BYTES, PROT_READ);
    at[500 * PAGE_BYTES] = 1;
    return 0;
}

/* Alone under a table of level 1. */
static volatile char *map_apart(size_t pages)
{
    void *at = mmap((void *)UINT64_C(0x500000000), pages * PAGE_BYTES,
                    PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Most of a table: worth another one in its place. */
static int after_protect_most(void *argument)
{
    volatile char *at = map_apart(300);

    (void)argument;
    for (size_t i = 0; i < 300; i++)
        at[i * PAGE_BYTES] = 1;
    use(at + 100 * PAGE_BYTES);
    mprotect((void *)(uintptr_t)(at + PAGE_BYTES), 290 * PAGE_BYTES, PROT_NONE);
    return at[100 * PAGE_BYTES] & 0;
}

/* The last pages of a table that go one after the other. */
static int after_unmap_rest(void *argument)
{
    volatile char *at = map_apart(10);

    (void)argument;
    at[0] = at[9 * PAGE_BYTES] = 1;
    use(at + 5 * PAGE_BYTES);
    munmap((void *)(uintptr_t)(at + 9 * PAGE_BYTES), PAGE_BYTES);
    use(at + 5 * PAGE_BYTES);
    munmap((void *)(uintptr_t)at, 6 * PAGE_BYTES);
    return at[5 * PAGE_BYTES] & 0;
}

/* The parent's page must not be writable any more when the child is there. */
static void after_fork(void)
{
    volatile char *at = map_pages(1);
    bool right = true;

    for (unsigned round = 0; round < 50 && right; round++) {
        int status = 0;
        pid_t child;

        use(at);
        at[0] = 'a';
        child = fork();
        if (!child) {
            usleep(0);
            _exit(at[0] != 'a');
        }
        at[0] = 'b';
        waitpid(child, &status, 0);
        right = !status && at[0] == 'b';
    }
    check("after-fork", right, "the child saw the parent's write");
}

/* The old page is another's at once: its bytes may not be seen. */
static void after_replace(void)
{
    volatile char *at = map_pages(2);
    bool right = true;

    for (unsigned round = 0; round < 200 && right; round++) {
        use(at);
        mmap((void *)(uintptr_t)at, PAGE_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        right = at[0] == 0;
    }
    check("after-replace", right, "the old page is still there");
}

static int again(int argc, char **argv)
{
    static volatile char zero[PAGE_BYTES];

    (void)argv;
    return argc == 2 && zero[0] == 0 ? 0 : 1;
}

static int exec_self(void *argument)
{
    char *arguments[] = { "/bin/stale", "again", NULL };

    use(argument);
    execve(arguments[0], arguments, NULL);
    return 2;
}

int main(int argc, char **argv)
{
    int status;

    if (argc > 1)
        return again(argc, argv);
    check("after-munmap", ends_by_fault(after_unmap, map_pages(1)),
          "the page is still there");
    check("after-mprotect", ends_by_fault(after_protect, map_pages(1)),
          "it is still writable");
    check("after-mprotect-none", ends_by_fault(after_none, map_pages(1)),
          "it is still readable");
    check("after-munmap-many", ends_by_fault(after_unmap_many, map_pages(1024)),
          "a page is still there");
    check("after-mprotect-many",
          ends_by_fault(after_protect_many, map_pages(1024)),
          "a page is still writable");
    check("after-mprotect-most", ends_by_fault(after_protect_most, NULL),
          "a page is still readable");
    check("after-munmap-rest", ends_by_fault(after_unmap_rest, NULL),
          "a page is still there");
    after_fork();
    after_replace();
    status = in_child(exec_self, map_pages(1));
    check("after-exec", !status, "status 0x%x", status);
    return 0;
}
