/* SPDX-License-Identifier: MIT */
/*
 * forms: the time of what a call site may hold, on this machine, in ring 3: the
 * same store as a page-table write natively is, by each way that was argued
 * for. Every form is asked for STORES times in a row, to as many addresses as a
 * small page table has, so that it is always predicted and in the cache: what
 * is least for a call. Compiled without a red zone, as a kernel is.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>

#include "median.h"

enum { STORES = 1000000, ENTRIES = 512, SLOW = 20 };

static uint64_t table[ENTRIES];

/* By RDI and RSI, as the library's sites have it (include/pvops/mmu.h). */
__asm__(".text\n"
        "form_store:\n\t"
        "movq %rsi, (%rdi)\n\t"
        "ret\n"
        /* VMI 3.0's way: the call's stub goes on into the ROM. */
        "form_stub:\n\t"
        "movl $1, %ecx\n\t"
        "jmp form_store\n");
void form_store(void);
static void (*volatile form_op)(void) = form_store;

/* One form: 'text' stores RSI to (RDI). */
#define FORM(name, text)                                                       \
    static void name(void)                                                     \
    {                                                                          \
        for (unsigned i = 0; i < STORES; i++) {                                \
            uint64_t *entry = &table[i % ENTRIES];                             \
            uint64_t value = i;                                                \
                                                                               \
            __asm__ volatile(text                                              \
                             : "+D"(entry), "+S"(value)                        \
                             : [op] "m"(form_op)                               \
                             : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11",  \
                               "memory", "cc");                                \
        }                                                                      \
    }

FORM(nothing, "")
FORM(by_hand, "movq %%rsi, (%%rdi)")
/* Three bytes, and a NOP of three, as pvops_seal() leaves it. */
FORM(sealed, "movq %%rsi, (%%rdi); nopl (%%rax)")
FORM(direct, "call form_store")
FORM(vmi, "call form_stub")
FORM(through_table, "call *%[op]")

static const struct {
    void (*run)(void);
    const char *name;
} forms[] = {
    { nothing, "the loop alone" },
    { by_hand, "the instruction by hand" },
    { sealed, "a sealed site, inline" },
    { direct, "a sealed site, direct call" },
    { vmi, "VMI 3.0: call, stub, ROM" },
    { through_table, "before sealing: through the table" },
};

int main(void)
{
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        double rounds[MEDIAN_ROUNDS];

        forms[i].run();
        for (unsigned round = 0; round < MEDIAN_ROUNDS; round++) {
            double start_ns = median_now_ns();

            for (unsigned n = 0; n < SLOW; n++)
                forms[i].run();
            rounds[round] = median_now_ns() - start_ns;
        }
        printf("time: %.3f a store: %s\n",
               median_of(rounds) / ((double)STORES * SLOW), forms[i].name);
    }
    return EXIT_SUCCESS;
}
