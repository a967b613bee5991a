/* SPDX-License-Identifier: MIT */
/*
 * vmi-rom: an i386 VMI ROM among the option ROMs, as firmware left it, asked
 * for its calls and, if it has them, for clock and alarms: the PIT's interrupt
 * and the local APIC's do arrive, when they should.
 *
 * Interrupts stay off: the PIC is polled, the APIC's request register read.
 *
 * Verdict: PASS (0) with such a ROM and the 32-bit image; else SKIP (3).
 * Source:  abi/vmi.h's; Intel 8259A data sheet, OCW3 (poll command); Intel SDM
 *          volume 3A, 10.8.4 (IRR).
 */
#include <guest.h>

#include "start/insn.h"

enum {
    FIRST = 0xc0000,
    END = 0xe0000,
    STEP = 2048,
    BDA_MEMORY_KIB = 0x413,
    INIT = 0x80,
    GET_RELOCATION = 0x88,
    CALLS = 74,
    FREQUENCY = 66,
    COUNTER = 67,
    SET_ALARM = 68,
    CANCEL_ALARM = 69,
    WALLCLOCK = 70,
    AVAILABLE = 1,
    PERIODIC = 0x100,
    LVTT = 0x10000,
    PIC = 0x20,
    PIC_DATA = 0x21,
    PIC_EOI = 0x20,
    PIC_POLL = 0x0c,
    PIC_READ_IRR = 0x0a,
    PIT_CHANNEL_0 = 0x40,
    PIT_CONTROL = 0x43,
    PIT_SILENCE = 0x3a,
    APIC = 0xfee00000,
    APIC_SPURIOUS = 0xf0,
    APIC_IRR_E0 = 0x270,
    APIC_LVT_TIMER = 0x320,
    LVT_MASKED = 0x10000,
    VECTOR = 0xef,
};

#ifdef __i386__
#define ROM_CALL __attribute__((regparm(3)))
#else
#define ROM_CALL
#endif

static const uint8_t *rom;
static uint64_t hz;
static uint32_t served[CALLS];

