/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, in the mode in which it was found: xAPIC or x2APIC.
 *
 * Source: Intel SDM volume 3, 11.4 to 11.6, 11.12.
 */
#include "dev/lapic.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/timer.h"
#include "boot/map.h"
#include "layout.h"
#include "log.h"
#include "mm/frame.h"
#include "ticks.h"

#include <x86/insn.h>

#define LVT_LINT0 0x350u
#define APIC_TPR  0x080u

static volatile uint8_t *registers; /* NULL: x2APIC */
static uint64_t ticks_per_ns;       /* 32.32 */

static uint32_t read_register(unsigned reg)
{
    return registers ? x86_read32(registers + reg)
                     : (uint32_t)x86_rdmsr(MSR_X2APIC + reg / 16);
}

static void write_register(unsigned reg, uint32_t value)
{
    if (registers)
        x86_write32(registers + reg, value);
    else
        x86_wrmsr(MSR_X2APIC + reg / 16, value);
}

void lapic_find(uint64_t apic_hz)
{
    uint64_t base = x86_rdmsr(MSR_IA32_APIC_BASE);

    if (!(base & IA32_APIC_BASE_ENABLED))
        boot_failed("this CPU has no local APIC that is on");
    if (!apic_hz)
        boot_failed("the frequency of the local APIC's timer is not known");
    ticks_per_ns = pvi_ticks_rate(apic_hz, PVI_NS_PER_S);
    frame_keep_device((base & APIC_BASE_ADDRESS) >> PAGE_BITS);
    if (!(base & IA32_APIC_BASE_X2APIC))
        registers = map_device(base & APIC_BASE_ADDRESS, PAGE_BYTES);
}

void lapic_enable(void)
{
    write_register(APIC_SPURIOUS, APIC_SPURIOUS_ENABLED | VECTOR_SPURIOUS);
    write_register(APIC_TPR, 0);
    write_register(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_TIMER);
    write_register(LVT_LINT0, APIC_LVT_MASKED);
    write_register(APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);
}

uint32_t lapic_id(void)
{
    uint32_t id = read_register(APIC_ID);

    return registers ? id >> APIC_ID_SHIFT : id;
}

bool lapic_is_wide(void)
{
    return x86_rdmsr(MSR_IA32_APIC_BASE) & IA32_APIC_BASE_X2APIC;
}

void lapic_eoi(void)
{
    write_register(APIC_EOI, 0);
}

void lapic_send(uint32_t apic_id, uint32_t command)
{
    if (!registers) {
        x86_wrmsr(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | command);
        return;
    }
    while (read_register(APIC_ICR) & APIC_ICR_PENDING)
        x86_pause();
    write_register(APIC_ICR_HIGH, apic_id << APIC_ID_SHIFT);
    write_register(APIC_ICR, command | APIC_ICR_ASSERT);
    while (read_register(APIC_ICR) & APIC_ICR_PENDING)
        x86_pause();
}

void lapic_timer(uint64_t ns)
{
    uint64_t ticks;

    if (ns > PVI_NS_PER_S)
        ns = PVI_NS_PER_S;
    ticks = (ns * (ticks_per_ns >> 32)) +
            (ns * (ticks_per_ns & UINT32_MAX) >> 32) + 1;
    if (ticks > UINT32_MAX)
        ticks = UINT32_MAX;
    write_register(APIC_LVT_TIMER, VECTOR_TIMER);
    write_register(APIC_TIMER_INITIAL, (uint32_t)ticks);
}

void lapic_timer_stop(void)
{
    write_register(APIC_TIMER_INITIAL, 0);
}
