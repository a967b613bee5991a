/* SPDX-License-Identifier: MIT */
/*
 * linux-calls: what seven system services of Linux cost, to be counted with
 * pvlab run --where from begin_NAME to end_NAME.
 *
 * Each round passes its two markers once, around exactly what the table at
 * the end says. Runs as /init, prints for each operation the least number of
 * TSC ticks of any round (executed instructions, if QEMU runs under -icount
 * shift=0), and powers the machine off.
 *
 * No libc: the process is as small as one can be, and a figure does not
 * change with the version of a library.
 */
#include <stddef.h>
#include <stdint.h>

enum { ROUNDS = 32, PAGE_BYTES = 4096, PAGES = 256 };

/* What one last-level page table maps: 512 pages. */
#define TABLE_BYTES (2l << 20)

/* Source: Linux arch/x86/entry/syscalls/syscall_64.tbl. */
enum {
    SYS_READ = 0,
    SYS_WRITE = 1,
    SYS_MMAP = 9,
    SYS_MPROTECT = 10,
    SYS_MUNMAP = 11,
    SYS_PIPE = 22,
    SYS_GETPID = 39,
    SYS_FORK = 57,
    SYS_EXIT = 60,
    SYS_WAIT4 = 61,
    SYS_UNAME = 63,
    SYS_REBOOT = 169,
    SYS_CLOCK_GETTIME = 228,
};

/* Source: Linux include/uapi/asm-generic/mman-common.h, linux/time.h,
 * asm-generic/errno-base.h. */
enum {
    PROT_READ = 1,
    PROT_WRITE = 2,
    MAP_PRIVATE = 2,
    MAP_ANONYMOUS = 0x20,
    CLOCK_MONOTONIC = 1,
    EEXIST = 17,
};

/* Source: Linux include/uapi/linux/reboot.h. */
#define REBOOT_MAGIC1    0xfee1dead
#define REBOOT_MAGIC2    672274793
#define REBOOT_POWER_OFF 0x4321fedc

/* Seen in the symbol table, called and never inlined or merged. */
#define MARKERS(name)                                                          \
    void begin_##name(void);                                                   \
    void end_##name(void);                                                     \
    __attribute__((noipa)) void begin_##name(void)                             \
    {                                                                          \
    }                                                                          \
    __attribute__((noipa)) void end_##name(void)                               \
    {                                                                          \
    }

MARKERS(nothing)
MARKERS(getpid)
MARKERS(clock_gettime)
MARKERS(fork)
MARKERS(fork_1mib)
MARKERS(fork_written)
MARKERS(page_fault)
MARKERS(page_fault_mixed)
MARKERS(mmap)
MARKERS(mprotect)
MARKERS(pipe)

static inline uint64_t rdtsc(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

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

static void print(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    call3(SYS_WRITE, 1, (long)text, length);
}

static void print_number(uint64_t number)
{
    char digits[21], *at = digits + sizeof(digits);

    *--at = '\0';
    do
        *--at = '0' + number % 10;
    while (number /= 10);
    print(at);
}

static _Noreturn void power_off(void)
{
    call6(SYS_REBOOT, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 0, 0, 0);
    /* pvk has no such call: it powers off when /init has ended. */
    for (;;)
        call3(SYS_EXIT, 0, 0, 0);
}

/* pvk counts the verdicts of its programs, and says itself when all is over. */
static int is_pvk(void)
{
    char names[6 * 65]; /* struct utsname: the system's name comes first */

    call3(SYS_UNAME, (long)names, 0, 0);
    return names[0] == 'p';
}

/* Give the verdict if a system call failed. */
static void need(long result, const char *what)
{
    if (result >= 0)
        return;
    print("PVLAB FAIL linux-calls ");
    print(what);
    print(" failed with errno ");
    print_number(-result);
    print("\n");
    if (!is_pvk())
        print("PVLAB END passed=0 failed=1 skipped=0\n");
    power_off();
}

/*
 * Halfway across the border between two last-level page tables, and far from
 * everything else of the process, as memory is placed under address space
 * randomisation: its page tables of all three levels are its own. Said here,
 * because Linux would choose at random and each page table is paid for.
 */
#define PLACE                                                                  \
    ((volatile char *)((1l << 44) + TABLE_BYTES - PAGES / 2 * PAGE_BYTES))

static volatile char *map_pages(void)
{
    long at = call6(SYS_MMAP, (long)PLACE, PAGES * PAGE_BYTES,
                    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    need(at, "mmap");
    if (at != (long)PLACE)
        need(-EEXIST, "mmap at its place");
    return PLACE;
}

static void touch(volatile char *pages)
{
    for (int i = 0; i < PAGES; i++)
        pages[i * PAGE_BYTES] = 1;
}

static void unmap_pages(volatile char *pages)
{
    call3(SYS_MUNMAP, (long)pages, PAGES * PAGE_BYTES, 0);
}

/* The cost of the markers themselves, contained in each of the others. */
static uint64_t nothing_once(void)
{
    uint64_t start = rdtsc();

    begin_nothing();
    end_nothing();
    return rdtsc() - start;
}

static uint64_t getpid_once(void)
{
    uint64_t start = rdtsc();

    begin_getpid();
    call0(SYS_GETPID);
    end_getpid();
    return rdtsc() - start;
}

/* The system call, not the vDSO's function. */
static uint64_t clock_gettime_once(void)
{
    long time[2];
    uint64_t start = rdtsc();

    begin_clock_gettime();
    call3(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)time, 0);
    end_clock_gettime();
    return rdtsc() - start;
}

static inline void fork_exit_wait(void)
{
    long child = call0(SYS_FORK);

    if (child == 0)
        call3(SYS_EXIT, 0, 0, 0);
    call6(SYS_WAIT4, child, 0, 0, 0, 0, 0);
}

static uint64_t fork_once(void)
{
    uint64_t start = rdtsc();

    begin_fork();
    fork_exit_wait();
    end_fork();
    return rdtsc() - start;
}

static uint64_t fork_1mib_once(void)
{
    uint64_t start = rdtsc();

    begin_fork_1mib();
    fork_exit_wait();
    end_fork_1mib();
    return rdtsc() - start;
}

/*
 * Of the program's own 1 MiB: beside its other data, so that touching it adds
 * pages and no page table.
 */
static volatile char mebibyte[PAGES * PAGE_BYTES]
    __attribute__((aligned(PAGE_BYTES)));

/* The child writes to each page of the mebibyte. */
static uint64_t fork_written_once(void)
{
    uint64_t start = rdtsc();
    long child;

    begin_fork_written();
    child = call0(SYS_FORK);
    if (child == 0) {
        touch(mebibyte);
        call3(SYS_EXIT, 0, 0, 0);
    }
    call6(SYS_WAIT4, child, 0, 0, 0, 0, 0);
    end_fork_written();
    return rdtsc() - start;
}

static uint64_t page_fault_once(void)
{
    volatile char *pages = map_pages();
    uint64_t start = rdtsc(), ticks;

    begin_page_fault();
    touch(pages);
    end_page_fault();
    ticks = rdtsc() - start;
    unmap_pages(pages);
    return ticks;
}

/* In no order that a kernel could foresee: each of them once. */
static uint64_t page_fault_mixed_once(void)
{
    volatile char *pages = map_pages();
    uint64_t start = rdtsc(), ticks;

    begin_page_fault_mixed();
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * 77 % PAGES * PAGE_BYTES] = 1;
    end_page_fault_mixed();
    ticks = rdtsc() - start;
    unmap_pages(pages);
    return ticks;
}

