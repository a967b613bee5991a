/* SPDX-License-Identifier: MIT */
/*
 * The kernel of hyperv_*_test.c.
 */
#include "hyperv_machine.h"

#include <x86/percpu.h>

#include "internal.h"

#include "abi/cpuid.h"

/* Where they come from is the clock's matter, and tested there. */
enum { APIC_HZ = 1000000000 };

struct machine machine;
struct pvops_cpu machine_cpu;
uint8_t machine_pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));
uint8_t machine_drivers[2][4096] __attribute__((aligned(4096)));

void machine_reset(uint32_t eax, uint32_t edx, uint32_t hints)
{
    fake_reset();
    fake_apic(APIC_HZ, false);
    fake_hyperv_setup(eax, edx, hints);
    host_reset();
    host.device = fake.lapic;
    for (unsigned i = 0; i < PVOPS_SETUP_PAGES; i++)
        fake_page((uintptr_t)machine_pages[i], machine_pages[i]);
    for (unsigned i = 0; i < 2; i++)
        fake_page((uintptr_t)machine_drivers[i], machine_drivers[i]);
    memset(&machine, 0, sizeof(machine));
    memset(&machine_cpu, 0, sizeof(machine_cpu));
    memset(machine_pages, 0, sizeof(machine_pages));
    memset(machine_drivers, 0, sizeof(machine_drivers));
    machine.cpu_options.deadline_vector = DEADLINE_VECTOR;
    machine.cpu_options.event_vector = EVENT_VECTOR;
    memset(&pvi, 0, sizeof(pvi));
    fake_percpu = &machine_cpu;
}

enum pvops_status machine_start(void)
{
    struct pvops_probe_options probe = {
        .tsc_hz = (uint64_t)fake.tsc_hz,
        .apic_hz = APIC_HZ,
        .no_pit = true,
    };
    struct pvops_setup_options options = {
        .probe = &probe,
        .yours = &machine.yours,
        .pages = machine.no_pages ? NULL : machine_pages,
        .backend = machine.backend,
    };
    static struct pvops_info info;
    enum pvops_status status;

    fake_hyperv_save(&machine.before);
    pvops_probe(&probe, &info);
    status = pvops_setup(&info, &options);
    if (status == PVOPS_OK)
        status = pvops_cpu_setup(&machine_cpu, &machine.cpu_options);
    return status;
}

void machine_run(uint32_t eax, uint32_t edx)
{
    machine_reset(eax, edx, 0);
    EXPECT_EQ(PVOPS_OK, machine_start());
    EXPECT_STR("hyperv", pvops_backend_name());
}

/* The local APIC's timer, where there is no synthetic one. */
static unsigned lapic_expired(void)
{
    if (!fake.apic_initial || fake.apic_lvt & APIC_LVT_MASKED)
        return 0;
    fake.apic_initial = 0;
    return fake_apic_interrupt((uint8_t)fake.apic_lvt) ? fake.apic_lvt & 0xff
                                                       : 0;
}

void machine_deadline(void)
{
    bool synthetic =
        host_logged("by synthetic timer") || host_logged("of synthetic timer");
    unsigned eois = fake.apic_eois;
    unsigned vector;

    pvops_time_set_deadline(pvops_time_now_ns() + 5 * MS);
    EXPECT_EQ(synthetic, fake.apic_initial == 0);
    EXPECT_EQ(0, fake_hyperv_wait(4 * MS));
    vector = fake_hyperv_wait(2 * MS);
    if (!synthetic) {
        EXPECT_EQ(0, vector);
        vector = lapic_expired();
    }
    EXPECT_EQ(DEADLINE_VECTOR, vector);
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(vector));
    EXPECT_EQ(eois + 1, fake.apic_eois);
    EXPECT_EQ(0, fake_hyperv_wait(10 * MS));
}

void machine_stop(void)
{
    struct fake_hyperv_msrs after;

    pvops_cpu_teardown(&machine_cpu);
    fake_hyperv_save(&after);
    EXPECT_EQ(machine.before.count, after.count);
    for (unsigned i = 0; i < after.count; i++) {
        uint64_t was = machine.before.list[i].value;

        EXPECT_EQ(machine.before.list[i].msr, after.list[i].msr);
        /* The clock only disables its page. */
        if (after.list[i].msr == HV_X64_MSR_REFERENCE_TSC) {
            EXPECT_EQ(0, after.list[i].value & HV_REFERENCE_TSC_ENABLE);
            continue;
        }
        if (was != after.list[i].value)
            FAIL("MSR 0x%x: was 0x%" PRIx64 ", is 0x%" PRIx64,
                 after.list[i].msr, was, after.list[i].value);
    }
}
