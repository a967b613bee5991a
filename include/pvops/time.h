/* SPDX-License-Identifier: MIT */
/*
 * Time and the one-shot deadline, and how their interrupt arrives.
 *
 * Tier guest. Before pvops_setup() calling any of them panics with its name.
 */
#ifndef PVOPS_TIME_H
#define PVOPS_TIME_H

#include <pvops/site.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/* What pvops_time_arrived() found; several at once are possible. */
#define PVOPS_ARRIVED_DEADLINE 1u /* the deadline has passed */
/*
 * Events of your own drivers wait. Xen: their bits in evtchn_pending are as
 * they were, evtchn_pending_sel is 0; look at every word.
 */
#define PVOPS_ARRIVED_EVENT 2u
/* Interprocessor interrupt 'n' (smp.h), once or more. */
#define PVOPS_ARRIVED_IPI(n) (0x10u << (n))

/* One pointer an op; filled by pvops_setup(). */
struct pvops_time_table {
    PVOPS_OP_CALL uint64_t (*now_ns)(void);
    PVOPS_OP_CALL uint64_t (*wall_ns)(void);
    PVOPS_OP_CALL uint64_t (*stolen_ns)(void);
    PVOPS_OP_CALL void (*set_deadline)(uint64_t at_ns);
    PVOPS_OP_CALL void (*cancel_deadline)(void);
    PVOPS_OP_CALL unsigned (*arrived)(unsigned vector);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_time_table pvops_time_table;

/*
 * Nanoseconds since pvops_setup(), about.
 *
 * Never decreases on one CPU; nor from one CPU to another if pvops_caps() has
 * PVOPS_CAP_CLOCK_GLOBAL. Time in which this CPU did not run is included.
 *
 * Class:   hot, C's convention.
 * Context: any, NMI included.
 */
static inline uint64_t pvops_time_now_ns(void)
{
    uint64_t ns;

#if PVOPS_FULL
#ifdef __x86_64__
    __asm__ volatile(PVOPS_SITE_CALL("pvops_time_table")
                     : "=a"(ns)
                     : PVOPS_SITE_OP(time_now_ns)
                     : "rdi", "rsi", PVOPS_C_CLOBBERS);
#else
    __asm__ volatile(PVOPS_SITE_CALL("pvops_time_table")
                     : "=A"(ns)
                     : PVOPS_SITE_OP(time_now_ns)
                     : "ecx", PVOPS_C_CLOBBERS);
#endif
#else
    ns = pvops_time_table.now_ns();
#endif
    return ns;
}

/*
 * Nanoseconds since 1970-01-01 00:00 UTC; 0 if nobody here knows.
 *
 * Class:   cold; may take milliseconds (CMOS).
 * Context: preemption off.
 */
static inline uint64_t pvops_time_wall_ns(void)
{
    return pvops_time_table.wall_ns();
}

/*
 * Nanoseconds in which this CPU was runnable but did not run, since its
 * pvops_cpu_setup(). Idle time is not stolen. 0 if the hypervisor does not
 * tell.
 *
 * Class:   cold.
 * Context: preemption off.
 */
static inline uint64_t pvops_time_stolen_ns(void)
{
    return pvops_time_table.stolen_ns();
}

/*
 * Ask for one interrupt on this CPU, at the deadline vector given to
 * pvops_cpu_setup() or, where the timer is an event (Xen's), at the event
 * vector, as soon as pvops_time_now_ns() is 'at_ns' or more; at once if it is
 * already. Replaces an earlier deadline. It may come early if the hypervisor's
 * timer is not exact: pvops_time_arrived() then sets it again and does not
 * report it.
 *
 * Class:   cold.
 * Context: interrupts off.
 */
static inline void pvops_time_set_deadline(uint64_t at_ns)
{
    pvops_time_table.set_deadline(at_ns);
}

/* No deadline any more; an interrupt that is on its way may still come. */
static inline void pvops_time_cancel_deadline(void)
{
    pvops_time_table.cancel_deadline();
}

/*
 * Say what an interrupt at 'vector' was, and acknowledge it (EOI, PV EOI,
 * event bit, message slot: whichever holds). Returns PVOPS_ARRIVED_*, or 0 for
 * one that was on its way when its reason went. 'vector' is the one that it
 * arrived at, even if both have the same handler: given the other, an event may
 * be neither taken nor acknowledged. An interrupt of the library's own, for a
 * flush, is served here, and is no reason.
 *
 * Class:   cold.
 * Context: your handler of a vector that pvops_cpu_setup() was given;
 *          interrupts off.
 */
static inline unsigned pvops_time_arrived(unsigned vector)
{
    return pvops_time_table.arrived(vector);
}

PVOPS_END_DECLS

#endif /* PVOPS_TIME_H */
