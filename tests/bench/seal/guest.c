/* SPDX-License-Identifier: MIT */
/*
 * seal: sealing and verifying in ring 0, to be counted with pvlab run --where
 * from begin_seal_N to end_seal_N, and begin_verify_N to end_verify_N.
 */
#include <guest.h>

#include "sites.h"

#define MARKERS(name)                                                          \
    void begin_##name(void);                                                   \
    void end_##name(void);                                                     \
    __attribute__((noipa)) void begin_##name(void)                             \
    {                                                                          \
        __asm__ volatile("# " #name);                                          \
    }                                                                          \
    __attribute__((noipa)) void end_##name(void)                               \
    {                                                                          \
        __asm__ volatile("# end " #name);                                      \
    }

#define BENCH(count)                                                           \
    MARKERS(seal_##count)                                                      \
    MARKERS(verify_##count)                                                    \
    static void bench_##count(void)                                            \
    {                                                                          \
        bool sealed, verified;                                                 \
                                                                               \
        bench_make(count);                                                     \
        begin_seal_##count();                                                  \
        sealed = bench_seal();                                                 \
        end_seal_##count();                                                    \
        begin_verify_##count();                                                \
        verified = bench_verify();                                             \
        end_verify_##count();                                                  \
        if (sealed && verified)                                                \
            guest_pass("seal-" #count);                                        \
        else                                                                   \
            guest_fail("seal-" #count, "sealed: %u, verified: %u", sealed,     \
                       verified);                                              \
    }

BENCH(10)
BENCH(1000)
BENCH(10000)
BENCH(100000)

void guest_main(void)
{
    guest_begin();
    bench_10();
    bench_1000();
    bench_10000();
    bench_100000();
    guest_end();
}
