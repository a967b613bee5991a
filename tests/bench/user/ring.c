/* SPDX-License-Identifier: MIT */
/*
 * Processes in a ring of pipes, as lmbench's lat_ctx has them.
 *
 * Source: McVoy, Staelin: lmbench, Portable Tools for Performance Analysis,
 *         USENIX 1996, 6.6 (context switching).
 */
#include "ring.h"

#include "system.h"

enum { GO_ON = 1, END = 0 };

/* Source: Linux include/uapi/linux/sched.h. */
enum { SCHED_NORMAL = 0, SCHED_BATCH = 3 };

static volatile uint64_t data[RING_MOST_KIB * 1024 / sizeof(uint64_t)];
static size_t words; /* of it are used */

static unsigned children;
static int from, to; /* of this process */

/* Each page becomes this process's own. */
static void write_data(void)
{
    for (size_t i = 0; i < words; i++)
        data[i] = i;
}

static void read_data(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < words; i++)
        sum += data[i];
    __asm__ volatile("" : : "r"(sum));
}

static void send(char byte)
{
    call3(SYS_WRITE, to, (long)&byte, 1);
}

static char receive(void)
{
    char byte = END;

    call3(SYS_READ, from, (long)&byte, 1);
    read_data();
    return byte;
}

static void serve(void)
{
    char byte;

    write_data();
    do {
        byte = receive();
        send(byte);
    } while (byte != END);
    call3(SYS_EXIT, 0, 0, 0);
}

/* One that reads what the last of the ring writes so far. */
static void add_child(void)
{
    int ends[2];
    long child;

    need(call3(SYS_PIPE, (long)ends, 0, 0), "pipe");
    child = call0(SYS_FORK);
    need(child, "fork");
    if (child == 0) {
        to = ends[1];
        serve();
    }
    call3(SYS_CLOSE, from, 0, 0);
    call3(SYS_CLOSE, ends[1], 0, 0);
    from = ends[0];
}

/*
 * SCHED_BATCH: whoever is woken waits until the one who woke it waits. Without,
 * Linux stops the latter at times, which saves a switch here and there. pvk has
 * no such call, and never does.
 */
static void schedule_as(int policy)
{
    const int priority = 0;

    call3(SYS_SCHED_SETSCHEDULER, 0, policy, (long)&priority);
}

void ring_setup(unsigned processes, unsigned kib)
{
    int ends[2];

    schedule_as(SCHED_BATCH);
    words = kib * 1024 / sizeof(uint64_t);
    write_data();
    need(call3(SYS_PIPE, (long)ends, 0, 0), "pipe");
    from = ends[0];
    to = ends[1];
    children = processes - 1;
    for (unsigned i = 0; i < children; i++)
        add_child();
    /* Nobody has anything left to do when the first is counted. */
    ring_round();
}

void ring_round(void)
{
    send(GO_ON);
    receive();
}

void ring_teardown(void)
{
    send(END);
    receive();
    for (unsigned i = 0; i < children; i++)
        call4(SYS_WAIT4, -1, 0, 0, 0);
    call3(SYS_CLOSE, from, 0, 0);
    call3(SYS_CLOSE, to, 0, 0);
    schedule_as(SCHED_NORMAL);
}
