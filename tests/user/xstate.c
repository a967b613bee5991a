/* SPDX-License-Identifier: MIT */
/*
 * Registers beyond the general ones, and FS.base, belong to a process: x87,
 * SSE, and AVX where XCR0 has it.
 */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { ROUNDS = 200, VECTORS = 8, VECTOR_BYTES = 32 };

static bool has_avx(void)
{
    unsigned a, b, c, d, low, high;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
        return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

/*
 * Load, give the CPU to another, store: in one piece, since no compiler keeps
 * the registers between (and it empties AVX's upper halves).
 */
static void across_avx(const uint8_t *in, uint8_t *out)
{
    long number = SYS_sched_yield;

    __asm__ volatile("vmovdqu 0(%1), %%ymm8\n\t"
                     "vmovdqu 32(%1), %%ymm15\n\t"
                     "syscall\n\t"
                     "vmovdqu %%ymm8, 0(%2)\n\t"
                     "vmovdqu %%ymm15, 32(%2)\n\t"
                     "vzeroupper"
                     : "+a"(number)
                     : "r"(in), "r"(out)
                     : "rcx", "r11", "xmm8", "xmm15", "memory");
}

static void across_sse(const uint8_t *in, uint8_t *out)
{
    long number = SYS_sched_yield;

    __asm__ volatile("movdqu 0(%1), %%xmm8\n\t"
                     "movdqu 32(%1), %%xmm15\n\t"
                     "syscall\n\t"
                     "movdqu %%xmm8, 0(%2)\n\t"
                     "movdqu %%xmm15, 32(%2)"
                     : "+a"(number)
                     : "r"(in), "r"(out)
                     : "rcx", "r11", "xmm8", "xmm15", "memory");
}

static __thread uint64_t own_thread_local;

/* What differs: 0 nothing, else an index of main()'s list. */
static int keep(uint8_t value, bool avx)
{
    uint8_t in[64], out[64];
    long double mine = value, x87;

    memset(in, value, sizeof(in));
    own_thread_local = value;
    for (unsigned i = 0; i < ROUNDS; i++) {
        memset(out, 0, sizeof(out));
        __asm__ volatile("fldt %0" : : "m"(mine));
        if (avx)
            across_avx(in, out);
        else
            across_sse(in, out);
        __asm__ volatile("fstpt %0" : "=m"(x87));
        if (memcmp(in, out, 16) != 0 || memcmp(in + 32, out + 32, 16) != 0 ||
            (avx && memcmp(in, out, 64) != 0))
            return 1;
        if (x87 != mine)
            return 2;
        if (own_thread_local != value)
            return 3;
    }
    return 0;
}

static int result_of_three(bool avx)
{
    pid_t children[3];
    int result = 0, status;

    for (unsigned i = 0; i < 3; i++) {
        children[i] = fork();
        if (!children[i])
            _exit(keep((uint8_t)(0x11 * (i + 1)), avx));
    }
    for (unsigned i = 0; i < 3; i++) {
        waitpid(children[i], &status, 0);
        if (status && !result)
            result = status >> 8 ? status >> 8 : 4;
    }
    return result;
}

int main(void)
{
    static const char *const what[] = { "", "a vector register", "x87's top",
                                        "thread-local storage", "a signal" };
    int result = result_of_three(false);

    check("sse-x87-fs", !result, "another process's %s", what[result]);
    if (!has_avx()) {
        printf("PVLAB SKIP avx XCR0 does not have it\n");
        return 0;
    }
    result = result_of_three(true);
    check("avx", !result, "another process's %s", what[result]);
    return 0;
}
