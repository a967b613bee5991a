/* SPDX-License-Identifier: MIT */
/*
 * Clock and alarms of vmi-native-timer.rom and vmi-kvm.rom: what they say, and
 * which timer counts how far.
 */
#include "linux.h"
#include "pvtest.h"

#include <cpuid.h>

#include "abi/cpuid.h"
#include "abi/timer.h"
#include "abi/vmi.h"
#include "emulate.h"
#include "state.h"

enum {
    FREQUENCY = 66,
    COUNTER,
    SET_ALARM,
    CANCEL_ALARM,
    WALLCLOCK,
    WALLCLOCK_UPDATED,
    APIC_HZ = 100000000,
    LVTT = 0x000000ef, /* what the kernel wrote: a vector */
};

static struct linux_boot boot;

static void start(unsigned image)
{
    static const struct linux_kernel kernel = { 32, false, true };

    machine_start(&rom_images[image], 0xc0000000, MACHINE_ROM);
    machine_post(&rom_images[image]);
    memset(&boot, 0, sizeof(boot));
    EXPECT(linux_probe(&boot) != NULL);
    linux_activate(&kernel, &boot);
    machine_forget();
}

/* The state, as the ROM has it in base memory. */
static struct rom_state *state(void)
{
    return (struct rom_state *)(void *)(machine.memory + 626 * 1024);
}

static uint64_t call(uint32_t number, uint32_t eax)
{
    struct machine_regs regs = { .eax = eax };

    EXPECT_EQ(LINUX_ROM, boot.slots[number].kind);
    machine_call(&regs, (const void *)(uintptr_t)boot.slots[number].target);
    return (uint64_t)regs.edx << 32 | regs.eax;
}

static void set_alarm(uint32_t flags, uint64_t expiry, uint64_t period)
{
    struct machine_regs regs = {
        .eax = flags,
        .edx = (uint32_t)expiry,
        .ecx = (uint32_t)(expiry >> 32),
        .stack = { (uint32_t)period, (uint32_t)(period >> 32) },
    };

    machine_forget();
    machine_call(&regs, (const void *)(uintptr_t)boot.slots[SET_ALARM].target);
    EXPECT_EQ(0, regs.esp_moved);
}

static uint64_t cycles(unsigned ms)
{
    return call(FREQUENCY, 0) * ms / 1000;
}

static void near(uint64_t want, uint64_t got, unsigned percent)
{
    if (got < want - want * percent / 100 || got > want + want * percent / 100)
        FAIL("want %" PRIu64 " within %u %%, got %" PRIu64, want, percent, got);
}

/* Damage: CMOS_B_DM taken for set in cmos.c; "* 2" in rom_clock_set_hz(). */
PVTEST(clock_of_any_machine,
       "the TSC's frequency, measured; CMOS's time of day")
{
    uint64_t before, real;

    start(ROM_TIMER);
    EXPECT(boot.vmi_timer);
    near(machine.tsc_hz, call(FREQUENCY, 0), 3);
    before = emulate_tsc();
    real = call(COUNTER, VMI_CYCLES_REAL);
    EXPECT(before < real && real < emulate_tsc());
    EXPECT(call(COUNTER, VMI_CYCLES_AVAILABLE) > real);
    EXPECT_EQ(0, call(COUNTER, VMI_CYCLES_STOLEN));
    EXPECT_EQ(0, call(COUNTER, 3));
    /* 2026-11-22 12:34:56 UTC */
    EXPECT_EQ(1795350896, call(WALLCLOCK, 0) / 1000000000);
    EXPECT_EQ(0, (uint32_t)call(WALLCLOCK_UPDATED, 0));
    machine_stop();
}

/* The count that was given to channel 0 last, behind its control word. */
static uint32_t pit_count(uint32_t control)
{
    const struct machine_event *low, *high;

    EXPECT(machine.count >= 4);
    high = &machine.events[machine.count - 1];
    low = high - 1;
    EXPECT_STR("out", low[-1].op);
    EXPECT_EQ(PIT_PORT_CONTROL, low[-1].at);
    EXPECT_EQ(control, low[-1].value & 0xff);
    EXPECT(low->at == PIT_PORT && high->at == PIT_PORT);
    return (uint32_t)((low->value & 0xff) | (high->value & 0xff) << 8);
}

