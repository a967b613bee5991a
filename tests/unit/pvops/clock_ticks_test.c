/* SPDX-License-Identifier: MIT */
/*
 * Ticks become nanoseconds exactly as the ABI's formula says, and a time page
 * the host is rewriting is never believed.
 *
 * Source: Linux Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW.
 * Tried:  pvi_pvclock_read() without "version & 1", without the second look at
 *         the version, or without the sign of 'ticks'; pvi_ticks_scale()
 *         without its upper half; a shift off by one in pvi_ticks_factors();
 *         pvi_mul_high() without a carry; x86_div() with the remainder of the
 *         upper half left out (i386): each fails here.
 */
#include "pvtest.h"

#include "cpu.h"
#include "pvclock.h"
#include "ticks.h"

PVTEST(scale_is_exact, "no rounding beyond the final >> 32")
{
    static const struct {
        uint64_t ticks;
        uint32_t mul;
        int8_t shift;
        uint64_t want;
    } rows[] = {
        /* clang-format off */
        {                 0,          1,   0,                            0 },
        {                 1, UINT32_MAX,   0,                            0 }, /* rounds down */
        {        2000000000, 0x80000000,   0,                   1000000000 }, /* 1 s at 2 GHz */
        {        3000000000, 0xaaaaaaab,  -1,                   1000000000 }, /* 1 s at 3 GHz */
        { UINT64_C(1) << 62, UINT32_MAX,   1, UINT64_C(0x7fffffff80000000) }, /* top bit */
        {        UINT64_MAX, UINT32_MAX, -31,        UINT64_C(0x1fffffffd) },
        /* clang-format on */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EXPECT_EQ(rows[i].want,
                  pvi_ticks_scale(rows[i].ticks, rows[i].mul, rows[i].shift));
}

PVTEST(factors_keep_the_rate, "a week of ticks is a week, to 0.002 ppm")
{
    static const uint64_t hz[] = {
        1000000,
        19200000,
        999999999,
        1000000000,
        1000000001,
        1193182,
        2000000000,
        2000000001,
        2596104321,
        3000000000,
        UINT64_C(4294967296),
        UINT64_C(99999999999),
    };
    const uint64_t week_s = 7 * 24 * 3600;

    for (size_t i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
        uint64_t want = week_s * 1000000000;
        uint64_t ns, apart;
        uint32_t mul;
        int8_t shift;

        pvi_ticks_factors(hz[i], &mul, &shift);
        EXPECT(mul >> 31);
        ns = pvi_ticks_scale(hz[i] * week_s, mul, shift);
        apart = ns < want ? want - ns : ns - want;
        EXPECT(apart <= want / 1000000000 * 2);
    }
}

PVTEST(factors_give_the_rate_back, "hz -> mul, shift -> hz, to 1 in 10^9")
{
    for (uint64_t hz = 1000000; hz < UINT64_C(100000000000); hz += hz / 7) {
        uint64_t back, apart;
        uint32_t mul;
        int8_t shift;

        pvi_ticks_factors(hz, &mul, &shift);
        back = pvi_ticks_hz(mul, shift);
        apart = back < hz ? hz - back : back - hz;
        EXPECT(apart <= 1 + hz / 500000000);
    }
}

PVTEST(nonsense_has_no_rate, "mul 0, or a shift that is none")
{
    EXPECT_EQ(0, pvi_ticks_hz(0, 0));
    EXPECT_EQ(0, pvi_ticks_hz(0x80000000, 32));
    EXPECT_EQ(0, pvi_ticks_hz(0x80000000, -32));
    EXPECT_EQ(2000000000, pvi_ticks_hz(0x80000000, 0));
    EXPECT_EQ(1000000000, pvi_ticks_hz(0x80000000, 1));
    EXPECT_EQ(4000000000, pvi_ticks_hz(0x80000000, -1));
}

PVTEST(upper_half_of_a_product, "every carry between the four parts")
{
    EXPECT_EQ(0, pvi_mul_high(UINT32_MAX, UINT32_MAX));
    EXPECT_EQ(UINT64_MAX - 1, pvi_mul_high(UINT64_MAX, UINT64_MAX));
    EXPECT_EQ(1, pvi_mul_high(UINT64_C(1) << 32, UINT64_C(1) << 32));
    EXPECT_EQ(UINT64_C(0x121fa00ad77d7422),
              pvi_mul_high(UINT64_C(0x123456789abcdef0),
                           UINT64_C(0xfedcba9876543210)));
    EXPECT_EQ(UINT64_C(0xfffffffe),
              pvi_mul_high(UINT64_C(0xffffffffffffffff), 0xffffffff));
}

PVTEST(division, "64 by 32 bits, the quotient of 64 bits")
{
    uint32_t rest;

    EXPECT_EQ(0, x86_div(0, 7, &rest));
    EXPECT_EQ(0, rest);
    EXPECT_EQ(UINT64_MAX / 3, x86_div(UINT64_MAX, 3, &rest));
    EXPECT_EQ(0, rest);
    EXPECT_EQ(UINT64_C(0xffffffff00000000), /* not a number below 2^32 */
              x86_div(UINT64_C(0xffffffff00000000), 1, &rest));
    EXPECT_EQ(UINT64_C(4294967297), x86_div(UINT64_MAX, UINT32_MAX, NULL));
    EXPECT_EQ(UINT64_C(1000000000),
              x86_div(UINT64_C(2596104000000000123), 2596104000, &rest));
    EXPECT_EQ(123, rest);
}

static struct pvclock_vcpu_time_info page;
static unsigned reads;

/* The host at work, seen at each TSC read of ours. */
static void host_writes(void)
{
    switch (reads++) {
    case 0: /* a whole update passed between our looks at the version */
        page.version = 4;
        break;
    case 1: /* another begins ... */
        page.version = 5;
        break;
    case 3: /* ... and ends */
        page.version = 6;
        page.system_time = 2000;
        break;
    }
}

PVTEST(torn_page_is_read_again, "changed or odd version: not believed")
{
    struct pvi_pvclock_now now;

    fake_reset();
    reads = 0;
    page = (struct pvclock_vcpu_time_info){ .version = 2,
                                            .system_time = 1,
                                            .tsc_timestamp = UINT64_MAX / 2 };
    fake.at_rdtsc = host_writes;

    EXPECT(pvi_pvclock_read(&page, true, &now));
    EXPECT_EQ(2000, now.ns);
    EXPECT_EQ(5, reads);
}

PVTEST(dead_host_is_given_up, "a version that stays odd ends the loop")
{
    struct pvi_pvclock_now now;

    fake_reset();
    page = (struct pvclock_vcpu_time_info){ .version = 3 };
    EXPECT(!pvi_pvclock_read(&page, true, &now));
    EXPECT(fake.operations <= 2 * PVI_PVCLOCK_TRIES);
}

PVTEST(tsc_behind_the_page, "another CPU's TSC, a little late, is no jump")
{
    struct pvi_pvclock_now now;

    fake_reset();
    page = (struct pvclock_vcpu_time_info){
        .version = 2,
        .tsc_timestamp = fake_tsc() + 1000000,
        .system_time = 77,
        .tsc_to_system_mul = 0x80000000,
    };
    EXPECT(pvi_pvclock_read(&page, true, &now));
    EXPECT_EQ(77, now.ns);
}

PVTEST(no_lfence_without_sse2, "the model faults at LFENCE there")
{
    struct pvi_pvclock_now now;

    fake_reset();
    fake_leaf_at(1)->edx &= ~(1u << 26);
    page = (struct pvclock_vcpu_time_info){ .version = 2,
                                            .tsc_timestamp = UINT64_MAX / 2,
                                            .system_time = 5 };
    EXPECT(pvi_pvclock_read(&page, false, &now));
    EXPECT_EQ(5, now.ns);
}
