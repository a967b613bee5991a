/* SPDX-License-Identifier: MIT */
/*
 * user: what system services cost, to be counted with pvlab run --where from
 * bench_from to bench_to. Runs as /init, beside a program /exit.
 *
 * The operations are lmbench's, by which Xen was compared with Linux in 2003.
 *
 * Source: McVoy, Staelin: lmbench, Portable Tools for Performance Analysis,
 *         USENIX 1996; Barham et al.: Xen and the Art of Virtualization, SOSP
 *         2003, 4.2.
 */
#include "fault.h"
#include "memory.h"
#include "ring.h"
#include "system.h"

/* Source: Linux include/uapi/linux/time.h. */
enum { CLOCK_MONOTONIC = 1 };

/* The cost of the markers themselves, contained in each of the others. */
static void nothing_once(void)
{
    bench_from();
    bench_to();
}

static void getpid_once(void)
{
    bench_from();
    call0(SYS_GETPID);
    bench_to();
}

/* The system call, not the vDSO's function. */
static void clock_gettime_once(void)
{
    long time[2];

    bench_from();
    call3(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)time, 0);
    bench_to();
}

static void fork_once(void)
{
    bench_from();
    fork_exit_wait();
    bench_to();
}

/* By fork(): the child has the parent's memory until it is another program. */
static void exec_once(void)
{
    static const char path[] = "/exit";
    static const char *const arguments[] = { path, NULL };
    long child;
    int status = 0;

    bench_from();
    child = call0(SYS_FORK);
    if (child == 0) {
        call3(SYS_EXECVE, (long)path, (long)arguments, (long)&arguments[1]);
        call3(SYS_EXIT, 1, 0, 0);
    }
    call4(SYS_WAIT4, child, (long)&status, 0, 0);
    bench_to();
    need(-status, "execve of /exit");
}

/*
 * Of the program's own 1 MiB: beside its other data, so that touching it adds
 * pages and no page table.
 */
static volatile char mebibyte[PAGES * PAGE_BYTES]
    __attribute__((aligned(PAGE_BYTES)));

static void touch_mebibyte(void)
{
    touch(mebibyte, PAGES);
}

/* Written before each fork: what one has made read-only costs the next less. */
static void fork_touched_once(void)
{
    touch_mebibyte();
    bench_from();
    fork_exit_wait();
    bench_to();
}

/* The same, and the child writes to each page of the mebibyte. */
static void fork_written_once(void)
{
    long child;

    touch_mebibyte();
    bench_from();
    child = call0(SYS_FORK);
    if (child == 0) {
        touch_mebibyte();
        call3(SYS_EXIT, 0, 0, 0);
    }
    call4(SYS_WAIT4, child, 0, 0, 0);
    bench_to();
}

static void ring_once(void)
{
    bench_from();
    ring_round();
    bench_to();
}

/* Small processes first: what one operation sets up, the later ones have. */
static const struct operation {
    const char *name;
    unsigned rounds, each;
    void (*setup)(void);
    void (*once)(void);
    void (*teardown)(void);
    unsigned ring, kib; /* so many processes, of so much data each; or 0 */
} operations[] = {
    /* clang-format off */
    { "nothing", 32, 1, .once = nothing_once },
    { "null call (getpid)", 32, 1, .once = getpid_once },
    { "clock_gettime", 32, 1, .once = clock_gettime_once },
    { "pipe latency, a byte to and fro", 32, 1, .once = ring_once, .ring = 2 },
    { "fork, exit, wait", 32, 1, .once = fork_once },
    { "fork, exec, wait", 32, 1, .once = exec_once },
    { "fork, exit, wait; 1 MiB touched before", 32, 1,
      .once = fork_touched_once },
    { "fork, exit, wait; 1 MiB touched before, the child writes it", 16, 1,
      .once = fork_written_once },
    { "protection fault", 32, 1,
      .setup = fault_setup, .once = fault_once, .teardown = fault_teardown },
    { "page fault, 256 pages in order", 16, PAGES, .once = page_faults_once },
    { "page fault, 256 pages in no order", 16, PAGES,
      .once = page_faults_mixed_once },
    { "mmap, touch, munmap of 1 MiB", 16, 1, .once = mmap_once },
    { "mprotect of 1 MiB and back", 32, 1,
      .setup = mprotect_setup, .once = mprotect_once,
      .teardown = mprotect_teardown },
#define SWITCHES(processes, size)                                              \
    { "context switch, " #processes " processes of " #size " KiB", 32,         \
      processes, .once = ring_once, .ring = processes, .kib = size }
    SWITCHES(2, 0), SWITCHES(2, 16), SWITCHES(2, 64),
    SWITCHES(8, 0), SWITCHES(8, 16), SWITCHES(8, 64),
    SWITCHES(16, 0), SWITCHES(16, 16), SWITCHES(16, 64),
#undef SWITCHES
    /* clang-format on */
};

static void measure(const struct operation *operation)
{
    if (operation->ring)
        ring_setup(operation->ring, operation->kib);
    if (operation->setup)
        operation->setup();
    for (unsigned round = 0; round < operation->rounds; round++)
        operation->once();
    if (operation->teardown)
        operation->teardown();
    if (operation->ring)
        ring_teardown();
    bench_told(operation->rounds, operation->each, operation->name);
}

_Noreturn void begin(void)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        measure(&operations[i]);
    finish("bench-user");
}