/* Damage: 0x30 for PIT_PERIODIC; PIT_MOST 0x7fff; no CLI in cpu_save(). */
PVTEST(irq_0, "the PIT: once, for ever, at once, and as far as it goes")
{
    uint64_t now;

    start(ROM_TIMER);
    now = call(COUNTER, VMI_CYCLES_REAL);
    set_alarm(VMI_CYCLES_REAL, now + cycles(10), 0);
    EXPECT_STR("cli", machine.events[0].op);
    near(PIT_HZ / 100, pit_count(0x30), 3);

    set_alarm(VMI_CYCLES_REAL | VMI_ALARM_PERIODIC, now, cycles(10));
    near(PIT_HZ / 100, pit_count(0x34), 1);

    set_alarm(VMI_CYCLES_REAL, now, 0);
    EXPECT(pit_count(0x30) < 5);
    set_alarm(VMI_CYCLES_REAL, now + cycles(100000), 0);
    EXPECT_EQ(0xffff, pit_count(0x30));
    set_alarm(VMI_CYCLES_REAL, UINT64_MAX, 0);
    EXPECT_EQ(0xffff, pit_count(0x30));

    EXPECT_EQ(1, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));
    EXPECT_EQ(0xffff, pit_count(0x3a));
    EXPECT_EQ(0, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));
    EXPECT_EQ(0, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_STOLEN));
    machine_stop();
}

/* Damage: "repeats < periodic" turned round; the other alarm not dropped. */
PVTEST(two_alarms, "one for each counter; the periodic one's tick serves both")
{
    uint64_t now;

    start(ROM_TIMER);
    now = call(COUNTER, VMI_CYCLES_REAL);
    set_alarm(VMI_CYCLES_REAL, now + cycles(20), 0);
    set_alarm(VMI_CYCLES_AVAILABLE, now + cycles(10), 0);
    near(PIT_HZ / 100, pit_count(0x30), 3);
    set_alarm(VMI_CYCLES_AVAILABLE | VMI_ALARM_PERIODIC, now, cycles(30));
    near(PIT_HZ * 3 / 100, pit_count(0x34), 1);

    /* With the periodic one gone, the other is what counts. */
    EXPECT_EQ(1, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_AVAILABLE));
    EXPECT(pit_count(0x30) <= PIT_HZ / 50);

    /* One that came is not waited for any more. */
    set_alarm(VMI_CYCLES_REAL, now, 0);
    set_alarm(VMI_CYCLES_AVAILABLE, now + cycles(50000), 0);
    EXPECT_EQ(0xffff, pit_count(0x30));
    EXPECT_EQ(0, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));
    EXPECT_EQ(1, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_AVAILABLE));
    machine_stop();
}

static void local_apic(bool pae)
{
    uint64_t now;

    start(ROM_TIMER);
    /* Not mapped: nothing happens. */
    set_alarm(VMI_ALARM_WIRED_LVTT, 0, 0);
    EXPECT_STR("rdmsr", machine.events[machine.count - 1].op);
    EXPECT_EQ(0, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));

    machine_map_apic(pae);
    machine.apic_lvt = LVTT;
    now = call(COUNTER, VMI_CYCLES_REAL);
    set_alarm(VMI_ALARM_WIRED_LVTT, now + cycles(50), 0);
    EXPECT_EQ(LVTT, machine.apic_lvt);
    EXPECT(machine.apic_initial > APIC_HZ / 100);
    EXPECT(machine.apic_initial < APIC_HZ / 18);

    set_alarm(VMI_ALARM_WIRED_LVTT | VMI_ALARM_PERIODIC, now, cycles(10));
    EXPECT_EQ(LVTT | 0x20000, machine.apic_lvt);
    near(APIC_HZ / 100, machine.apic_initial, 4);
    EXPECT_EQ(APIC_TIMER_DIVIDE_BY_1,
              machine_find_event("apic", APIC_TIMER_DIVIDE)->value);

    /* Once more: the kernel's vector, and then not asked for again. */
    set_alarm(VMI_ALARM_WIRED_LVTT, now + cycles(1000), 0);
    EXPECT_EQ(LVTT, machine.apic_lvt);
    machine.apic_lvt = LVTT - 1;
    set_alarm(VMI_ALARM_WIRED_LVTT, now + cycles(1000), 0);
    EXPECT_EQ(LVTT - 1, machine.apic_lvt);
    EXPECT_STR("cli", machine.events[0].op);
    EXPECT_EQ(3, machine.count);
    machine.apic_lvt = LVTT;
    set_alarm(VMI_ALARM_WIRED_LVTT | VMI_ALARM_PERIODIC, now, cycles(10));
    EXPECT_EQ(LVTT | 0x20000, machine.apic_lvt);

    /* Linux wires a second CPU's LVTT after its alarm, and says "once". */
    machine.apic_lvt = APIC_LVT_MASKED;
    set_alarm(VMI_ALARM_WIRED_LVTT | VMI_ALARM_PERIODIC, now, cycles(10));
    call(COUNTER, VMI_CYCLES_AVAILABLE);
    EXPECT_EQ(APIC_LVT_MASKED | 0x20000, machine.apic_lvt);
    machine.apic_lvt = LVTT;
    machine.apic_initial = 0;
    call(COUNTER, VMI_CYCLES_AVAILABLE);
    EXPECT_EQ(LVTT | 0x20000, machine.apic_lvt);
    near(APIC_HZ / 100, machine.apic_initial, 4);
    machine.apic_initial = 0;
    call(COUNTER, VMI_CYCLES_AVAILABLE);
    EXPECT_EQ(0, machine.apic_initial);

    /* Wired elsewhere: this timer stops. */
    set_alarm(VMI_ALARM_PERIODIC, now, cycles(10));
    EXPECT_EQ(0, machine.apic_initial);
    near(PIT_HZ / 100, pit_count(0x34), 1);
    set_alarm(VMI_ALARM_WIRED_LVTT | VMI_ALARM_PERIODIC, now, cycles(10));
    EXPECT_EQ(0x3a, machine_find_event("out", PIT_PORT_CONTROL)->value & 0xff);
    EXPECT_EQ(1, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));
    EXPECT_EQ(0, machine.apic_initial);
    EXPECT_EQ(LVTT, machine.apic_lvt);
    machine_stop();
}