static uint64_t mmap_once(void)
{
    volatile char *pages;
    uint64_t start = rdtsc();

    begin_mmap();
    pages = map_pages();
    touch(pages);
    unmap_pages(pages);
    end_mmap();
    return rdtsc() - start;
}

static volatile char *protected_pages;

static uint64_t mprotect_once(void)
{
    const long at = (long)protected_pages, bytes = PAGES * PAGE_BYTES;
    uint64_t start = rdtsc();

    begin_mprotect();
    call3(SYS_MPROTECT, at, bytes, PROT_READ);
    call3(SYS_MPROTECT, at, bytes, PROT_READ | PROT_WRITE);
    end_mprotect();
    return rdtsc() - start;
}

static int ping[2], pong[2];

static void serve_pipe(void)
{
    char byte;

    while (call3(SYS_READ, ping[0], (long)&byte, 1) == 1)
        call3(SYS_WRITE, pong[1], (long)&byte, 1);
    call3(SYS_EXIT, 0, 0, 0);
}

static uint64_t pipe_once(void)
{
    char byte = 0;
    uint64_t start = rdtsc();

    begin_pipe();
    call3(SYS_WRITE, ping[1], (long)&byte, 1);
    call3(SYS_READ, pong[0], (long)&byte, 1);
    end_pipe();
    return rdtsc() - start;
}

static void setup_fork_1mib(void)
{
    touch(mebibyte);
}

static void setup_mprotect(void)
{
    protected_pages = map_pages();
    touch(protected_pages);
}

static void setup_pipe(void)
{
    long child;

    need(call3(SYS_PIPE, (long)ping, 0, 0), "pipe");
    need(call3(SYS_PIPE, (long)pong, 0, 0), "pipe");
    child = call0(SYS_FORK);
    need(child, "fork");
    if (child == 0)
        serve_pipe();
}

/* Small processes first: what one operation sets up, the later ones have. */
static const struct {
    const char *name;
    void (*setup)(void);
    uint64_t (*once)(void);
} operations[] = {
    { "nothing", NULL, nothing_once },
    { "getpid", NULL, getpid_once },
    { "clock_gettime", NULL, clock_gettime_once },
    { "fork", NULL, fork_once },
    { "fork_1mib", setup_fork_1mib, fork_1mib_once },
    { "fork_written", NULL, fork_written_once },
    { "page_fault", NULL, page_fault_once },
    { "page_fault_mixed", NULL, page_fault_mixed_once },
    { "mmap", NULL, mmap_once },
    { "mprotect", setup_mprotect, mprotect_once },
    { "pipe", setup_pipe, pipe_once },
};

_Noreturn void begin(void);

_Noreturn __attribute__((used)) void begin(void)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        uint64_t least = UINT64_MAX;

        if (operations[i].setup)
            operations[i].setup();
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t ticks = operations[i].once();

            if (ticks < least)
                least = ticks;
        }
        print("linux-calls: ");
        print(operations[i].name);
        print(" ");
        print_number(least);
        print(" ticks\n");
    }
    print("PVLAB PASS linux-calls\n");
    if (!is_pvk())
        print("PVLAB END passed=1 failed=0 skipped=0\n");
    power_off();
}

/* Source: System V ABI, AMD64 supplement, 3.4.1: RSP is 16-byte aligned. */
__asm__(".globl _start\n"
        "_start:\n\t"
        "xor %ebp, %ebp\n\t"
        "call begin\n");
