/* SPDX-License-Identifier: MIT */
/*
 * The model's real-time clock in CMOS. While it updates its registers, they
 * read as nonsense.
 */
#ifndef FAKE_CMOS_H
#define FAKE_CMOS_H

#include <stdbool.h>
#include <stdint.h>

struct fake_cmos {
    bool present, binary, hours_12, battery_empty, stuck;
    uint64_t unix_ns; /* the time at fake.now_ps == 0 */
    uint8_t index;
};

extern struct fake_cmos fake_cmos;

void fake_cmos_reset(uint64_t unix_ns);

/* timers.c asks whether a port is CMOS's. */
bool fake_cmos_out(uint16_t port, uint8_t value);
bool fake_cmos_in(uint16_t port, uint8_t *out_value);

#endif /* FAKE_CMOS_H */
