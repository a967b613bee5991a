/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's clocks: the counter, the page, the frequencies, the VP's run time.
 */
#include "core/divide.h"
#include "report/hyperv.h"

enum { WAIT_US = 10000, PAGE_US = 20 };
/* Of bytes that nobody has written to. */
enum { MARK = 0x5a, MARKED = 0x5a5a5a5a };

static volatile union {
    struct report_hv_tsc tsc;
    uint8_t bytes[4096];
} page __attribute__((aligned(4096)));

bool hv_read_count(uint64_t *out_value)
{
    return machine_rdmsr(HV_MSR_REF_COUNT, out_value);
}

static void read_count(void)
{
    uint64_t value;

    hv_read_count(&value);
}

static void read_tsc(void)
{
    machine_tsc();
}

void probe_hv_count(struct report_try *try)
{
    uint64_t value;

    if (!try_read(try, HV_MSR_REF_COUNT, &value) || !try->claimed)
        return;
    if (!try_in_step(try, hv_read_count, HV_REF_HZ, "the counter"))
        return;
    try_right(try, "10 MHz, in step with the TSC; an exit each time");
    try_cost(try, read_count, read_tsc);
}

/* False while the host says that the page is of no use. */
static bool read_page(uint64_t *out_value)
{
    enum { LOOKS = 100000 };

    for (unsigned i = 0; i < LOOKS; i++) {
        uint32_t sequence = page.tsc.sequence;
        uint64_t scale, now;
        int64_t offset;

        if (!sequence || sequence == UINT32_MAX)
            continue;
        __asm__ volatile("" ::: "memory");
        scale = page.tsc.scale;
        offset = page.tsc.offset;
        now = machine_tsc();
        __asm__ volatile("" ::: "memory");
        if (page.tsc.sequence != sequence)
            continue;
        *out_value = report_scale(now, scale, 64) + (uint64_t)offset;
        return true;
    }
    return false;
}

static void page_once(void)
{
    uint64_t value;

    read_page(&value);
}

/* The page beside the counter: within 20 us of it, which an exit may take. */
static void agrees(struct report_try *try)
{
    uint64_t before, value, after;
    uint64_t least = UINT64_MAX, off = 0;
    uint32_t rest;

    for (unsigned i = 0; i < 32; i++) {
        if (!hv_read_count(&before) || !read_page(&value) ||
            !hv_read_count(&after) || after - before >= least)
            continue;
        least = after - before;
        off = 0;
        if (value + PAGE_US * 10 < before)
            off = before - value;
        else if (value > after + PAGE_US * 10)
            off = value - after;
    }
    if (least == UINT64_MAX)
        return; /* there is no counter */
    if (off)
        try_wrong(try, "it is %llu us away from the counter",
                  (unsigned long long)divide(off, 10, &rest));
}

void probe_hv_tsc_page(struct report_try *try)
{
    uint64_t old, start, value;
    uint64_t ticks = report_ticks(WAIT_US);

    if (!try_read(try, HV_MSR_REF_TSC, &old) || !try->claimed)
        return;
    for (unsigned i = 0; i < sizeof(page); i++)
        page.bytes[i] = MARK;
    if (!try_write(try, HV_MSR_REF_TSC,
                   machine_paddr((const void *)&page) | HV_ENABLE))
        return;
    start = machine_tsc();
    while ((page.tsc.sequence == MARKED || !page.tsc.sequence) &&
           machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    if (page.tsc.sequence == MARKED) {
        try_wrong(try, "the page is never written");
    } else if (!read_page(&value)) {
        try_right(try, "sequence 0: guests take the counter");
    } else {
        agrees(try);
        if (try_in_step(try, read_page, HV_REF_HZ, "the page")) {
            try_right(try, "in step with the TSC and the counter");
            try_cost(try, page_once, read_tsc);
            /* More instructions than RDTSC alone, but no exit. */
            if (try->verdict == REPORT_DEARER && try->ticks / 16 <= try->native)
                try->verdict = REPORT_RIGHT;
        }
    }
    machine_wrmsr(HV_MSR_REF_TSC, old);
}

void probe_hv_tsc_hz(struct report_try *try)
{
    uint64_t hz;

    if (!try_read(try, HV_MSR_TSC_HZ, &hz) || !try->claimed)
        return;
    if (try_tsc_hz(try, hz, "the frequency"))
        try_right(try, "%llu Hz", (unsigned long long)hz);
}

void probe_hv_apic_hz(struct report_try *try)
{
    uint64_t hz;

    if (!try_read(try, HV_MSR_APIC_HZ, &hz) || !try->claimed)
        return;
    if (!hz)
        try_wrong(try, "the frequency is 0");
    else
        try_right(try, "%llu Hz", (unsigned long long)hz);
}

/* 100 ns; a host may count by its own ticks, of up to 10 ms. */
void probe_hv_runtime(struct report_try *try)
{
    enum { TICK_US = 10000 };
    uint64_t first, last = 0, start, most_us = 0;
    uint32_t rest;

    if (!try_read(try, HV_MSR_RUNTIME, &first) || !try->claimed)
        return;
    start = machine_tsc();
    for (unsigned i = 0; i < 11 && last <= first; i++) {
        report_spin(WAIT_US);
        machine_rdmsr(HV_MSR_RUNTIME, &last);
        if (last < first)
            break;
    }
    if (report_clock.tsc_hz)
        most_us = divide(machine_tsc() - start,
                         (uint32_t)divide(report_clock.tsc_hz, 1000000, &rest),
                         &rest) +
                  2 * TICK_US;
    if (last < first)
        try_wrong(try, "it steps back by %llu",
                  (unsigned long long)(first - last));
    else if (last == first)
        try_wrong(try, "it stands still");
    else if (most_us && last - first > most_us * 10)
        try_wrong(try, "it goes on by %llu00 ns in %llu us",
                  (unsigned long long)(last - first),
                  (unsigned long long)(most_us - 2 * TICK_US));
    try_right(try, "it goes on");
}
