/* SPDX-License-Identifier: MIT */
/*
 * Pointers and lengths of every kind that is wrong, for every system call; then
 * system calls at random. "calls=N" and "seed=N" in the environment set how
 * many and which. Whatever a child does to itself, the rest lives on and no
 * page is lost.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { CALLS = 20000, CALLS_PER_CHILD = 200, ARGUMENTS = 6 };

/* Those that pvk knows, and numbers around them; none that ends Linux. */
static const long numbers[] = {
    SYS_read,
    SYS_write,
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_brk,
    SYS_pipe,
    SYS_sched_yield,
    SYS_nanosleep,
    SYS_getpid,
    SYS_execve,
    SYS_wait4,
    SYS_clock_gettime,
    SYS_arch_prctl,
    SYS_set_tid_address,
    SYS_writev,
    SYS_uname,
    SYS_close,
    SYS_dup2,
    SYS_sysinfo,
    SYS_rt_sigaction,
    SYS_fork,
    400,
    -1,
};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static long values[] = {
    0,
    1,
    -1,
    7,
    4095,
    4096,
    4097,
    0x10000,
    0x400000,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x7fffffffefff,
    0x7ffffffff000,
    0x7fffffffffff,
    0x800000000000,
    (long)0x8000000000000000,
    (long)0x7fffffffffffffff,
    (long)0xffff800000000000,
    (long)0xffff880000000000,
    (long)0xffffffff80100000,
    (long)0xfffffffffffff000,
    (long)0xfffffffffffffff8,
    0, /* the last four: pages of one's own */
    0,
    0,
    0,
};
enum { VALUES = sizeof(values) / sizeof(values[0]) };

static long call(long number, const long *a)
{
    register long r10 __asm__("r10") = a[3];
    register long r8 __asm__("r8") = a[4];
    register long r9 __asm__("r9") = a[5];
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
                       "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* What would fill the console, or take a thousand years, is left out. */
static bool is_harmless(long number, const long *a)
{
    if ((number == SYS_write || number == SYS_writev) && a[0] >= 0 && a[0] <= 2)
        return false;
    return number != SYS_nanosleep || (a[0] & 0xfff) != 0;
}

static void one(long number, const long *arguments)
{
    long pid;

    if (!is_harmless(number, arguments))
        return;
    pid = call(number, arguments);
    /* A child of fork() has nothing more to do. */
    if (number == SYS_fork && !pid)
        _exit(0);
}

struct plan {
    uint64_t seed;
    long number; /* every value for it; or -2: at random */
};

static void every_value(long number)
{
    long arguments[ARGUMENTS] = { 0 };

    for (unsigned place = 0; place < 3; place++) {
        for (unsigned i = 0; i < VALUES; i++) {
            for (unsigned j = 0; j < VALUES; j++) {
                arguments[place] = values[i];
                arguments[(place + 1) % 3] = values[j];
                arguments[(place + 2) % 3] = 1;
                one(number, arguments);
            }
        }
    }
}

static void at_random(uint64_t seed)
{
    for (unsigned i = 0; i < CALLS_PER_CHILD; i++) {
        long arguments[ARGUMENTS];

        for (unsigned k = 0; k < ARGUMENTS; k++) {
            arguments[k] = values[random_next(&seed) % VALUES];
            if (random_next(&seed) % 4 == 0)
                arguments[k] += (long)(random_next(&seed) % 8192) - 4096;
        }
        one(numbers[random_next(&seed) % NUMBERS], arguments);
    }
}

/* So that nothing of it comes out at the console, by whatever number. */
static void leave_console(void)
{
    int ends[2];

    if (pipe(ends))
        _exit(0);
    for (int file = 0; file <= 2; file++)
        dup2(ends[1], file);
    close(ends[1]);
}

static int misbehave(const struct plan *plan)
{
    char *own = map_pages(4);

    leave_console();
    mprotect(own + PAGE_BYTES, PAGE_BYTES, PROT_READ);
    munmap(own + 2 * PAGE_BYTES, PAGE_BYTES);
    for (unsigned i = 0; i < 4; i++)
        values[VALUES - 4 + i] = (long)(own + (i + 1) * PAGE_BYTES - 8);
    if (plan->number == -2)
        at_random(plan->seed);
    else
        every_value(plan->number);
    return 0;
}

static unsigned long long number_of(const char *name,
                                    unsigned long long otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

/*
 * A child may well wait for ever, for a pipe of its own: it has a second. What
 * it forked is init's when it has ended, and is not waited for.
 */
static void run_child(struct plan *plan)
{
    pid_t child = fork();

    if (child < 0)
        return;
    if (!child)
        _exit(misbehave(plan));
    for (unsigned i = 0; i < 100; i++) {
        if (waitpid(child, NULL, WNOHANG) == child)
            return;
        usleep(10000);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void run_all(uint64_t seed, unsigned children)
{
    struct plan plan = { .number = -2 };

    for (unsigned i = 0; i < NUMBERS; i++) {
        plan.number = numbers[i];
        run_child(&plan);
    }
    plan.number = -2;
    for (unsigned i = 0; i < children; i++) {
        plan.seed = seed + i;
        run_child(&plan);
    }
}

/*
 * What children forked may still be about to end, on other CPUs; where a wait
 * for the kernel's lock is long, for seconds.
 */
static uint64_t settled_memory(uint64_t before)
{
    uint64_t now = free_memory();

    for (unsigned i = 0; i < 3000 && now != before; i++) {
        usleep(10000);
        now = free_memory();
    }
    return now;
}

int main(void)
{
    uint64_t seed = number_of("seed", 1), before, after;
    unsigned calls = (unsigned)number_of("calls", CALLS);
    unsigned children = (calls + CALLS_PER_CHILD - 1) / CALLS_PER_CHILD;

    printf("hostile: seed %llu, %u calls at random\n", (unsigned long long)seed,
           children * CALLS_PER_CHILD);
    fflush(stdout);
    run_all(seed, 1); /* what the kernel keeps is kept from now on */
    usleep(500000);
    before = free_memory();
    run_all(seed, children);
    after = settled_memory(before);
    pass("hostile-survived");
    if (is_pvk())
        check("hostile-loses-no-page", before == after,
              "%lld bytes less are free", (long long)(before - after));
    return 0;
}
