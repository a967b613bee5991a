/* SPDX-License-Identifier: MIT */
/*
 * Several model CPUs: who runs, interrupts from one to another, turns.
 */
#include "fake_cpus.h"

#include <string.h>

#include "apic_timer.h"
#include "cpu_private.h"
#include "pvtest.h"

#include <pvops/pvops.h>

#include "abi/lapic.h"
#include "abi/x86.h"

enum { FIRST_LEGAL_VECTOR = 16, ID_STEP = 2, FIRST_ID = 4 };
#define COMMAND_MODE 0x700u

struct fake_cpus fake_cpus;

static struct fake_one *now(void)
{
    return &fake_cpus.cpus[fake_cpus.now];
}

static void keep(struct fake_one *one)
{
    one->percpu = fake_percpu;
    one->system = fake_system;
    memcpy(one->msrs, fake.msrs, sizeof(one->msrs));
    one->msr_count = fake.msr_count;
    one->icr_high = fake.apic_icr_high;
    one->apic_lvt = fake.apic_lvt;
    one->apic_divide = fake.apic_divide;
    one->apic_initial = fake.apic_initial;
    one->apic_spurious = fake.apic_spurious;
    one->apic_start_ps = fake.apic_start_ps;
    memcpy(one->apic_in_service, fake.apic_in_service,
           sizeof(one->apic_in_service));
    one->apic_eois = fake.apic_eois;
    one->pvclock = fake.pvclock;
    one->xen_vcpu_id = fake.xen_vcpu_id;
}

/* An MSR that a test added to another CPU meanwhile is here, too. */
static void load(const struct fake_one *one)
{
    struct fake_msr other[FAKE_MSRS];
    unsigned others = fake.msr_count;

    memcpy(other, fake.msrs, sizeof(other));
    fake_percpu = one->percpu;
    fake_system = one->system;
    memcpy(fake.msrs, one->msrs, sizeof(one->msrs));
    fake.msr_count = one->msr_count;
    for (unsigned i = 0; i < others; i++) {
        bool known = false;

        for (unsigned k = 0; k < fake.msr_count; k++)
            known = known || fake.msrs[k].msr == other[i].msr;
        if (!known)
            *fake_add_msr(other[i].msr) = other[i];
    }
    fake.apic_icr_high = one->icr_high;
    fake.apic_lvt = one->apic_lvt;
    fake.apic_divide = one->apic_divide;
    fake.apic_initial = one->apic_initial;
    fake.apic_spurious = one->apic_spurious;
    fake.apic_start_ps = one->apic_start_ps;
    memcpy(fake.apic_in_service, one->apic_in_service,
           sizeof(one->apic_in_service));
    fake.apic_eois = one->apic_eois;
    fake.pvclock = one->pvclock;
    fake.xen_vcpu_id = one->xen_vcpu_id;
}

void fake_cpus_reset(unsigned count)
{
    memset(&fake_cpus, 0, sizeof(fake_cpus));
    if (count > FAKE_CPUS)
        FAIL("the model has %u CPUs at most", FAKE_CPUS);
    fake_cpus.count = count;
    fake_cpus.most_pauses = FAKE_CPUS_PAUSES;
    fake_tlb.cpu = 0;
    fake_apic_timer.icr_unfenced = true;
    for (unsigned i = 0; i < count; i++) {
        keep(&fake_cpus.cpus[i]);
        fake_cpus.cpus[i].apic_id = FIRST_ID + ID_STEP * i;
        fake_cpus.cpus[i].xen_vcpu_id = i;
        if (i > 0)
            fake_cpus.cpus[i].percpu = NULL;
    }
    now()->busy = true;
}

static void run(unsigned cpu)
{
    keep(now());
    fake_cpus.now = cpu;
    fake_tlb.cpu = cpu;
    load(now());
}

void fake_cpus_switch(unsigned cpu)
{
    if (cpu >= fake_cpus.count)
        FAIL("the model has no CPU %u", cpu);
    now()->busy = false;
    run(cpu);
    now()->busy = true;
    fake_cpus.pauses = 0;
}

uint32_t fake_cpus_apic_id(void)
{
    return fake_cpus.count ? now()->apic_id : 0;
}

unsigned fake_cpus_by_id(uint32_t apic_id)
{
    for (unsigned i = 0; i < fake_cpus.count; i++) {
        if (fake_cpus.cpus[i].apic_id == apic_id)
            return i;
    }
    return FAKE_CPUS;
}

