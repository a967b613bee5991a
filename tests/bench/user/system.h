/* SPDX-License-Identifier: MIT */
/*
 * What the programs that are counted share: system calls without a libc, the
 * two markers, and how a program says which samples are of what.
 *
 * No libc: the process is as small as one can be, and a figure does not change
 * with the version of a library.
 */
#ifndef BENCH_SYSTEM_H
#define BENCH_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/* PAGES of them are the mebibyte that so many operations are about. */
enum { PAGE_BYTES = 4096, PAGES = 256 };

/* What one last-level page table maps: 512 pages. */
#define TABLE_BYTES (2l << 20)

/* Source: Linux arch/x86/entry/syscalls/syscall_64.tbl. */
enum {
    SYS_READ = 0,
    SYS_WRITE = 1,
    SYS_CLOSE = 3,
    SYS_MMAP = 9,
    SYS_MPROTECT = 10,
    SYS_MUNMAP = 11,
    SYS_RT_SIGACTION = 13,
    SYS_PIPE = 22,
    SYS_MADVISE = 28,
    SYS_GETPID = 39,
    SYS_FORK = 57,
    SYS_EXECVE = 59,
    SYS_EXIT = 60,
    SYS_WAIT4 = 61,
    SYS_UNAME = 63,
    SYS_SYSINFO = 99,
    SYS_SCHED_SETSCHEDULER = 144,
    SYS_REBOOT = 169,
    SYS_CLOCK_GETTIME = 228,
};

/* Source: Linux include/uapi/asm-generic/mman-common.h. */
enum {
    PROT_READ = 1,
    PROT_WRITE = 2,
    MAP_PRIVATE = 2,
    MAP_ANONYMOUS = 0x20,
};

static inline long call6(long number, long a, long b, long c, long d, long e,
                         long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long call4(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long call3(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long call0(long number)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number)
                     : "rcx", "r11", "memory");
    return result;
}

/*
 * What lies between them is one sample. They are in the symbol table, and
 * called, never inlined. Samples are taken in order: nobody but the process
 * that measures passes them, and it prints nothing in between.
 */
void bench_from(void);
void bench_to(void);

/* The last 'rounds' samples held 'each' operations each: "bench: ..." */
void bench_told(unsigned rounds, unsigned each, const char *name);

void print(const char *text);
void print_number(uint64_t number);

/* Give the verdict if a system call failed. */
void need(long result, const char *what);

/* The verdict that all went well, and the end of the machine. */
_Noreturn void finish(const char *name);

/* Each program has one; the stack is at a multiple of 16. */
_Noreturn void begin(void);

/* Private zeroed memory at 'at' and nowhere else. */
volatile char *map_at(volatile char *at, size_t bytes);
void unmap(volatile char *pages, size_t bytes);

/* Write to the first byte of each page. */
static inline void touch(volatile char *pages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pages[i * PAGE_BYTES] = 1;
}

/* A child that only exits, and its end. */
static inline void fork_exit_wait(void)
{
    long child = call0(SYS_FORK);

    if (child == 0)
        call3(SYS_EXIT, 0, 0, 0);
    call4(SYS_WAIT4, child, 0, 0, 0);
}

#endif /* BENCH_SYSTEM_H */
