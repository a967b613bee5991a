/* SPDX-License-Identifier: MIT */
/*
 * hypercalls: a million of them at random, of every number, with every pointer
 * and every count wrong now and then; each returns, none harms the guest.
 *
 * Not called: what ends, stops or leaves the guest if it succeeds (iret, block,
 * poll and shutdown with an argument that can be read, VCPUOP_down), what makes
 * its own code trap (debug register 7), and console output.
 *
 * Verdict: PASS (0) in a PV domain, SKIP (3) elsewhere.
 * Tried on the shim, each fails: guest_address_ok() always true (an exception
 * of the shim's); call_set_gdt() without the bound.
 */
#include <guest.h>

#if defined(__x86_64__)
#include "abi/xen.h"

enum { CALLS = 1000000, BUFFER_WORDS = 1024, ERRNO_MOST = 4095 };

static uint64_t buffer[BUFFER_WORDS] __attribute__((aligned(4096)));
static uint64_t seed = 0x9e3779b97f4a7c15;

extern const uint8_t text_start[], text_stop[];

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static unsigned below(unsigned end)
{
    return (unsigned)((random64() >> 16) % end);
}

static long call(unsigned long number, const uint64_t a[5])
{
    register uint64_t a4 __asm__("r10") = a[3];
    register uint64_t a5 __asm__("r8") = a[4];
    uint64_t a1 = a[0], a2 = a[1], a3 = a[2];
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(a4),
                       "+r"(a5)
                     : "a"(number)
                     : "rcx", "r11", "memory");
    return result;
}

/* No page of the guest's: Xen's, between the halves, high, or not mapped. */
static uint64_t wild(void)
{
    static const uint64_t places[] = {
        0xffff800000000000, 0xffff82d080000000, 0xffff82d0c000e000,
        0xffff830000200000, 0xffff87fffffffff8, 0x0000800000000000,
        0x0000fffffffffff8, 0x00007ffffffffff8, 0xffff880000000000,
        0xffffffffffffffff, 0xfffffffffffffff8, 0x0000600000000000,
    };

    return places[below(sizeof(places) / sizeof(places[0]))] + below(3);
}

static uint64_t count(void)
{
    static const uint64_t counts[] = { 0,          1,          2,
                                       0x7fffffff, 0x80000000, 0x80000001,
                                       0xffffffff, UINT64_MAX, 513 };

    return counts[below(sizeof(counts) / sizeof(counts[0]))];
}

static uint64_t argument(void)
{
    switch (below(6)) {
    case 0:
        return wild();
    case 1:
        return (uintptr_t)buffer;
    case 2:
        return count();
    case 3:
        return random64();
    default:
        return below(48);
    }
}

static void fill(void)
{
    for (unsigned i = 0; i < 32; i++)
        buffer[i] = below(4) ? below(256) : random64();
}

/* See above; all else may be called. */
static bool allowed(unsigned number, const uint64_t a[5])
{
    bool readable = a[1] == (uintptr_t)buffer;
    uint32_t command = (uint32_t)a[0];

    switch (number) {
    case __HYPERVISOR_iret:
    case __HYPERVISOR_multicall:
        return false;
    case __HYPERVISOR_sched_op:
        return command != SCHEDOP_block && !readable && a[1] >= 4096;
    case __HYPERVISOR_vcpu_op:
        return command != VCPUOP_down;
    case __HYPERVISOR_set_debugreg:
        return command != 7;
    case __HYPERVISOR_console_io:
        return command != CONSOLEIO_write;
    case __HYPERVISOR_update_va_mapping:
        return a[0] >= UINT64_C(1) << 40;
    }
    return true;
}

static uint64_t sum_of_text(void)
{
    uint64_t sum = 0;

    for (const uint8_t *at = text_start; at < text_stop; at++)
        sum = sum * 31 + *at;
    return sum;
}

/* One that is in a list, or not. */
static bool one(unsigned number, uint64_t a[5])
{
    bool listed = !below(8);
    long result;

    if (listed) {
        buffer[0] = number;
        for (unsigned i = 0; i < 5; i++)
            buffer[2 + i] = a[i];
        a[0] = (uintptr_t)buffer;
        a[1] = 1;
        number = __HYPERVISOR_multicall;
    }
    result = call(number, a);
    if (result < -ERRNO_MOST && number != __HYPERVISOR_get_debugreg) {
        guest_fail("hypercalls", "%u returned %x", number, (unsigned)result);
        return false;
    }
    return true;
}

static void run(void)
{
    uint64_t sum = sum_of_text();

    for (unsigned i = 0; i < CALLS; i++) {
        unsigned number = below(66);
        uint64_t a[5];

        fill();
        for (unsigned k = 0; k < 5; k++)
            a[k] = argument();
        if (allowed(number, a) && !one(number, a))
            return;
    }
    if (sum_of_text() != sum)
        guest_fail("hypercalls", "the guest's text has changed");
    else
        guest_pass("hypercalls");
}
#endif

void guest_main(void)
{
    guest_begin();
#if defined(__x86_64__)
    if (guest_boot.xen_pv) {
        run();
        guest_end();
        return;
    }
#endif
    guest_skip("hypercalls", "no PV domain");
    guest_end();
}