void fake_cpus_interrupt(unsigned cpu, unsigned vector)
{
    if (cpu >= fake_cpus.count)
        FAIL("an interrupt for CPU %u, of %u", cpu, fake_cpus.count);
    if (vector < FIRST_LEGAL_VECTOR || vector > 255)
        FAIL("an interrupt with the illegal vector %u", vector);
    if (!fake_cpus.cpus[cpu].absent)
        fake_cpus.cpus[cpu].pending[vector / 32] |= 1u << vector % 32;
}

bool fake_cpus_pending(unsigned cpu, unsigned vector)
{
    return fake_cpus.cpus[cpu].pending[vector / 32] >> vector % 32 & 1;
}

void fake_cpus_command(uint32_t apic_id, uint32_t command)
{
    unsigned cpu = fake_cpus_by_id(apic_id);
    struct fake_one *one = cpu < FAKE_CPUS ? &fake_cpus.cpus[cpu] : NULL;

    if (!fake_cpus.count)
        FAIL("an interprocessor interrupt in a model of one CPU");
    if (fake_cpus.command_count < FAKE_CPUS_COMMANDS)
        fake_cpus.commands[fake_cpus.command_count++] =
            (struct fake_command){ fake_cpus.now, apic_id, command,
                                   fake.now_ps };
    if (!one || one->absent)
        return;
    switch (command & COMMAND_MODE) {
    case 0:
        fake_cpus_interrupt(cpu, command & 0xff);
        break;
    case APIC_ICR_INIT:
        if (cpu == fake_cpus.now)
            FAIL("CPU %u ends itself by INIT", cpu);
        memset(one->pending, 0, sizeof(one->pending));
        one->waits_for_sipi = true;
        if (fake_cpus.init)
            fake_cpus.init(cpu);
        break;
    case APIC_ICR_STARTUP:
        if (!one->waits_for_sipi)
            break;
        one->waits_for_sipi = false;
        if (fake_cpus.startup)
            fake_cpus.startup(cpu, command & 0xff);
        break;
    default:
        FAIL("the model knows no command 0x%x", command);
    }
}

/* Asked millions of times, and most often there is none; 0: none. */
static unsigned highest_of(const uint32_t words[8])
{
    for (unsigned i = 8; i-- > 0;) {
        if (words[i])
            return i * 32 + 31 - (unsigned)__builtin_clz(words[i]);
    }
    return 0;
}

/* The highest that waits, if none of its class of 16 or above is served. */
static unsigned next_vector(void)
{
    unsigned highest = highest_of(now()->pending);
    unsigned in_service = highest_of(fake.apic_in_service);

    if (highest < FIRST_LEGAL_VECTOR)
        return 0;
    return highest / 16 > in_service / 16 ? highest : 0;
}

unsigned fake_cpus_take(void)
{
    unsigned count = 0, vector;

    while (fake_system.interrupts && (vector = next_vector())) {
        unsigned cpu = fake_cpus.now;

        now()->pending[vector / 32] &= ~(1u << vector % 32);
        if (!fake_apic_interrupt((uint8_t)vector))
            continue;
        count++;
        fake_cpus.taken[cpu]++;
        fake_system.interrupts = false;
        if (fake_cpus.take)
            fake_cpus.take(vector);
        else
            fake_cpus.found[cpu] |= pvops_time_arrived(vector);
        if (fake_cpus.now != cpu)
            FAIL("a handler of CPU %u left CPU %u running", cpu, fake_cpus.now);
        fake_system.interrupts = true;
    }
    return count;
}

/* Each that is not busy, then this one goes on. */
void x86_pause(void)
{
    unsigned from = fake_cpus.now;

    if (!fake_cpus.count)
        return;
    fake_spend(FAKE_CPUS_PAUSE_PS);
    if (++fake_cpus.pauses > fake_cpus.most_pauses)
        FAIL("CPU %u waits for ever", from);
    for (unsigned i = 0; i < fake_cpus.count; i++) {
        struct fake_one *one = &fake_cpus.cpus[i];

        if (one->busy || one->absent || one->waits_for_sipi)
            continue;
        run(i);
        one->busy = true;
        fake_cpus_take();
        if (fake_cpus.turn)
            fake_cpus.turn();
        one->busy = false;
        run(from);
    }
    fake_cpus_take();
}

static PVOPS_OP_CALL uintptr_t save_flags(void)
{
    return fake_system.interrupts ? PVOPS_IRQ_IF : 0;
}

static PVOPS_OP_CALL void disable(void)
{
    fake_system.interrupts = false;
}

static PVOPS_OP_CALL void enable(void)
{
    fake_system.interrupts = true;
    fake_cpus_take();
}

void fake_cpus_irq_ops(void)
{
    pvops_irq_table.save_flags = save_flags;
    pvops_irq_table.disable = disable;
    pvops_irq_table.enable = enable;
}
