/* SPDX-License-Identifier: MIT */
/*
 * Wall clock by the real-time clock in CMOS, where there is one.
 *
 * Its time is taken as UTC. Two digits of the year: 70 to 99 are 19xx.
 */
#include "internal.h"

#include "abi/cmos.h"
#include <x86/insn.h>

/*
 * An update takes at most 2,228 us; two accesses of a port at least 0.2 us, on
 * any machine and under any hypervisor.
 */
enum { UIP_READS = 12000, ATTEMPTS = 8 };

struct cmos_time {
    uint8_t seconds, minutes, hours, day, month, year;
};

static uint8_t read_register(uint8_t index)
{
    x86_outb(CMOS_PORT_INDEX, index);
    return x86_inb(CMOS_PORT_DATA);
}

static bool wait_for_update(void)
{
    for (unsigned i = 0; i < UIP_READS; i++) {
        uint8_t a = read_register(CMOS_A);

        if (a == CMOS_ABSENT)
            return false;
        if (!(a & CMOS_A_UIP))
            return true;
    }
    return false;
}

static void read_time(struct cmos_time *out_time)
{
    out_time->seconds = read_register(CMOS_SECONDS);
    out_time->minutes = read_register(CMOS_MINUTES);
    out_time->hours = read_register(CMOS_HOURS);
    out_time->day = read_register(CMOS_DAY);
    out_time->month = read_register(CMOS_MONTH);
    out_time->year = read_register(CMOS_YEAR);
}

static bool same(const struct cmos_time *a, const struct cmos_time *b)
{
    return a->seconds == b->seconds && a->minutes == b->minutes &&
           a->hours == b->hours && a->day == b->day && a->month == b->month &&
           a->year == b->year;
}

/*
 * After UIP was seen clear there are 244 us; a hypervisor may take the CPU for
 * longer than that. Hence two reads that must agree.
 */
static bool read_settled(struct cmos_time *out_time)
{
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        struct cmos_time again;

        if (!wait_for_update())
            return false;
        read_time(out_time);
        if (!wait_for_update())
            return false;
        read_time(&again);
        if (same(out_time, &again))
            return true;
    }
    return false;
}

/* 0 to 99, or 255 for what is no number in that form. */
static uint8_t number(uint8_t value, uint8_t b)
{
    if (b & CMOS_B_DM)
        return value <= 99 ? value : 255;
    if ((value & 15) > 9 || (value >> 4) > 9)
        return 255;
    return (uint8_t)((value >> 4) * 10 + (value & 15));
}

static bool convert(struct cmos_time *time, uint8_t b)
{
    bool pm = !(b & CMOS_B_24H) && (time->hours & CMOS_HOURS_PM);

    if (!(b & CMOS_B_24H))
        time->hours &= (uint8_t)~CMOS_HOURS_PM;
    time->seconds = number(time->seconds, b);
    time->minutes = number(time->minutes, b);
    time->hours = number(time->hours, b);
    time->day = number(time->day, b);
    time->month = number(time->month, b);
    time->year = number(time->year, b);

    if (!(b & CMOS_B_24H)) {
        if (time->hours < 1 || time->hours > 12)
            return false;
        time->hours = (uint8_t)(time->hours % 12 + (pm ? 12 : 0));
    }
    return time->seconds <= 59 && time->minutes <= 59 && time->hours <= 23 &&
           time->day >= 1 && time->day <= 31 && time->month >= 1 &&
           time->month <= 12 && time->year <= 99;
}

/* Days from 1970-01-01; every fourth year is a leap year until 2100. */
static uint32_t days(unsigned year, unsigned month, unsigned day)
{
    static const uint16_t before[12] = { 0,   31,  59,  90,  120, 151,
                                         181, 212, 243, 273, 304, 334 };
    unsigned leap_days = (year - 1969) / 4;

    if (year % 4 == 0 && month > 2)
        leap_days++;
    return (year - 1970) * 365 + leap_days + before[month - 1] + day - 1;
}

PVOPS_OP_CALL uint64_t pvi_native_time_wall_ns(void)
{
    struct cmos_time time;
    uint32_t seconds;
    unsigned year;

    if (!read_settled(&time))
        return 0;
    if (!(read_register(CMOS_D) & CMOS_D_VRT))
        return 0;
    if (!convert(&time, read_register(CMOS_B)))
        return 0;

    year = time.year + (time.year >= 70 ? 1900u : 2000u);
    seconds = days(year, time.month, time.day) * 86400u + time.hours * 3600u +
              time.minutes * 60u + time.seconds;
    return (uint64_t)seconds * 1000000000u;
}