/*
 * Damage: PRESENT alone in find_within(); for PAE, 0xffffc000 for CR3_PAE; 1.1
 * for 1 s in rom_from_ns(); one_shot not set, or never false; no look at LVTT
 * in time_counter(); unwired never true, or never false.
 */
PVTEST(lvtt, "the local APIC, found in page tables of two levels")
{
    local_apic(false);
}

PVTEST(lvtt_pae, "the same in three levels")
{
    local_apic(true);
}

/* Damage: no x86_clear() in rom_init_state(). */
PVTEST(another_kernel, "VMI_Init begins anew; foreign memory is no state")
{
    struct machine_regs regs = { 0 };

    start(ROM_TIMER);
    set_alarm(VMI_CYCLES_REAL | VMI_ALARM_PERIODIC, 0, cycles(10));
    EXPECT(state()->cpus[0].id && state()->cpus[0].alarms[0].flags);
    machine_call(&regs, machine.rom + 0x80);
    EXPECT_EQ(0, state()->cpus[0].id);
    EXPECT(linux_relocation(machine.rom, 66) >> 32);

    state()->magic++;
    EXPECT_EQ(0, linux_relocation(machine.rom, 66));
    machine_call(&regs, machine.rom + 0x80);
    EXPECT_EQ(0, regs.eax);
    machine_stop();
}

/* Damage: "ROM_CPUS - 1" in meet(); the spare slot left out of alarm.c. */
PVTEST(more_cpus, "each has alarms of its own; beyond the slots unremembered")
{
    uint64_t now;

    start(ROM_TIMER);
    now = call(COUNTER, VMI_CYCLES_REAL);
    set_alarm(VMI_CYCLES_REAL | VMI_ALARM_PERIODIC, now, cycles(10));
    for (unsigned i = 0; i < ROM_CPUS; i++) {
        struct rom_cpu *cpu = &state()->cpus[i];

        EXPECT(cpu->id && cpu->alarms[0].flags);
        EXPECT_EQ(i && !state()->tsc_invariant, state()->guarded);
        /* Another CPU: its GDT is elsewhere, and its APIC ID is another. */
        cpu->id = 0x1000 + i;
        cpu->gdt = i;
        set_alarm(VMI_CYCLES_REAL | VMI_ALARM_PERIODIC, now, cycles(10));
        near(PIT_HZ / 100, pit_count(0x34), 1);
    }
    EXPECT(call(COUNTER, VMI_CYCLES_REAL) > now);
    EXPECT_EQ(0, (uint32_t)call(CANCEL_ALARM, VMI_CYCLES_REAL));
    machine_stop();
}

static bool on_kvm(void)
{
    uint32_t eax, ebx, ecx, edx;

    __cpuid(1, eax, ebx, ecx, edx);
    if (!(ecx & CPUID_1_ECX_HYPERVISOR))
        return false;
    __cpuid(CPUID_HYPERVISOR, eax, ebx, ecx, edx);
    if (ebx != 0x4b4d564b || ecx != 0x564b4d56 || edx != 0x4d)
        return false;
    __cpuid(CPUID_HYPERVISOR + 1, eax, ebx, ecx, edx);
    return (eax & (KVM_FEATURE_CLOCKSOURCE2 | KVM_FEATURE_STEAL_TIME)) ==
           (KVM_FEATURE_CLOCKSOURCE2 | KVM_FEATURE_STEAL_TIME);
}

