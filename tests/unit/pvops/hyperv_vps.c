/* SPDX-License-Identifier: MIT */
/*
 * Several virtual processors of the model's.
 */
#include "hyperv_vps.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "cpu_private.h"
#include "internal.h"
#include "tlb.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/x86.h"

const uint32_t vps_as_ours[VPS] = { 0, 1, 2, 3 };
const uint32_t vps_in_disorder[VPS] = { 63, 2, 0, 17 };
const uint32_t vps_sparse[VPS] = { 64, 1, 4095, 130 };

uint8_t vps_pages[VPS][PVOPS_CPU_PAGES][4096] __attribute__((aligned(4096)));

static struct pvops_cpu further[VPS - 1];
static struct fake_hyperv_msrs found[VPS];

struct pvops_cpu *vps_cpu(unsigned number)
{
    return number ? &further[number - 1] : &machine_cpu;
}

void vps_be(unsigned number)
{
    fake_hyperv_switch(number);
    fake_percpu = vps_cpu(number);
}

static void icr_written(uint64_t value)
{
    if (value >> 32 >= VPS)
        FAIL("an IPI to APIC id %u", (unsigned)(value >> 32));
    fake_hyperv_raise((unsigned)(value >> 32), value & 0xff);
}

bool vps_answer(unsigned number, unsigned vector)
{
    unsigned running = fake_tlb.cpu;

    if (vector != FLUSH_VECTOR)
        return false;
    vps_be(number);
    pvops_smp_poll();
    vps_be(running);
    return true;
}

static uint64_t id_read(void)
{
    return fake_tlb.cpu;
}

void vps_reset(uint32_t eax, uint32_t edx, uint32_t hints,
               const uint32_t *indexes)
{
    machine_reset(eax, edx, hints);
    fake_leaf_at(CPUID_FEATURES)->edx |= CPUID_1_EDX_PGE;
    fake_apic(1000000000, true);
    fake_add_msr(MSR_X2APIC + APIC_ID / 16)->read = id_read;
    fake_add_msr(MSR_X2APIC_ICR)->write = icr_written;
    memset(further, 0, sizeof(further));
    memset(vps_pages, 0, sizeof(vps_pages));
    for (unsigned i = 0; i < VPS; i++) {
        fake_hyperv.vp_index[i] = indexes[i];
        for (unsigned page = 0; page < PVOPS_CPU_PAGES; page++)
            fake_page((uintptr_t)vps_pages[i][page], vps_pages[i][page]);
    }
    fake_hyperv_switch(0);
    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        machine.cpu_options.ipi_vectors[i] = (uint8_t)(IPI_VECTOR + i);
    machine.cpu_options.flush_vector = FLUSH_VECTOR;
    machine.cpu_options.pages = vps_pages[0];
}

PVOPS_OP_CALL static uintptr_t save_flags(void)
{
    return fake_system.interrupts ? PVOPS_IRQ_IF : 0;
}

PVOPS_OP_CALL static void disable(void)
{
    fake_system.interrupts = false;
}

PVOPS_OP_CALL static void enable(void)
{
    fake_system.interrupts = true;
}

void vps_irq_ops(void)
{
    pvops_irq_table.save_flags = save_flags;
    pvops_irq_table.disable = disable;
    pvops_irq_table.enable = enable;
    fake_system.interrupts = true;
}

void vps_start(void)
{
    struct pvops_cpu_options options = machine.cpu_options;

    EXPECT_EQ(PVOPS_OK, machine_start());
    vps_irq_ops();
    pvi.stage = PVI_STAGE_SEALED;
    for (unsigned i = 1; i < VPS; i++) {
        vps_be(i);
        fake_hyperv_save(&found[i]);
        options.index = i;
        if (machine.cpu_options.pages)
            options.pages = vps_pages[i];
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(vps_cpu(i), &options));
    }
    vps_be(0);
}

/* Of a VP's own; the others have the boot CPU's in them. */
static void compare(unsigned number)
{
    struct fake_hyperv_msrs now;

    fake_hyperv_save(&now);
    EXPECT_EQ(found[number].count, now.count);
    for (unsigned i = 0; i < now.count; i++) {
        if (now.list[i].value != found[number].list[i].value)
            FAIL("CPU %u, MSR 0x%x: was 0x%" PRIx64 ", is 0x%" PRIx64, number,
                 now.list[i].msr, found[number].list[i].value,
                 now.list[i].value);
    }
}

void vps_stop(void)
{
    EXPECT(fake_system.interrupts);
    for (unsigned i = 1; i < VPS; i++) {
        vps_be(i);
        pvops_cpu_teardown(vps_cpu(i));
        compare(i);
    }
    vps_be(0);
    machine_stop();
}

void vps_take(unsigned out_arrived[VPS])
{
    unsigned running = fake_tlb.cpu, vector;

    for (unsigned i = 0; i < VPS; i++) {
        out_arrived[i] = 0;
        vps_be(i);
        while ((vector = fake_hyperv_wait(0)) != 0)
            out_arrived[i] |= pvops_time_arrived(vector);
    }
    vps_be(running);
}
