/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap, mprotect, brk; and no memory left.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static void maps(void)
{
    char *at = map_pages(8);
    char *again;

    check("mmap-zeroed", !at[0] && !at[8 * PAGE_BYTES - 1], "not zero");
    at[PAGE_BYTES] = 'x';
    check("munmap", !munmap(at + PAGE_BYTES, PAGE_BYTES), "errno %d", errno);
    again = mmap(at + PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check("mmap-fixed", again == at + PAGE_BYTES && !again[0],
          "%p instead of %p, or an old byte", (void *)again,
          (void *)(at + PAGE_BYTES));
    check("munmap-odd", munmap(at + 1, PAGE_BYTES) == -1 && errno == EINVAL,
          "errno %d", errno);
    check("mmap-empty",
          mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                  MAP_FAILED &&
              errno == EINVAL,
          "errno %d", errno);
    check("mmap-huge",
          mmap(NULL, SIZE_MAX / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) == MAP_FAILED &&
              errno == ENOMEM,
          "errno %d", errno);
    check("mprotect-nothing",
          !munmap(at, 8 * PAGE_BYTES) &&
              mprotect(at, PAGE_BYTES, PROT_READ) == -1 && errno == ENOMEM,
          "errno %d", errno);
}

static int write_to(void *address)
{
    *(volatile char *)address = 1;
    return 0;
}

/* Parts of two tables, one page, and all again. */
static void protects(void)
{
    enum { PAGES = 1100 };
    char *at = map_pages(PAGES);
    bool right = true;

    for (size_t i = 0; i < PAGES; i++)
        at[i * PAGE_BYTES] = (char)i;
    right =
        right && !mprotect(at + 3 * PAGE_BYTES, 1000 * PAGE_BYTES, PROT_READ);
    check("mprotect-read-only",
          right && ends_by_fault(write_to, at + 3 * PAGE_BYTES) &&
              ends_by_fault(write_to, at + 1002 * PAGE_BYTES),
          "a write came through");
    check("mprotect-borders",
          !ends_by_fault(write_to, at + 2 * PAGE_BYTES) &&
              !ends_by_fault(write_to, at + 1003 * PAGE_BYTES),
          "beside it nothing may be written");
    right = !mprotect(at, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE);
    for (size_t i = 0; i < PAGES; i++) {
        right = right && at[i * PAGE_BYTES] == (char)i;
        at[i * PAGE_BYTES] = 0;
    }
    check("mprotect-back", right, "a page lost what was in it");
    munmap(at, PAGES * PAGE_BYTES);
}

/* By the system call: musl has no sbrk() that changes anything. */
static char *set_break(char *end)
{
    return (char *)syscall(SYS_brk, end);
}

static void breaks(void)
{
    char *end = set_break(NULL);

    check("brk-grows", set_break(end + 5 * PAGE_BYTES) == end + 5 * PAGE_BYTES,
          "%p", (void *)set_break(NULL));
    end[5 * PAGE_BYTES - 1] = 'x';
    check("brk-shrinks", set_break(end) == end, "%p", (void *)set_break(NULL));
    check("brk-forgets", ends_by_fault(write_to, end + 4 * PAGE_BYTES),
          "the page is still there");
    check("brk-refuses",
          set_break((char *)8) == end && set_break((char *)SIZE_MAX) == end,
          "%p", (void *)set_break(NULL));
}

/*
 * More than there is. Under Linux the promise is believed and the child is
 * ended when it touches it: then only that is asked, that others live on.
 */
static int exhaust(void *argument)
{
    size_t pages = 0;

    (void)argument;
    for (;;) {
        char *at = mmap(NULL, 64 * PAGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (at == MAP_FAILED)
            return errno == ENOMEM ? 0 : 2;
        for (size_t i = 0; i < 64; i++, pages++)
            at[i * PAGE_BYTES] = 1;
    }
}

static void no_memory(void)
{
    uint64_t before, after;
    int status;

    if (!is_pvk()) {
        printf("PVLAB SKIP no-memory Linux gives it and kills later\n");
        return;
    }
    in_child(exhaust, NULL); /* what the kernel keeps is kept from now on */
    before = free_memory();
    status = in_child(exhaust, NULL);
    after = free_memory();
    check("no-memory", status >= 0 && (!status || (status & 0x7f) == 9),
          "status 0x%x", status);
    check("no-memory-comes-back", before == after,
          "%llu bytes free, %llu before", (unsigned long long)after,
          (unsigned long long)before);
}

/* As many areas as there may be: every second page has other rights. */
static int has_areas(void *argument)
{
    enum { PAGES = 4000 };
    char *at = map_pages(PAGES);
    int *children = argument;

    for (size_t i = 0; i < PAGES; i += 2) {
        if (mprotect(at + i * PAGE_BYTES, PAGE_BYTES, PROT_READ))
            return 2;
    }
    /* Each has a list of its own, and they end in another order. */
    while ((*children)--) {
        pid_t child = fork();

        if (child < 0)
            return 3;
        if (!child)
            return 0;
    }
    while (wait(NULL) > 0) {
    }
    return 0;
}

/* Damage: core/heap.c: no join() in heap_free(); shrink() does nothing. */
static void many_areas(void)
{
    uint64_t before, after;
    int children = 30, status;

    if (!is_pvk()) {
        printf("PVLAB SKIP many-areas Linux counts others' memory too\n");
        return;
    }
    before = free_memory();
    status = in_child(has_areas, &children);
    after = free_memory();
    check("many-areas", !status, "status 0x%x", status);
    check("many-areas-come-back", before == after,
          "%llu bytes free, %llu before", (unsigned long long)after,
          (unsigned long long)before);
}

int main(void)
{
    maps();
    protects();
    breaks();
    many_areas();
    no_memory();
    fflush(stdout);
    return 0;
}
