/* SPDX-License-Identifier: MIT */
/*
 * A machine of the model's with the library on it.
 */
#include "machine.h"

#include <string.h>

#include <x86/percpu.h>
#include <x86/system.h>

#include "apic_timer.h"
#include "cmos.h"
#include "cpu.h"
#include "host.h"
#include "pvtest.h"

#include "abi/x86.h"

struct machine machine;
uint8_t machine_pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));

/* The tables as the image has them: poison. */
static struct pvops_irq_table irq_table;
static struct pvops_cpu_table cpu_table;
static struct pvops_mmu_table mmu_table;
static struct pvops_time_table time_table;

__attribute__((constructor)) static void keep_tables(void)
{
    irq_table = pvops_irq_table;
    cpu_table = pvops_cpu_table;
    mmu_table = pvops_mmu_table;
    time_table = pvops_time_table;
}

void machine_reset(void)
{
    fake_reset();
    host_reset();
    fake_cmos_reset(0);
    memset(&fake_system, 0, sizeof(fake_system));
    memset(&pvi, 0, sizeof(pvi));
    pvops_irq_table = irq_table;
    pvops_cpu_table = cpu_table;
    pvops_mmu_table = mmu_table;
    pvops_time_table = time_table;

    memset(&machine, 0, sizeof(machine));
    memset(machine_pages, 0, sizeof(machine_pages));
    machine.probe.no_pit = true;
    machine.probe.tsc_hz = (uint64_t)fake.tsc_hz;
    machine.probe.apic_hz = 100000000;
    machine.setup.probe = &machine.probe;
    machine.setup.pages = machine_pages;
    machine.setup.selectors = (struct pvops_selectors){ 0x8, 0x10, 0x1b, 0x23 };
    machine.cpu_options.deadline_vector = MACHINE_DEADLINE;
    machine.cpu_options.event_vector = MACHINE_EVENT;

    fake_leaf_at(1)->edx |= CPUID_1_EDX_PSE | CPUID_1_EDX_PGE;
    fake_apic(machine.probe.apic_hz, false);
    fake_apic_timer_reset();
    fake_page((uintptr_t)machine_pages[PVI_PAGE_CLOCK],
              machine_pages[PVI_PAGE_CLOCK]);
    host.device = fake.lapic;
    fake_percpu = &machine.cpu;
}

void machine_setup(void)
{
    pvops_probe(&machine.probe, &machine.info);
    EXPECT_EQ(PVOPS_OK, pvops_setup(&machine.info, &machine.setup));
}

void machine_start(void)
{
    machine_setup();
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&machine.cpu, &machine.cpu_options));
}