static uint32_t number(const uint8_t *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Hidden from the compiler, which takes the first page for nobody's. */
static const uint8_t *physical(uintptr_t at)
{
    __asm__("" : "+r"(at));
    return (const uint8_t *)at;
}

static uint8_t sum(void)
{
    uint8_t all = 0;

    for (unsigned i = 0; i < rom[2] * 512u; i++)
        all = (uint8_t)(all + rom[i]);
    return all;
}

static bool find(void)
{
    for (uintptr_t at = FIRST; at < END; at += STEP) {
        rom = physical(at);
        if (rom[0] == 0x55 && rom[1] == 0xaa && number(rom + 8) == 0x696d5663)
            return true;
    }
    return false;
}

static bool ask(void)
{
    uint32_t (*init)(void) ROM_CALL = (void *)(uintptr_t)(rom + INIT);
    uint64_t (*relocation)(uint32_t) ROM_CALL =
        (void *)(uintptr_t)(rom + GET_RELOCATION);
    unsigned count = 0;

    if (init())
        return false;
    for (uint32_t call = 0; call < CALLS; call++) {
        uint64_t answer = relocation(call);

        if ((uint32_t)(answer >> 32))
            count++;
        served[call] = (uint32_t)answer;
    }
    guest_text("PVLAB INFO rom_calls=%u\n", count);
    return served[33] && served[34];
}

static uint64_t counter(uint32_t which)
{
    uint64_t (*call)(uint32_t) ROM_CALL = (void *)(uintptr_t)served[COUNTER];

    return call(which);
}

static void set_alarm(uint32_t flags, uint64_t expiry, uint64_t period)
{
    void (*call)(uint32_t, uint64_t, uint64_t) ROM_CALL =
        (void *)(uintptr_t)served[SET_ALARM];

    call(flags, expiry, period);
}

static uint32_t cancel_alarm(uint32_t flags)
{
    uint32_t (*call)(uint32_t) ROM_CALL =
        (void *)(uintptr_t)served[CANCEL_ALARM];

    return call(flags);
}

/* Below 34 GHz, without a division by 64 bits. */
static uint64_t cycles(unsigned ms)
{
    return (uint64_t)((uint32_t)(hz >> 3) / 125) * ms;
}

/* Both PICs anew, with IRQ 0 alone, and nothing that waits from before. */
static void start_pic(void)
{
    static const uint8_t words[] = { 0x11, 0x20, 0x04, 0x01 };

    /* KVM's channel 0 stops when it is given a count, whichever. */
    x86_outb(PIT_CONTROL, PIT_SILENCE);
    x86_outb(PIT_CHANNEL_0, 0);
    x86_outb(PIT_CHANNEL_0, 0);
    x86_outb(PIC, words[0]);
    for (unsigned i = 1; i < sizeof(words); i++)
        x86_outb(PIC_DATA, words[i]);
    x86_outb(PIC_DATA, 0xfe);
}

/*
 * Takes IRQ 0 as a CPU would. Whether it is there is asked for before: the
 * answer to a poll has no bit 7 in KVM before Linux 6.3.
 */
static bool irq_0(void)
{
    x86_outb(PIC, PIC_READ_IRR);
    if (!(x86_inb(PIC) & 1))
        return false;
    x86_outb(PIC, PIC_POLL);
    x86_inb(PIC);
    x86_outb(PIC, PIC_EOI);
    return true;
}

static bool apic_request(void)
{
    return *(volatile uint32_t *)(uintptr_t)(APIC + APIC_IRR_E0) >>
               (VECTOR & 31) &
           1;
}

/* Cycles until 'arrived', at most 'ms'; 0: not in that time. */
static uint64_t wait(bool (*arrived)(void), uint64_t since, unsigned ms)
{
    uint64_t start = counter(0);

    do {
        if (arrived())
            return counter(0) - since;
    } while (counter(0) - start < cycles(ms));
    return 0;
}

/*
 * Whether IRQ 0 comes no more: not for 300 ms. KVM makes up for a few that it
 * owes from before, and QEMU's silence begins with one.
 */
static bool falls_silent(void)
{
    for (unsigned i = 0; i < 10; i++) {
        if (!wait(irq_0, counter(0), 300))
            return true;
    }
    return false;
}

static unsigned in_ms(uint64_t n)
{
    return (uint32_t)(n >> 4) / (uint32_t)(cycles(1) >> 4);
}

/*
 * An alarm that is too early is wrong; one that is late by less than this may
 * be the lab's doing, whose machine is software on a machine that is shared.
 */
enum { PATIENCE_MS = 10000 };

static void check_once(const char *name, uint32_t flags, bool (*arrived)(void))
{
    uint64_t now = counter(0), took;

    set_alarm(flags, now + cycles(20), 0);
    if (arrived()) {
        guest_fail(name, "at once");
        return;
    }
    took = wait(arrived, now, PATIENCE_MS);
    if (!took)
        guest_fail(name, "20 ms took more than %u ms", PATIENCE_MS);
    else if (took < cycles(20) - cycles(1))
        guest_fail(name, "20 ms took %u ms", in_ms(took));
    else
        guest_pass(name);
}

static void check_pit(void)
{
    uint64_t now, took = 1;

    start_pic();
    if (!falls_silent())
        guest_error("irq 0", "it comes without an alarm");
    check_once("irq 0 once", 0, irq_0);

    now = counter(0);
    set_alarm(PERIODIC | AVAILABLE, now, cycles(10));
    for (unsigned i = 0; took && i < 10; i++)
        took = wait(irq_0, now, PATIENCE_MS);
    if (!took)
        guest_fail("irq 0 periodic", "none in %u ms", PATIENCE_MS);
    else if (took < cycles(95))
        guest_fail("irq 0 periodic", "10 of 10 ms took %u ms", in_ms(took));
    else
        guest_pass("irq 0 periodic");

    if (cancel_alarm(AVAILABLE) != 1 || cancel_alarm(AVAILABLE) != 0)
        guest_fail("irq 0 cancel", "not 1, then 0");
    else if (!falls_silent())
        guest_fail("irq 0 cancel", "it goes on");
    else
        guest_pass("irq 0 cancel");
}

static void check_apic(void)
{
    volatile uint32_t *lvt = (uint32_t *)(uintptr_t)(APIC + APIC_LVT_TIMER);

    *(volatile uint32_t *)(uintptr_t)(APIC + APIC_SPURIOUS) = 0x1ff;
    *lvt = VECTOR;
    check_once("lvtt once", LVTT, apic_request);
    set_alarm(LVTT | PERIODIC | AVAILABLE, counter(0), cycles(10));
    if (*lvt == (VECTOR | 0x20000))
        guest_pass("lvtt periodic");
    else
        guest_fail("lvtt periodic", "LVTT is 0x%x", (unsigned)*lvt);
    if (cancel_alarm(AVAILABLE) != 1 || *lvt != VECTOR)
        guest_fail("lvtt cancel", "LVTT is 0x%x", (unsigned)*lvt);
    else
        guest_pass("lvtt cancel");

    /* Linux on a second CPU: the alarm first, then the vector, "once". */
    *lvt = LVT_MASKED;
    set_alarm(LVTT | PERIODIC, counter(0), cycles(10));
    *lvt = VECTOR;
    counter(AVAILABLE);
    if (*lvt == (VECTOR | 0x20000))
        guest_pass("lvtt late");
    else
        guest_fail("lvtt late", "LVTT is 0x%x", (unsigned)*lvt);
    cancel_alarm(0);
}

static void check_time(void)
{
    uint64_t (*frequency)(void) ROM_CALL = (void *)(uintptr_t)served[FREQUENCY];
    uint64_t (*wall)(void) ROM_CALL = (void *)(uintptr_t)served[WALLCLOCK];
    uint64_t before, ns;

    hz = frequency();
    before = counter(0);
    if (hz < 1000000 || counter(0) <= before || counter(3))
        guest_fail("clock", "%llu Hz", (unsigned long long)hz);
    else
        guest_pass("clock");
    /* Between 2020 and 2100. */
    ns = wall();
    if (ns < 1577836800000000000u || ns > 4102444800000000000u)
        guest_fail("wall clock", "%llu", (unsigned long long)ns);
    else
        guest_pass("wall clock");
    check_pit();
    check_apic();
}

void guest_main(void)
{
    guest_begin();
    if (sizeof(void *) != 4 || guest_boot.xen_pv || !find()) {
        guest_skip("rom", "no VMI ROM for i386");
        guest_end();
        return;
    }
    guest_text("PVLAB INFO rom_at=0x%x\n", (unsigned)(uintptr_t)rom);
    guest_text("PVLAB INFO base_memory=%u\n",
               (unsigned)(number(physical(BDA_MEMORY_KIB)) & 0xffff));
    if (sum())
        guest_fail("sum", "0x%x", sum());
    else
        guest_pass("sum");
    if (!ask()) {
        guest_fail("init", "it failed, or IRET or SYSEXIT are not served");
    } else {
        guest_pass("init");
        if (served[FREQUENCY])
            check_time();
        if (sum())
            guest_fail("sum later", "0x%x", sum());
        else
            guest_pass("sum later");
    }
    guest_end();
}
