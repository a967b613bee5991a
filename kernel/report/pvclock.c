/* SPDX-License-Identifier: MIT */
/*
 * The time page of KVM and Xen: is it steady, has it the TSC's frequency, and
 * does it go on in step with the TSC?
 *
 * Source: Linux Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW.
 */
#include "core/divide.h"
#include "report/report.h"

_Static_assert(sizeof(struct report_pvclock) == 32, "report_pvclock");

enum { LOOKS = 100000 };

/* A copy that the host did not change meanwhile. */
static bool copy(const volatile struct report_pvclock *page,
                 struct report_pvclock *out)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        uint32_t version = page->version;

        if (version & 1)
            continue;
        __asm__ volatile("" ::: "memory");
        out->tsc_timestamp = page->tsc_timestamp;
        out->system_time = page->system_time;
        out->mul = page->mul;
        out->shift = page->shift;
        out->flags = page->flags;
        __asm__ volatile("" ::: "memory");
        if (page->version == version) {
            out->version = version;
            return true;
        }
    }
    return false;
}

static uint64_t scaled(const struct report_pvclock *page, uint64_t ticks)
{
    if (page->shift < 0)
        ticks >>= -page->shift;
    else
        ticks <<= page->shift;
    return report_scale(ticks, page->mul, 32);
}

bool report_pvclock_ns(const volatile struct report_pvclock *page,
                       uint64_t *out_ns)
{
    struct report_pvclock now;

    if (!copy(page, &now))
        return false;
    *out_ns = now.system_time + scaled(&now, machine_tsc() - now.tsc_timestamp);
    return true;
}

/* (10^9 << 32) / mul >> shift */
static uint64_t page_hz(const struct report_pvclock *page)
{
    uint32_t rest;
    uint64_t hz = divide(UINT64_C(1000000000) << 32, page->mul, &rest);

    return page->shift < 0 ? hz << -page->shift : hz >> page->shift;
}

static const volatile struct report_pvclock *judged;

static bool read_judged(uint64_t *out_ns)
{
    return report_pvclock_ns(judged, out_ns);
}

bool report_pvclock_judge(struct report_try *try,
                          const volatile struct report_pvclock *page)
{
    struct report_pvclock now;

    if (!copy(page, &now)) {
        try_wrong(try, "its version stays odd: 0x%x", page->version);
        return false;
    }
    if (!now.version) {
        try_wrong(try, "the page is never written");
        return false;
    }
    if (!now.mul || now.shift < -31 || now.shift > 31) {
        try_wrong(try, "its factor is %u, its shift %d", now.mul, now.shift);
        return false;
    }
    judged = page;
    return try_tsc_hz(try, page_hz(&now), "the page's TSC") &&
           try_in_step(try, read_judged, 1000000000, "the clock");
}
