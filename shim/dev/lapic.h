/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: interrupts of other CPUs, and the timer.
 */
#ifndef SHIM_DEV_LAPIC_H
#define SHIM_DEV_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

enum {
    VECTOR_DEVICE = 0x30, /* of the first device interrupt */
    VECTOR_INT80 = 0x80,  /* none of them: the guest's INT 80h */
    VECTOR_DEVICE_LAST = 0xef,
    VECTOR_TIMER = 0xf0,
    VECTOR_FLUSH = 0xf1,  /* flush_serve() */
    VECTOR_KICK = 0xf2,   /* an event: nothing but the way out is needed */
    VECTOR_SERIAL = 0xf3, /* COM1's, as long as it is not the guest's */
    VECTOR_SPURIOUS = 0xff,
};

/* Find it, and its timer's frequency; boot CPU. */
void lapic_find(uint64_t apic_hz);
/* On each CPU. */
void lapic_enable(void);
uint32_t lapic_id(void);
/* Ids of 32 bits, not of 8: x2APIC. Before lapic_find(), too. */
bool lapic_is_wide(void);
void lapic_eoi(void);
/* Of a fixed vector, or with INIT's or STARTUP's bits. */
void lapic_send(uint32_t apic_id, uint32_t command);
/* VECTOR_TIMER once after 'ns', or earlier if that is far away. */
void lapic_timer(uint64_t ns);
void lapic_timer_stop(void);

#endif /* SHIM_DEV_LAPIC_H */
