/* SPDX-License-Identifier: MIT */
/*
 * The model's real-time clock in CMOS.
 */
#include "cmos.h"

#include <string.h>
#include <time.h>

#include "cpu.h"

#include "abi/cmos.h"

enum { NS_PER_S = 1000000000, UPDATE_NS = 1984000, WARNING_NS = 244000 };

struct fake_cmos fake_cmos;

void fake_cmos_reset(uint64_t unix_ns)
{
    memset(&fake_cmos, 0, sizeof(fake_cmos));
    fake_cmos.present = true;
    fake_cmos.unix_ns = unix_ns;
}

static uint8_t form(int value)
{
    return (uint8_t)(fake_cmos.binary ? value : value / 10 * 16 + value % 10);
}

static uint8_t hours(int value)
{
    if (!fake_cmos.hours_12)
        return form(value);
    return (uint8_t)(form((value + 11) % 12 + 1) |
                     (value >= 12 ? CMOS_HOURS_PM : 0));
}

/* The update is what ends a second. */
static uint8_t read_register(void)
{
    uint64_t ns = fake_cmos.unix_ns + fake_ns();
    time_t second = (time_t)(ns / NS_PER_S);
    uint64_t left_ns = NS_PER_S - ns % NS_PER_S;
    bool updating = left_ns <= UPDATE_NS;
    bool warned = left_ns <= UPDATE_NS + WARNING_NS;
    const struct tm *tm = gmtime(&second);

    switch (fake_cmos.index) {
    case CMOS_A:
        return (uint8_t)(0x26 | (warned || fake_cmos.stuck ? CMOS_A_UIP : 0));
    case CMOS_B:
        return (uint8_t)((fake_cmos.binary ? CMOS_B_DM : 0) |
                         (fake_cmos.hours_12 ? 0 : CMOS_B_24H));
    case CMOS_D:
        return fake_cmos.battery_empty ? 0 : CMOS_D_VRT;
    default:
        break;
    }
    if (updating)
        return 0x11;
    switch (fake_cmos.index) {
    case CMOS_SECONDS:
        return form(tm->tm_sec);
    case CMOS_MINUTES:
        return form(tm->tm_min);
    case CMOS_HOURS:
        return hours(tm->tm_hour);
    case CMOS_DAY:
        return form(tm->tm_mday);
    case CMOS_MONTH:
        return form(tm->tm_mon + 1);
    case CMOS_YEAR:
        return form(tm->tm_year % 100);
    default:
        return 0;
    }
}

bool fake_cmos_out(uint16_t port, uint8_t value)
{
    if (!fake_cmos.present || port != CMOS_PORT_INDEX)
        return false;
    fake_cmos.index = value & 0x7f;
    return true;
}

bool fake_cmos_in(uint16_t port, uint8_t *out_value)
{
    if (!fake_cmos.present || port != CMOS_PORT_DATA)
        return false;
    *out_value = read_register();
    return true;
}
