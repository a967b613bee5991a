/* SPDX-License-Identifier: MIT */
/*
 * The model's timers: PIT and port 0x61, HPET, ACPI PM timer, APIC timer.
 *
 * A port or a register where nothing is reads as ones.
 */
#include "cpu.h"

#include "apic_timer.h"
#include "cmos.h"
#include "cpu_private.h"
#include "fake_cpus.h"
#include "pvtest.h"

#include "abi/cpuid.h"
#include "abi/lapic.h"
#include "abi/timer.h"

/* Counts down from 0x10000 while its gate is open; only channel 2 has one. */
static uint16_t pit_count(unsigned channel)
{
    bool open = channel != 2 || (fake.pit.port_61 && fake.pit.gate & 1);

    if (!fake.pit.running[channel] || !open)
        return 0;
    return (uint16_t)-fake_ticks(1193181.8,
                                 fake.now_ps - fake.pit.start_ps[channel]);
}

static void pit_control(uint8_t value)
{
    unsigned channel = value >> 6;

    if (channel == 3)
        FAIL("the model's PIT has no read-back command");
    if (value & PIT_BOTH_BYTES) {
        fake.pit.control[channel] = value & 0x3f;
        fake.pit.running[channel] = false;
        fake.pit.bytes[channel] = 0;
        return;
    }
    fake.pit.latch[channel] = pit_count(channel);
    fake.pit.bytes[channel] = 0;
}

void x86_outb(uint16_t port, uint8_t value)
{
    if (fake_port_out(port, 1, value) || fake_cmos_out(port, value))
        return;
    if (port == PORT_61 && fake.pit.port_61)
        fake.pit.gate = value;
    if (!fake.pit.present || port < PIT_PORT || port > PIT_PORT_CONTROL)
        return;
    if (port == PIT_PORT_CONTROL) {
        pit_control(value);
        return;
    }
    /* The second byte of the count starts it. */
    if (value)
        FAIL("the model's PIT counts from 0x10000 only");
    if (fake.pit.bytes[port - PIT_PORT]++) {
        fake.pit.bytes[port - PIT_PORT] = 0;
        fake.pit.running[port - PIT_PORT] = true;
        fake.pit.start_ps[port - PIT_PORT] = fake.now_ps;
    }
}

uint8_t x86_inb(uint16_t port)
{
    unsigned channel = port - PIT_PORT;
    uint32_t theirs;
    uint8_t value;

    if (fake_port_in(port, 1, &theirs))
        return (uint8_t)theirs;
    if (fake_cmos_in(port, &value))
        return value;
    if (port == PORT_61 && fake.pit.port_61)
        return fake.pit.gate;
    if (!fake.pit.present || channel > 2)
        return 0xff;
    return (uint8_t)(fake.pit.latch[channel] >>
                     8 * (fake.pit.bytes[channel]++ & 1));
}

uint32_t x86_inl(uint16_t port)
{
    uint32_t value;

    if (fake_port_in(port, 4, &value))
        return value;
    if (!fake.pm_timer_port || port != fake.pm_timer_port)
        return UINT32_MAX;
    /* 24 bits wide; the others are 0. */
    return fake_ticks(3579545, fake.now_ps) & PM_TIMER_MASK;
}

static uint32_t apic_count(void)
{
    uint64_t gone =
        fake_ticks((double)fake.apic_hz, fake.now_ps - fake.apic_start_ps);

    /* In one-shot mode it stops at 0. */
    return gone < fake.apic_initial ? (uint32_t)(fake.apic_initial - gone) : 0;
}

bool fake_apic_interrupt(uint8_t vector)
{
    if (!(fake.apic_spurious & APIC_SPURIOUS_ENABLED))
        return false;
    fake.apic_in_service[vector / 32] |= 1u << vector % 32;
    return true;
}

void fake_apic_eoi(void)
{
    fake.apic_eois++;
    for (unsigned vector = 256; vector-- != 0;) {
        if (fake.apic_in_service[vector / 32] >> vector % 32 & 1) {
            fake.apic_in_service[vector / 32] &= ~(1u << vector % 32);
            return;
        }
    }
    FAIL("EOI, but no interrupt is in service");
}

static uint32_t apic_read(uint32_t at)
{
    if (at >= APIC_ISR && at < APIC_ISR + 8 * APIC_ISR_STEP)
        return fake.apic_in_service[(at - APIC_ISR) / APIC_ISR_STEP];
    switch (at) {
    case APIC_ID:
        return fake_cpus_apic_id() << (fake.apic_x2apic ? 0 : APIC_ID_SHIFT);
    case APIC_ICR:
        return 0;
    case APIC_SPURIOUS:
        return fake.apic_spurious;
    case APIC_LVT_TIMER:
        return fake.apic_lvt;
    case APIC_TIMER_DIVIDE:
        return fake.apic_divide;
    case APIC_TIMER_INITIAL:
        return fake.apic_initial;
    case APIC_TIMER_CURRENT:
        return apic_count();
    }
    FAIL("the model's APIC has no register 0x%x", at);
}

