/* SPDX-License-Identifier: MIT */
/*
 * The interrupt of the model's APIC timer.
 */
#include "apic_timer.h"

#include <string.h>

#include "cpu.h"
#include "cpu_private.h"
#include "pvtest.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"

/* How long the model sleeps at most between two looks, 1 us. */
enum { STEP_PS = 1000000 };

struct fake_apic_timer fake_apic_timer;

static bool deadline_mode(void)
{
    return fake.apic_lvt & APIC_LVT_DEADLINE;
}

static bool expired(void)
{
    if (deadline_mode()) {
        if (!fake_apic_timer.deadline_tsc ||
            fake_tsc() < fake_apic_timer.deadline_tsc)
            return false;
        fake_apic_timer.deadline_tsc = 0;
        return true;
    }
    if (!fake.apic_initial || fake_apic_timer.fired_ps == fake.apic_start_ps)
        return false;
    if (fake_ticks((double)fake.apic_hz, fake.now_ps - fake.apic_start_ps) <
        fake.apic_initial)
        return false;
    if (fake.apic_divide != APIC_TIMER_DIVIDE_BY_1)
        FAIL("the model's APIC timer divides by 1 only");
    fake_apic_timer.fired_ps = fake.apic_start_ps;
    return true;
}

void fake_apic_timer_poll(void)
{
    if (expired() && !(fake.apic_lvt & APIC_LVT_MASKED))
        fake_apic_timer.pending = (uint8_t)fake.apic_lvt;
}

/* A vector waits while one of its class of 16 or a higher one is in service. */
static bool held_back(unsigned vector)
{
    for (unsigned v = vector & ~15u; v < 256; v++) {
        if (fake.apic_in_service[v / 32] >> v % 32 & 1)
            return true;
    }
    return false;
}

static unsigned deliver(void)
{
    uint8_t vector;

    fake_apic_timer_poll();
    vector = fake_apic_timer.pending;
    if (!vector || held_back(vector))
        return 0;
    fake_apic_timer.pending = 0;
    if (!fake_apic_interrupt(vector))
        return 0;
    if (fake_apic_timer.delivered)
        fake_apic_timer.delivered();
    return vector;
}

unsigned fake_wait(uint64_t max_ns)
{
    uint64_t end_ps = fake.now_ps + max_ns * 1000;
    unsigned vector;

    if (fake_apic_timer.before)
        fake_apic_timer.before();
    while (!(vector = deliver()) && fake.now_ps < end_ps)
        fake.now_ps +=
            end_ps - fake.now_ps < STEP_PS ? end_ps - fake.now_ps : STEP_PS;
    return vector;
}

/* Not in the mode: the MSR reads as 0 and ignores what is written. */
static uint64_t read_deadline(void)
{
    fake_apic_timer_poll();
    return deadline_mode() ? fake_apic_timer.deadline_tsc : 0;
}

void x86_mfence(void)
{
    fake_apic_timer.unfenced = false;
    fake_apic_timer.icr_unfenced = false;
}

static void write_deadline(uint64_t value)
{
    fake_apic_timer_poll();
    if (value && fake_apic_timer.unfenced)
        FAIL("the deadline may overtake the store that sets its mode");
    if (deadline_mode())
        fake_apic_timer.deadline_tsc = value;
}

static uint64_t read_in_service_2(void)
{
    return fake.apic_in_service[2];
}

void fake_apic_timer_reset(void)
{
    memset(&fake_apic_timer, 0, sizeof(fake_apic_timer));
    fake_apic_timer.fired_ps = UINT64_MAX;
    /* Vectors 0x40 to 0x5f; the other registers are of no use to tests. */
    fake_add_msr(MSR_X2APIC + APIC_ISR / 16 + 2)->read = read_in_service_2;
}

void fake_apic_timer_tsc_deadline(void)
{
    struct fake_msr *msr = fake_add_msr(MSR_IA32_TSC_DEADLINE);

    msr->read = read_deadline;
    msr->write = write_deadline;
    fake_leaf_at(CPUID_FEATURES)->ecx |= CPUID_1_ECX_TSC_DEADLINE;
}
