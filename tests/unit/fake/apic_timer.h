/* SPDX-License-Identifier: MIT */
/*
 * The interrupt of the model's APIC timer: one-shot and TSC-deadline mode.
 */
#ifndef FAKE_APIC_TIMER_H
#define FAKE_APIC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct fake_apic_timer {
    uint8_t pending;       /* vector that waits; 0: none */
    uint64_t fired_ps;     /* 'apic_start_ps' of a count that has ended */
    uint64_t deadline_tsc; /* 0: none */
    bool unfenced;         /* the mode was stored to, no MFENCE since then */
    bool icr_unfenced;     /* no MFENCE since the x2APIC's last ICR */
    /* Called when an interrupt is delivered, and before one can be. */
    void (*delivered)(void);
    void (*before)(void);
};

extern struct fake_apic_timer fake_apic_timer;

/* After fake_apic(). */
void fake_apic_timer_reset(void);

/* TSC-deadline mode is offered. */
void fake_apic_timer_tsc_deadline(void);

/*
 * Let time pass until the timer's interrupt comes, 'max_ns' at most, and
 * deliver it: it is in service then. 0 if none came.
 */
unsigned fake_wait(uint64_t max_ns);

/* timers.c says that a register is about to be written. */
void fake_apic_timer_poll(void);

#endif /* FAKE_APIC_TIMER_H */
