/* SPDX-License-Identifier: MIT */
/*
 * Several model CPUs, of which one runs: each with its own per-CPU segment,
 * control registers, MSRs, local APIC and part of the TLB.
 *
 *   fake_reset(); fake_apic(hz, x2apic); ...   one CPU, as ever
 *   fake_cpus_reset(4)                         three more like it
 *   pvops_setup(...); fake_cpus_irq_ops();
 *   fake_cpus_switch(2)                        from now on CPU 2 executes
 *
 * Nothing runs by itself. When the CPU that runs executes PAUSE, each other one
 * has a turn, in order, but those that wait in a PAUSE of their own: it takes
 * its interrupts, if they are on, by 'take', then 'turn' is called. So a wait
 * for others ends as it would, in the same order each time; one that does not
 * end fails the test after 'most_pauses', each of a microsecond.
 *
 * For models of hypervisors: fake_cpus.now is the CPU whose instruction it is,
 * fake_cpus_interrupt() is how an interrupt gets to any; what a model keeps for
 * each CPU is its own, by that number.
 */
#ifndef FAKE_CPUS_H
#define FAKE_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "tlb.h"

#include <x86/percpu.h>
#include <x86/system.h>

enum {
    FAKE_CPUS = FAKE_TLB_CPUS,
    FAKE_CPUS_PAUSES = 3000000,
    FAKE_CPUS_PAUSE_PS = 1000000,
    FAKE_CPUS_COMMANDS = 64,
};

struct fake_one {
    uint32_t apic_id;    /* 2 * its number + 4: never its number */
    uint32_t pending[8]; /* interrupts that wait */
    bool waits_for_sipi; /* INIT was the last */
    bool absent;         /* has no turn, and loses what is sent to it */
    /* While another runs: what it has of its own. */
    struct pvops_cpu *percpu;
    struct fake_system system;
    struct fake_msr msrs[FAKE_MSRS];
    unsigned msr_count;
    uint32_t icr_high;
    uint32_t apic_lvt, apic_divide, apic_initial, apic_spurious;
    uint64_t apic_start_ps;
    uint32_t apic_in_service[8];
    unsigned apic_eois;
    volatile struct pvclock_vcpu_time_info *pvclock;
    unsigned xen_vcpu_id;
    bool busy; /* it runs, or waits in a turn of another */
};

/* What was written to an ICR. */
struct fake_command {
    unsigned from;
    uint32_t apic_id, command;
    uint64_t at_ps;
};

struct fake_cpus {
    unsigned count; /* 0: fake_cpus_reset() was not called */
    unsigned now;
    struct fake_one cpus[FAKE_CPUS];
    struct fake_command commands[FAKE_CPUS_COMMANDS]; /* the first ones */
    unsigned command_count;
    uint64_t pauses; /* since the last fake_cpus_switch() by a test */
    uint64_t most_pauses;
    /*
     * An interrupt begins on CPU 'now', which has it in service, interrupts
     * off. NULL: pvops_time_arrived(), and what it returns goes to 'found'.
     */
    void (*take)(unsigned vector);
    unsigned found[FAKE_CPUS]; /* of all that were taken, by OR */
    unsigned taken[FAKE_CPUS]; /* how many */
    /* At each turn of CPU 'now', after its interrupts; or NULL. */
    void (*turn)(void);
    void (*init)(unsigned cpu); /* it took an INIT; or NULL */
    /* CPU 'cpu', which waited for it, got a start-up to 'page'; or NULL. */
    void (*startup)(unsigned cpu, unsigned page);
};

extern struct fake_cpus fake_cpus;

/* 'count' CPUs like the one that is there; CPU 0 runs, and is that one. */
void fake_cpus_reset(unsigned count);

/* The irq ops of the tables are the model's; after pvops_setup(). */
void fake_cpus_irq_ops(void);

void fake_cpus_switch(unsigned cpu);

/* 'vector' waits at 'cpu' from now on. */
void fake_cpus_interrupt(unsigned cpu, unsigned vector);
bool fake_cpus_pending(unsigned cpu, unsigned vector);

/* CPU 'now' takes what waits, if its interrupts are on. Returns how many. */
unsigned fake_cpus_take(void);

/* The number of the CPU with this APIC id; FAKE_CPUS: none. */
unsigned fake_cpus_by_id(uint32_t apic_id);

/* timers.c: of CPU 'now'. */
uint32_t fake_cpus_apic_id(void);
void fake_cpus_command(uint32_t apic_id, uint32_t command);

#endif /* FAKE_CPUS_H */
