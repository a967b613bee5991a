/* SPDX-License-Identifier: MIT */
/*
 * What the kernel reads and writes at a program's address is what the program
 * may read and write itself: across borders, of pages never touched or shared
 * since a fork, and nowhere else.
 *
 * Tried: a space's rights not looked at: to-read-only and to-none fail; pages
 *        written in place that a child shares: by-a-child and by-a-parent; no
 *        bounds in is_before_us() of kernel/mm/copy.c: elsewhere; CR0.WP clear:
 *        to-read-only and both of a fork; no TRAP_FIXUP at REP MOVSB: a panic.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

/* The system calls, not the libc's functions, which may ask a vDSO. */
static int write_at(void *at)
{
    return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, at) ? errno : 0;
}

static int read_at(const void *at)
{
    return syscall(SYS_nanosleep, at, NULL) ? errno : 0;
}

/*
 * 16 bytes at each place across the border of two pages, whose second is as the
 * caller made it.
 */
static void border(const char *name, char *pages, int when_read,
                   int when_written)
{
    int was_read = when_read, was_written = when_written;
    int before = 1;

    for (; before < 16 && was_read == when_read && was_written == when_written;
         before++) {
        char *at = pages + PAGE_BYTES - before;

        memset(pages + PAGE_BYTES - 16, 0, 16);
        was_read = read_at(at);
        was_written = write_at(at);
    }
    check(name, was_read == when_read && was_written == when_written,
          "%d bytes before it: read: %d, written: %d", before - 1, was_read,
          was_written);
    munmap(pages, 2 * (size_t)PAGE_BYTES);
}

static void borders(void)
{
    static const struct {
        const char *name;
        int rights, when_read, when_written;
    } rows[] = {
        { "copy-to-read-only", PROT_READ, 0, EFAULT },
        { "copy-to-none", PROT_NONE, EFAULT, EFAULT },
    };
    char *pages;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pages = map_pages(2);
        pages[PAGE_BYTES] = 0;
        mprotect(pages + PAGE_BYTES, PAGE_BYTES, rows[i].rights);
        border(rows[i].name, pages, rows[i].when_read, rows[i].when_written);
    }
    pages = map_pages(2);
    munmap(pages + PAGE_BYTES, PAGE_BYTES);
    border("copy-into-a-hole", pages, EFAULT, EFAULT);
}

static void elsewhere(void)
{
    static const uint64_t addresses[] = {
        0,
        8,
        0x00007ffffffff000 - 8,
        0x00007ffffffff000 - 1,
        0x00007ffffffff000,
        0x0000800000000000 - 8,
        0x0000800000000000,
        0xffff800000000000,
        0xffffffff80000000,
        0xffffffff80100000,
        0xffffffffc5000000,
        UINT64_MAX - 7,
    };
    unsigned wrong = 0;

    for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        void *at = (void *)(uintptr_t)addresses[i];

        wrong += write_at(at) != EFAULT || read_at(at) != EFAULT;
    }
    check("copy-elsewhere", !wrong, "%u addresses were taken", wrong);
}

static void untouched(void)
{
    struct timespec *pages = map_pages(4);
    const char *bytes = (const char *)pages;
    unsigned other = 0;
    int was_read = read_at(&pages[PAGE_BYTES / sizeof(*pages)]), was_written;

    was_written = write_at((char *)pages + 2 * PAGE_BYTES - 8);
    for (unsigned i = 0; i < 4 * PAGE_BYTES; i++)
        other +=
            (i < 2 * PAGE_BYTES - 8 || i >= 2 * PAGE_BYTES + 8) && bytes[i];
    check("copy-untouched", !was_read && !was_written && !other,
          "read: %d, written: %d, %u bytes beside it", was_read, was_written,
          other);
    munmap(pages, 4 * (size_t)PAGE_BYTES);
}

static int child_writes(void *argument)
{
    struct timespec *page = argument;

    return write_at(page) || !(page->tv_sec | page->tv_nsec);
}

static int child_is_spared(void *argument)
{
    const struct timespec *page = argument;

    /* The parent is in wait4(), which writes to its status alone. */
    return page->tv_sec != 0 || page->tv_nsec != 7;
}

static void shared(void)
{
    struct timespec *page = map_pages(1);
    int status, result, pair[2];
    char byte = 0;
    pid_t child;

    page->tv_nsec = 7;
    status = in_child(child_writes, page);
    check("copy-by-a-child", !status && !page->tv_sec && page->tv_nsec == 7,
          "status %d, the parent's became %ld", status, page->tv_nsec);

    if (pipe(pair))
        return;
    child = fork();
    if (!child) {
        (void)!read(pair[0], &byte, 1);
        _exit(child_is_spared(page));
    }
    result = write_at(page);
    (void)!write(pair[1], &byte, 1);
    waitpid(child, &status, 0);
    check("copy-by-a-parent", !result && !status && page->tv_nsec != 7,
          "result %d, status %d", result, status);
    munmap(page, PAGE_BYTES);
}

/* What the child of a vfork() has copied into its memory is its parent's. */
static void borrowed(void)
{
    static struct timespec moment;
    int status = -1;
    pid_t child = vfork();

    if (!child)
        _exit(write_at(&moment));
    waitpid(child, &status, 0);
    check("copy-borrowed", !status && (moment.tv_sec || moment.tv_nsec),
          "status %d, the parent's is %ld s, %ld ns", status,
          (long)moment.tv_sec, moment.tv_nsec);
}

int main(void)
{
    borders();
    elsewhere();
    untouched();
    shared();
    borrowed();
    return 0;
}
