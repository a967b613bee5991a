/* SPDX-License-Identifier: MIT */
/*
 * A machine of several CPUs with the library set up on each.
 */
#include "smp_machine.h"

#include "apic_timer.h"
#include "pc.h"
#include "pvtest.h"

struct pvops_cpu smp_cpus[FAKE_CPUS];

void smp_reset(unsigned count, bool x2apic)
{
    memset(smp_cpus, 0, sizeof(smp_cpus));
    pc_reset();
    if (x2apic) {
        fake_apic(pc.probe.apic_hz, true);
        fake_apic_timer_reset();
    }
    fake_cpus_reset(count);
}

enum pvops_status smp_cpu_setup(unsigned cpu)
{
    struct pvops_cpu_options options = {
        .index = cpu,
        .deadline_vector = PC_DEADLINE,
        .event_vector = PC_EVENT,
        .flush_vector = SMP_FLUSH,
    };

    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        options.ipi_vectors[i] = (uint8_t)smp_vector(cpu, i);
    fake_cpus_switch(cpu);
    fake_percpu = &smp_cpus[cpu];
    return pvops_cpu_setup(&smp_cpus[cpu], &options);
}

void smp_setup(unsigned count)
{
    pc_setup();
    fake_cpus_irq_ops();
    for (unsigned i = 0; i < count; i++) {
        EXPECT_EQ(PVOPS_OK, smp_cpu_setup(i));
        pvi.stage = PVI_STAGE_SEALED;
        fake_system.interrupts = true;
    }
    fake_cpus_switch(0);
}

void smp_start(unsigned count, bool x2apic)
{
    smp_reset(count, x2apic);
    smp_setup(count);
}