/*
 * CPUID is this process's own: where KVM is not, there is no clock to be tested
 * but by tests/guest/vmi-rom.
 */
static bool start_kvm(void)
{
    start(ROM_KVM);
    EXPECT_EQ(on_kvm(), boot.vmi_timer);
    if (!boot.vmi_timer)
        machine_stop();
    return machine.memory;
}

/*
 * Damage: "- page->tsc_timestamp" left out; no guard; stolen in ns; the page's
 * factor not compared.
 */
PVTEST(kvm_clock, "by the page, at the page's rate; what was stolen apart")
{
    struct pvclock_vcpu_time_info *page;
    uint64_t real, available, last;
    struct rom_cpu *cpu;

    if (!start_kvm())
        return;
    cpu = &state()->cpus[0];
    page = &cpu->page;
    EXPECT_EQ(1, machine.pages);
    near(machine.tsc_hz, call(FREQUENCY, 0), 1);

    /* Five seconds when it was filled; then as the TSC goes. */
    real = call(COUNTER, VMI_CYCLES_REAL);
    EXPECT(real >= cycles(5000) && real < cycles(5000) + cycles(2000));
    EXPECT(page->version == cpu->version);
    EXPECT(call(COUNTER, VMI_CYCLES_REAL) > real);

    /* KVM writes it anew, one second on, then a second back. */
    page->system_time += 1000000000;
    page->version += 2;
    last = call(COUNTER, VMI_CYCLES_REAL);
    EXPECT(last > real + cycles(1000));
    page->system_time -= 1000000000;
    page->version += 2;
    EXPECT_EQ(last, call(COUNTER, VMI_CYCLES_REAL));
    /* In the middle of writing, somebody else has the page: no answer by it. */
    EXPECT_EQ(page->version, cpu->version);

    /* Another rate: half as fast, by the page and not by the TSC. */
    page->system_time += 10000000000;
    page->tsc_to_system_mul /= 2;
    page->version += 2;
    real = call(COUNTER, VMI_CYCLES_REAL);
    EXPECT(real > last + cycles(8000));
    EXPECT(page->version != cpu->version);

    cpu->steal.steal = 2000000000;
    EXPECT_EQ(0, call(COUNTER, VMI_CYCLES_STOLEN) / cycles(2001));
    near(cycles(2000), call(COUNTER, VMI_CYCLES_STOLEN), 1);
    available = call(COUNTER, VMI_CYCLES_AVAILABLE);
    EXPECT(available < call(COUNTER, VMI_CYCLES_REAL) - cycles(1999));
    machine_stop();
}

static unsigned reads;

/* KVM takes the CPU for 20 ms behind the first RDTSC. */
static void take_cpu(uint32_t eip, const uint32_t *stack)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)eip - 2;
    uint64_t start = __builtin_ia32_rdtsc();

    (void)stack;
    if (code[0] != 0x0f || code[1] != 0x31 || reads++)
        return;
    while (__builtin_ia32_rdtsc() - start < machine.tsc_hz / 50)
        ;
    state()->cpus[0].steal.steal += 20000000;
}

/* Damage: real, then stolen, once. */
PVTEST(kvm_taken, "AVAILABLE does not go back when the CPU is taken away")
{
    struct machine_regs regs = { .eax = VMI_CYCLES_AVAILABLE };
    uint64_t before;

    start(ROM_KVM);
    before = call(COUNTER, VMI_CYCLES_AVAILABLE);
    reads = 0;
    machine_step(&regs, (const void *)(uintptr_t)boot.slots[COUNTER].target,
                 take_cpu);
    EXPECT(((uint64_t)regs.edx << 32 | regs.eax) >= before);
    EXPECT(reads > 1);
    machine_stop();
}

/* Damage: state->kvm_wall not kept; wall_base_ns() without its nanoseconds. */
PVTEST(kvm_wall, "KVM's wall clock and its time; a change is told once")
{
    uint64_t wall;

    if (!start_kvm())
        return;
    wall = call(WALLCLOCK, 0);
    EXPECT(wall >= 1700000005500000000 && wall < 1700000008000000000);
    EXPECT_EQ(0, (uint32_t)call(WALLCLOCK_UPDATED, 0));
    state()->kvm_wall.sec--;
    EXPECT_EQ(1, (uint32_t)call(WALLCLOCK_UPDATED, 0));
    EXPECT_EQ(0, (uint32_t)call(WALLCLOCK_UPDATED, 0));
    machine_stop();
}
