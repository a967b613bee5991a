/* SPDX-License-Identifier: MIT */
/*
 * A second CPU, for what is sent from one to another.
 */
#include <pvops/pvops.h>

#include "core/call.h"
#include "core/cpus.h"
#include "core/main.h"
#include "report/machine.h"

enum { OTHER = 1, MOST = 8 };

/* What it has come to. */
static volatile enum { AWAKE, SLEEPS, WOKEN } sleeper;

unsigned machine_other(void)
{
    /* One that a lost kick left asleep serves nobody. */
    return !machine_is_xen_pv() && cpus_runs(OTHER) && sleeper != SLEEPS ? OTHER
                                                                         : 0;
}

uint32_t machine_apic_of(unsigned cpu)
{
    struct pvops_found_cpu list[MOST];
    unsigned there = pvops_smp_find(kernel.boot.rsdp, list, MOST);

    for (unsigned i = 0; i < there && i < MOST; i++) {
        if (list[i].index == cpu)
            return list[i].apic_id;
    }
    return 0;
}

/* The MSR is there: this CPU has read it. */
static void read_msr(void *argument)
{
    struct machine_msr *m = argument;

    m->value = pvops_cpu_read_msr(m->msr);
}

void machine_rdmsr_on(unsigned cpu, struct machine_msr *msr)
{
    cpu_call(cpu, read_msr, msr);
}

/* Interrupts are off: only a kick ends it. */
static void sleep(void *argument)
{
    (void)argument;
    sleeper = SLEEPS;
    __asm__ volatile("hlt" ::: "memory");
    sleeper = WOKEN;
}

bool machine_sleeps(unsigned cpu, uint64_t ticks)
{
    uint64_t start = machine_tsc();

    sleeper = AWAKE;
    cpus_begin(cpu, sleep, NULL);
    while (sleeper == AWAKE && machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    return sleeper != AWAKE;
}

bool machine_is_awake(uint64_t ticks)
{
    uint64_t start = machine_tsc();

    while (sleeper == SLEEPS && machine_tsc() - start < ticks)
        __asm__ volatile("pause");
    return sleeper == WOKEN;
}
