/* SPDX-License-Identifier: MIT */
/*
 * KVM's clock: a page of the report's takes the place of the library's, is
 * looked at, and goes.
 */
#include "core/divide.h"
#include "report/kvm.h"

enum { FLAG_STABLE = 1, WAIT_US = 10000 };

static struct report_pvclock page __attribute__((aligned(64)));

static void wait_for_page(void)
{
    uint64_t start = machine_tsc(), ticks = report_ticks(WAIT_US);
    const volatile struct report_pvclock *at = &page;

    while ((!at->version || at->version & 1) && machine_tsc() - start < ticks)
        __asm__ volatile("pause");
}

/* False if it cannot be: said then. */
static bool begin(struct report_try *try, uint32_t msr, uint64_t *out_old)
{
    volatile uint8_t *bytes = (volatile uint8_t *)&page;

    if (!try_read(try, msr, out_old))
        return false;
    for (unsigned i = 0; i < sizeof(page); i++)
        bytes[i] = 0;
    if (!try_write(try, msr, machine_paddr(&page) | KVM_ENABLE))
        return false;
    wait_for_page();
    return true;
}

static void read_page(void)
{
    uint64_t ns;

    report_pvclock_ns(&page, &ns);
}

static void read_tsc(void)
{
    machine_tsc();
}

static void clock_by(struct report_try *try, uint32_t msr)
{
    uint64_t old;

    if (!begin(try, msr, &old))
        return;
    if (report_pvclock_judge(try, &page)) {
        try_right(try, "steady, in step with the TSC");
        try_cost(try, read_page, read_tsc);
        /* A page is read in more instructions than a register. */
        if (try->verdict == REPORT_DEARER && try->ticks / 16 <= try->native)
            try->verdict = REPORT_RIGHT;
    }
    machine_wrmsr(msr, old);
}

void probe_kvm_clock_old(struct report_try *try)
{
    /* Both MSRs name one page: where the newer is used, this turns it off. */
    if (try_has(try, KVM_BIT(3))) {
        uint64_t value;

        if (try_read(try, KVM_MSR_TIME_OLD, &value))
            try_right(try, "as CLOCKSOURCE2, whose MSRs are tried");
        return;
    }
    clock_by(try, KVM_MSR_TIME_OLD);
}

void probe_kvm_clock(struct report_try *try)
{
    clock_by(try, KVM_MSR_TIME);
}

void probe_kvm_stable(struct report_try *try)
{
    uint64_t old;

    if (!begin(try, KVM_MSR_TIME, &old))
        return;
    if (!((volatile struct report_pvclock *)&page)->version)
        try_wrong(try, "the page is never written");
    else if (((volatile struct report_pvclock *)&page)->flags & FLAG_STABLE)
        try_right(try, "and the page's flag is set: one clock for all CPUs");
    else
        try_right(try, "but the page's flag is clear: each CPU its own");
    machine_wrmsr(KVM_MSR_TIME, old);
}

/* 2020 to 2100. */
static bool is_plausible(uint32_t sec)
{
    return sec > 1577836800u && sec < 4102444800u;
}

void probe_kvm_wall(struct report_try *try)
{
    static volatile struct kvm_wall wall __attribute__((aligned(16)));
    uint64_t value;

    if (!try_read(try, try->row->where, &value) || !try->claimed)
        return;
    wall.version = wall.sec = wall.nsec = 0;
    if (!try_write(try, try->row->where, machine_paddr((const void *)&wall)))
        return;
    /* Its seconds are those at which the system time was 0: at start-up. */
    if (!wall.version)
        try_wrong(try, "the structure is never written");
    else if (wall.version & 1)
        try_wrong(try, "its version stays odd");
    else if (!is_plausible(wall.sec) || wall.nsec >= 1000000000)
        try_wrong(try, "it says %u.%09u s since 1970", (unsigned)wall.sec,
                  (unsigned)wall.nsec);
    else
        try_right(try, "the system time began %u s after 1970",
                  (unsigned)wall.sec);
    /* KVM writes when it is told the address, and then no more. */
}
