/* SPDX-License-Identifier: MIT */
/*
 * What a probe says of its row, and what probes have in common.
 */
#include "core/divide.h"
#include "core/text.h"
#include "report/report.h"

const struct pvops_info *report_info;
struct report_clock report_clock;

enum { PPM_MOST = 1000, ROUNDS = 16 };

__attribute__((format(printf, 3, 0))) static void
settle(struct report_try *try, enum report_verdict verdict, const char *format,
       va_list args)
{
    if (verdict == REPORT_WRONG && !try->claimed)
        verdict = REPORT_UNCLAIMED;
    /* What is wrong is not taken back; nothing is said twice. */
    if (try->verdict == REPORT_WRONG || (try->said && verdict != REPORT_WRONG))
        return;
    try->verdict = verdict;
    try->said = true;
    text_format(try->how, sizeof(try->how), format, args);
}

#define TRY(name, what)                                                        \
    void name(struct report_try *try, const char *format, ...)                 \
    {                                                                          \
        va_list args;                                                          \
                                                                               \
        va_start(args, format);                                                \
        settle(try, what, format, args);                                       \
        va_end(args);                                                          \
    }

TRY(try_right, REPORT_RIGHT)
TRY(try_wrong, REPORT_WRONG)
TRY(try_untried, REPORT_UNTRIED)
TRY(try_unclaimed, REPORT_UNCLAIMED)

void try_absent(struct report_try *try)
{
    if (try->verdict == REPORT_WRONG)
        return;
    try->verdict = REPORT_ABSENT;
    try->said = true;
    try->how[0] = '\0';
}

static uint64_t cheapest(void (*way)(void))
{
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t start = machine_tsc(), took;

        way();
        took = machine_tsc() - start;
        if (took < least)
            least = took;
    }
    return least;
}

void try_cost(struct report_try *try, void (*way)(void), void (*native)(void))
{
    try->ticks = cheapest(way);
    try->native = cheapest(native);
    if (try->verdict == REPORT_RIGHT && try->ticks / 2 > try->native)
        try->verdict = REPORT_DEARER;
}

void try_leaf(const struct report_try *try, uint32_t leaf, uint32_t subleaf,
              uint32_t out[4])
{
    out[EAX] = out[EBX] = out[ECX] = out[EDX] = 0;
    if (try->base + leaf <= try->max_leaf)
        machine_cpuid(try->base + leaf, subleaf, out);
}

bool try_has(const struct report_try *try, report_bit bit)
{
    uint32_t r[4];

    if (!bit)
        return true;
    if (try->interface->bit)
        return try->interface->bit(try->base, bit);
    try_leaf(try, bit >> 16 & 0x7fff, 0, r);
    return r[bit >> 8 & 3] >> (bit & 31) & 1;
}

static bool answered(struct report_try *try, bool did, const char *what)
{
    if (did) {
        if (!try->claimed)
            try_unclaimed(try, "%s answers", what);
        return true;
    }
    if (try->claimed)
        try_wrong(try, "%s faults", what);
    else
        try_absent(try);
    return false;
}

bool try_read(struct report_try *try, uint32_t msr, uint64_t *out_value)
{
    return answered(try, machine_rdmsr(msr, out_value), "RDMSR");
}

bool try_write(struct report_try *try, uint32_t msr, uint64_t value)
{
    return answered(try, machine_wrmsr(msr, value), "WRMSR");
}

void probe_msr(struct report_try *try)
{
    uint64_t value;

    if (try_read(try, try->row->where, &value) && try->claimed)
        try_right(try, "reads 0x%llx", (unsigned long long)value);
}

void probe_same(struct report_try *try)
{
    uint64_t value, again;
    uint32_t msr = try->row->where;

    if (!try_read(try, msr, &value) || !try->claimed ||
        !try_write(try, msr, value))
        return;
    if (!machine_rdmsr(msr, &again) || again != value)
        try_wrong(try, "0x%llx stored back reads 0x%llx",
                  (unsigned long long)value, (unsigned long long)again);
    else
        try_right(try, "reads 0x%llx, stores it", (unsigned long long)value);
}

