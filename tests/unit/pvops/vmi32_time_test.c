/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: the clock, stolen time and deadlines by calls 66 to 70, on a model
 * whose counter runs at other frequencies than the TSC.
 *
 * Tried, in src/vmi_32_time.c: '- clock.start' and '- start' left out; '+ 1' in
 *        set_alarm() left out; MOST_NS_SHIFT as 63; ALARM without its wiring;
 *        pvi_lapic_eoi(), set_alarm() or the spurious one left out of
 *        pvi_vmi32_arrived(); cancel_alarm() left out of the teardown; in
 *        src/lapic.c the last write_register() of pvi_lapic_wire(): each fails
 *        here.
 */
#include "pvtest.h"

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "vmi32_rom.h"

#include "abi/cpuid.h"

enum { MS = 1000000 };

static void prepare(uint64_t hz)
{
    rom_reset();
    rom_make(ROM_PADDR);
    rom_answer_all(ROM_PADDR);
    rom_answer_time(ROM_PADDR);
    rom.hz = hz;
    rom.stolen = 777 * hz;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static const uint64_t frequencies[] = { 1000000,    100000000,
                                        1000000000, 1234567890,
                                        3579545000, UINT64_C(1000000000000) };
enum { FREQUENCIES = sizeof(frequencies) / sizeof(frequencies[0]) };

PVTEST(now, "nanoseconds since set-up, at each frequency, for half a day")
{
    for (unsigned i = 0; i < FREQUENCIES; i++) {
        uint64_t start_ns, last_ns = 0;
        uint64_t cycle_ns = 1000000000 / frequencies[i] + 1;

        prepare(frequencies[i]);
        fake.now_ps += UINT64_C(5000000000000);
        start_ns = fake_ns();
        pc_start();
        start_ns = fake_ns() - pvops_time_now_ns();
        EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
        EXPECT(host_logged("pvops: clock: the ROM's"));
        for (uint64_t step = 1; step < UINT64_C(1000000000000000); step *= 7) {
            uint64_t ns = pvops_time_now_ns(), want = fake_ns() - start_ns;

            /* 0.002 ppm, and what 'double' loses in the model */
            EXPECT(apart(ns, want) <=
                   2 * cycle_ns + want / 400000000 + want / (1 << 30));
            EXPECT(ns >= last_ns);
            last_ns = ns;
            fake.now_ps += step * 1000;
        }
        EXPECT(last_ns > UINT64_C(30000000000000));
    }
}

PVTEST(others, "wall clock and stolen time; the latter from the CPU's set-up")
{
    prepare(1234567890);
    pc_start();
    EXPECT_EQ(UINT64_C(1795350896123456789) + fake_ns(), pvops_time_wall_ns());
    EXPECT_EQ(0, pvops_time_stolen_ns());
    rom.stolen += 2 * rom.hz;
    EXPECT(apart(pvops_time_stolen_ns(), 2000 * (uint64_t)MS) < 10);
}

/* The alarm's interrupt: at the vector that the LVT names. */
static unsigned deliver(void)
{
    unsigned vector = fake.apic_lvt & 255;

    EXPECT_EQ(PC_DEADLINE, fake.apic_lvt);
    fake.apic_in_service[vector / 32] |= 1u << vector % 32;
    return pvops_time_arrived(vector);
}

/* To the time of the alarm, as often as it is set; how often that was. */
static unsigned sleep_until_told(void)
{
    for (unsigned i = 1;; i++) {
        double cycles = (double)(rom.alarm - 12345) * 1e12;

        fake.now_ps = (uint64_t)(cycles / (double)rom.hz) + 1;
        if (deliver() == PVOPS_ARRIVED_DEADLINE)
            return i;
        EXPECT(i < 4);
    }
}

PVTEST(deadlines, "as the APIC timer's interrupt; not early, hardly late")
{
    for (unsigned i = 0; i < FREQUENCIES; i++) {
        prepare(frequencies[i]);
        pc_start();
        for (uint64_t ns = MS; ns < UINT64_C(1000000000000000); ns *= 3) {
            uint64_t at_ns = pvops_time_now_ns() + ns;
            unsigned eois = fake.apic_eois, alarms = rom.alarms;
            unsigned interrupts;

            pvops_time_set_deadline(at_ns);
            EXPECT_EQ(alarms + 1, rom.alarms);
            EXPECT_EQ(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT, rom.alarm_flags);
            EXPECT_EQ(0, rom.period);
            /* Too early once, as where the hypervisor's timer is not exact. */
            EXPECT_EQ(0, deliver());
            EXPECT_EQ(alarms + 2, rom.alarms);
            EXPECT_EQ(eois + 1, fake.apic_eois);
            interrupts = sleep_until_told();
            EXPECT(interrupts == 1 || ns > 100 * (uint64_t)MS);
            EXPECT(pvops_time_now_ns() >= at_ns);
            EXPECT(pvops_time_now_ns() - at_ns <=
                   3000 + 2 * (1000000000 / rom.hz) + ns / 100000000);
            EXPECT_EQ(eois + 1 + interrupts, fake.apic_eois);
            EXPECT_EQ(0, deliver());
            EXPECT_EQ(alarms + 1 + interrupts, rom.alarms);
        }
    }
}

PVTEST(alarm_exact, "the first cycle of the counter at which it has passed")
{
    prepare(1000000000);
    pc_start();
    for (unsigned ns = 0; ns < 1000; ns += 100) {
        uint64_t start = 12345 + fake_ns(), late;

        pvops_time_set_deadline(pvops_time_now_ns() + ns);
        late = rom.alarm - start - ns;
        EXPECT(late >= 1 && late < 3000);
    }
}

PVTEST(far, "further than cycles can say: early, and set again")
{
    prepare(UINT64_C(1000000000000));
    pc_start();
    pvops_time_set_deadline(UINT64_MAX);
    EXPECT(rom.alarm > UINT64_C(1000000000000) * 1000000);
    EXPECT(rom.alarm < UINT64_MAX / 2);
    pvops_time_set_deadline(0);
    EXPECT(rom.alarm <= 12345 + fake.now_ps + 1);
}

PVTEST(cancel, "no deadline, no alarm; one on its way is nothing")
{
    prepare(1234567890);
    pc_start();
    pvops_time_set_deadline(1);
    pvops_time_cancel_deadline();
    EXPECT_EQ(1, rom.cancels);
    EXPECT_EQ(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT, rom.alarm_flags);
    fake.now_ps += 1000000;
    EXPECT_EQ(0, deliver());
}

PVTEST(apic, "the entry of the LVT as found when the CPU is torn down")
{
    prepare(1234567890);
    fake.apic_lvt = APIC_LVT_MASKED | 0x99;
    fake.apic_divide = 3;
    pc_start();
    EXPECT_EQ(PC_DEADLINE, fake.apic_lvt);
    EXPECT_EQ(3, fake.apic_divide); /* whose timer it is has set it */
    EXPECT_EQ(0, fake.apic_initial);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(APIC_LVT_MASKED | 0x99, fake.apic_lvt);
    EXPECT_EQ(1, rom.cancels);
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT(pvops_time_now_ns() > 0);
}

PVTEST(spurious, "an APIC that the library enabled: no EOI for a spurious one")
{
    prepare(1234567890);
    fake.apic_spurious = 0xff;
    pc_start();
    EXPECT_EQ(0, pvops_time_arrived(PC_DEADLINE));
    EXPECT_EQ(0, fake.apic_eois);
    pvops_time_set_deadline(0);
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, deliver());
    EXPECT_EQ(1, fake.apic_eois);
}

PVTEST(own_timer, "a kernel with a timer of its own: the APIC's entry is its")
{
    prepare(1234567890);
    pc.cpu_options.own_timer = true;
    fake.apic_lvt = 0x99;
    pc_start();
    EXPECT_EQ(0x99, fake.apic_lvt);
    EXPECT(HOST_PANICS(pvops_time_set_deadline(1)));
    EXPECT_STR("pvops_time_set_deadline(): this CPU's timer is your own",
               host.panic);
    pvops_time_cancel_deadline();
    EXPECT_EQ(0, rom.alarms + rom.cancels);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0x99, fake.apic_lvt);
}

PVTEST(no_apic, "no local APIC: no timer, which is said")
{
    prepare(1234567890);
    host.device = NULL;
    pc_setup();
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(host_logged("lapic: none; no timer for deadlines"));
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}
