/* SPDX-License-Identifier: MIT */
/*
 * A machine of the model's with the library on it.
 */
#include "pc.h"

#include <string.h>

#include <x86/percpu.h>
#include <x86/system.h>

#include "apic_timer.h"
#include "cmos.h"
#include "cpu.h"
#include "host.h"
#include "pvtest.h"

#include "abi/x86.h"

struct pc pc;
uint8_t pc_pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));

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

void pc_reset(void)
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

    memset(&pc, 0, sizeof(pc));
    memset(pc_pages, 0, sizeof(pc_pages));
    pc.probe.no_pit = true;
    pc.probe.tsc_hz = (uint64_t)fake.tsc_hz;
    pc.probe.apic_hz = 100000000;
    pc.setup.probe = &pc.probe;
    pc.setup.pages = pc_pages;
    pc.setup.selectors = (struct pvops_selectors){ 0x8, 0x10, 0x1b, 0x23 };
    pc.cpu_options.deadline_vector = PC_DEADLINE;
    pc.cpu_options.event_vector = PC_EVENT;

    fake_leaf_at(1)->edx |= CPUID_1_EDX_PSE | CPUID_1_EDX_PGE;
    fake_apic(pc.probe.apic_hz, false);
    fake_apic_timer_reset();
    fake_page((uintptr_t)pc_pages[PVI_PAGE_CLOCK], pc_pages[PVI_PAGE_CLOCK]);
    host.device = fake.lapic;
    fake_percpu = &pc.cpu;
}

void pc_setup(void)
{
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_OK, pvops_setup(&pc.info, &pc.setup));
}

void pc_start(void)
{
    pc_setup();
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}