void probe_gated(struct report_try *try)
{
    const struct report_interface *all = try->interface;
    unsigned served = 0;

    for (unsigned i = 0; i < all->count; i++) {
        const struct report_row *row = &all->rows[i];
        uint64_t value;

        /* Rows with a probe of their own may not be readable. */
        if (row->kind != REPORT_MSR ||
            (row->by[0] != try->row->where && row->by[1] != try->row->where) ||
            (row->probe && row->probe != probe_msr && row->probe != probe_same))
            continue;
        if (!try_has(try, row->by[0]) || !try_has(try, row->by[1]))
            continue;
        if (!machine_rdmsr(row->where, &value))
            try_wrong(try, "%s faults", row->name);
        else
            served++;
    }
    if (served)
        try_right(try, "%u MSR%s read", served, served == 1 ? "" : "s");
}

void probe_untried(struct report_try *try)
{
    try_untried(try, "%s", try->row->why);
}

uint64_t report_scale(uint64_t a, uint64_t b, unsigned shift)
{
    uint64_t low = (a & 0xffffffff) * (b & 0xffffffff);
    uint64_t one = (a >> 32) * (b & 0xffffffff);
    uint64_t two = (a & 0xffffffff) * (b >> 32);
    uint64_t high = (a >> 32) * (b >> 32);
    uint64_t middle = (low >> 32) + (one & 0xffffffff) + (two & 0xffffffff);

    low = (low & 0xffffffff) | middle << 32;
    high += (one >> 32) + (two >> 32) + (middle >> 32);
    if (shift >= 64)
        return shift == 64 ? high : high >> (shift - 64);
    return shift ? low >> shift | high << (64 - shift) : low;
}

uint32_t report_ppm(uint64_t value, uint64_t from)
{
    uint64_t off = value > from ? value - from : from - value;
    uint32_t rest;

    if (off >= from)
        return 1000000;
    /* So that the divisor has 32 bits, and the dividend 64. */
    while (from >> 32) {
        from >>= 1;
        off >>= 1;
    }
    return (uint32_t)divide(off * 1000000, (uint32_t)from, &rest);
}

bool try_tsc_hz(struct report_try *try, uint64_t hz, const char *name)
{
    uint32_t ppm;

    if (!hz) {
        try_wrong(try, "%s is 0", name);
        return false;
    }
    if (!report_clock.tsc_hz)
        return true;
    ppm = report_ppm(hz, report_clock.tsc_hz);
    if (ppm > PPM_MOST) {
        try_wrong(try, "%s is %llu Hz; by %s %llu Hz: %u ppm off", name,
                  (unsigned long long)hz, report_clock.source,
                  (unsigned long long)report_clock.tsc_hz, ppm);
        return false;
    }
    return true;
}

uint64_t report_ticks(uint32_t us)
{
    uint32_t rest;
    uint64_t hz = report_clock.tsc_hz ? report_clock.tsc_hz : 1000000000;

    return divide(divide(hz, 1000, &rest) * us, 1000, &rest);
}

void report_spin(uint32_t us)
{
    uint64_t start = machine_tsc(), ticks = report_ticks(us);

    while (machine_tsc() - start < ticks)
        __asm__ volatile("pause");
}

void probe_timing(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 0x10, 0, r);
    if (!try->claimed)
        return;
    if (!try_tsc_hz(try, (uint64_t)r[EAX] * 1000, "TSC"))
        return;
    if (!r[EBX])
        try_wrong(try, "the APIC timer's frequency is 0");
    else
        try_right(try, "TSC %u kHz, APIC timer %u kHz", r[EAX], r[EBX]);
}

void probe_signature(struct report_try *try)
{
    uint32_t r[4];

    /* It was found by it. */
    machine_cpuid(try->base, 0, r);
    try_right(try, "0x%x 0x%x 0x%x at 0x%x", (unsigned)r[EBX], (unsigned)r[ECX],
              (unsigned)r[EDX], (unsigned)try->base);
}

void probe_leaf(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, try->row->where, 0, r);
    try_right(try, "0x%x 0x%x 0x%x 0x%x", (unsigned)r[EAX], (unsigned)r[EBX],
              (unsigned)r[ECX], (unsigned)r[EDX]);
}