static void apic_write(uint32_t at, uint32_t value)
{
    fake_apic_timer_poll();
    switch (at) {
    case APIC_SPURIOUS:
        fake.apic_spurious = value;
        return;
    case APIC_EOI:
        if (value)
            FAIL("EOI of 0x%x: #GP in x2APIC mode", value);
        fake_apic_eoi();
        return;
    case APIC_ICR_HIGH:
        if (fake_cpus.count && fake_system.interrupts)
            FAIL("a handler may send between the two writes of an IPI");
        fake.apic_icr_high = value;
        return;
    case APIC_ICR:
        fake_cpus_command(fake.apic_icr_high >> APIC_ID_SHIFT, value);
        return;
    case APIC_LVT_TIMER:
        fake.apic_lvt = value;
        return;
    case APIC_TIMER_DIVIDE:
        fake.apic_divide = value;
        return;
    case APIC_TIMER_INITIAL:
        fake.apic_initial = value;
        fake.apic_start_ps = fake.now_ps;
        return;
    }
    FAIL("the model's APIC has no writable register 0x%x", at);
}

/* 0xffffffff - now, so that it can be told which device an address is of. */
static bool offset_in(const volatile void *at, const char *device,
                      uint32_t *out_offset)
{
    uintptr_t offset = (uintptr_t)at - (uintptr_t)device;

    *out_offset = (uint32_t)offset;
    return offset < sizeof(fake.hpet);
}

uint32_t x86_read32(const volatile void *at)
{
    uint32_t offset;

    fake_spend(fake.exit_ps);
    if (offset_in(at, fake.lapic, &offset))
        return apic_read(offset);
    if (!offset_in(at, fake.hpet, &offset))
        FAIL("no device of the model's is at %p", (const void *)at);
    if (!fake.hpet_period_fs)
        return UINT32_MAX;
    switch (offset) {
    case HPET_PERIOD_FS:
        return fake.hpet_period_fs;
    case HPET_CONFIG:
        return fake.hpet_enabled;
    case HPET_COUNTER:
        if (fake.hpet_dead || !fake.hpet_enabled)
            return 0x1234;
        return (uint32_t)fake_ticks(1e15 / fake.hpet_period_fs, fake.now_ps);
    }
    FAIL("the model's HPET has no register 0x%x", offset);
}

void x86_write32(volatile void *at, uint32_t value)
{
    uint32_t offset;

    fake_spend(fake.exit_ps);
    if (offset_in(at, fake.lapic, &offset)) {
        apic_write(offset, value);
        if (offset == APIC_LVT_TIMER)
            fake_apic_timer.unfenced = true;
        return;
    }
    if (!offset_in(at, fake.hpet, &offset) || offset != HPET_CONFIG)
        FAIL("no writable register of the model's is at %p", (void *)at);
    fake.hpet_enabled = value & HPET_CONFIG_ENABLE;
}

static uint64_t read_lvt(void)
{
    return apic_read(APIC_LVT_TIMER);
}

static uint64_t read_divide(void)
{
    return apic_read(APIC_TIMER_DIVIDE);
}

static uint64_t read_initial(void)
{
    return apic_read(APIC_TIMER_INITIAL);
}

static uint64_t read_current(void)
{
    return apic_read(APIC_TIMER_CURRENT);
}

static uint64_t read_id(void)
{
    return apic_read(APIC_ID);
}

static uint64_t read_spurious(void)
{
    return apic_read(APIC_SPURIOUS);
}

static void write_spurious(uint64_t value)
{
    apic_write(APIC_SPURIOUS, (uint32_t)value);
}

static void write_eoi(uint64_t value)
{
    apic_write(APIC_EOI, (uint32_t)value);
}

/* WRMSR to it orders no store before it: without MFENCE one could be late. */
static void write_icr(uint64_t value)
{
    if (fake_apic_timer.icr_unfenced)
        FAIL("an IPI may overtake the store that it is about");
    fake_apic_timer.icr_unfenced = true;
    fake_cpus_command((uint32_t)(value >> 32), (uint32_t)value);
}

static void write_lvt(uint64_t value)
{
    apic_write(APIC_LVT_TIMER, (uint32_t)value);
}

static void write_divide(uint64_t value)
{
    apic_write(APIC_TIMER_DIVIDE, (uint32_t)value);
}

static void write_initial(uint64_t value)
{
    apic_write(APIC_TIMER_INITIAL, (uint32_t)value);
}

static void add_register(uint32_t at, uint64_t (*read)(void),
                         void (*write)(uint64_t value))
{
    struct fake_msr *msr = fake_add_msr(MSR_X2APIC + at / 16);

    msr->read = read;
    msr->write = write;
}

void fake_apic(uint64_t hz, bool x2apic)
{
    fake.apic_hz = hz;
    fake.apic_x2apic = x2apic;
    fake.apic_lvt = APIC_LVT_MASKED;
    fake.apic_spurious = APIC_SPURIOUS_ENABLED | APIC_SPURIOUS_VECTOR;
    fake_msr(MSR_IA32_APIC_BASE, 0xfee00000 | IA32_APIC_BASE_ENABLED |
                                     (x2apic ? IA32_APIC_BASE_X2APIC : 0));
    if (!x2apic)
        return;
    add_register(APIC_ID, read_id, NULL);
    add_register(APIC_ICR, NULL, write_icr);
    add_register(APIC_SPURIOUS, read_spurious, write_spurious);
    add_register(APIC_EOI, NULL, write_eoi);
    add_register(APIC_LVT_TIMER, read_lvt, write_lvt);
    add_register(APIC_TIMER_DIVIDE, read_divide, write_divide);
    add_register(APIC_TIMER_INITIAL, read_initial, write_initial);
    add_register(APIC_TIMER_CURRENT, read_current, NULL);
}
