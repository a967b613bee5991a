/* SPDX-License-Identifier: MIT */
/*
 * Trap and emulate: SIGSEGV at an instruction that ring 3 may not execute, or
 * at the page of the local APIC. Each is written down in machine.events.
 *
 * Source: Intel SDM volume 2 (encodings).
 */
#define _GNU_SOURCE
#include "emulate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "abi/cmos.h"
#include "abi/cpuid.h"
#include "abi/kvm.h"
#include "abi/pc_reset.h"
#include "abi/pvclock.h"
#include "abi/timer.h"
#include "machine.h"

enum { APIC_HZ = 100000000 };

sigjmp_buf emulate_out;

static greg_t *regs;

/* In the order of an instruction's register numbers. */
static greg_t *reg(unsigned number)
{
    static const uint8_t index[] = { REG_EAX, REG_ECX, REG_EDX, REG_EBX,
                                     REG_ESP, REG_EBP, REG_ESI, REG_EDI };

    return &regs[index[number & 7]];
}

/* Beyond what there is room for, the last one stays the last. */
static void note(const char *op, uint32_t at, uint64_t value, unsigned bytes)
{
    unsigned i =
        machine.count < MACHINE_EVENTS ? machine.count : MACHINE_EVENTS - 1;

    machine.events[i] = (struct machine_event){ op, at, value, (uint8_t)bytes };
    machine.count = i + 1;
}

static uint64_t pair(void)
{
    return (uint64_t)(uint32_t)regs[REG_EDX] << 32 | (uint32_t)regs[REG_EAX];
}

static uint64_t ticks(uint64_t since, uint64_t hz)
{
    double seconds = (double)(emulate_tsc() - since) / (double)machine.tsc_hz;

    return (uint64_t)(seconds * (double)hz);
}

/* Channel 2 counts while its gate is open; 0 is silent. A clock that is set. */
static uint32_t port_in(uint16_t port)
{
    static const uint8_t cmos[CMOS_D + 1] = {
        [CMOS_SECONDS] = 0x56, [CMOS_MINUTES] = 0x34, [CMOS_HOURS] = 0x12,
        [CMOS_DAY] = 0x22,     [CMOS_MONTH] = 0x11,   [CMOS_YEAR] = 0x26,
        [CMOS_B] = CMOS_B_24H, [CMOS_D] = CMOS_D_VRT,
    };

    if (port == PIT_PORT + 2)
        return (uint8_t)(machine.pit_latched >> 8 * (machine.pit_reads++ & 1));
    if (port == CMOS_PORT_DATA && machine.cmos_index <= CMOS_D)
        return cmos[machine.cmos_index];
    return port == PORT_61 || port == I8042_STATUS ? 0 : UINT32_MAX;
}

static void port_out(uint16_t port, uint32_t value)
{
    if (port == CMOS_PORT_INDEX)
        machine.cmos_index = (uint8_t)value;
    if (port == PIT_PORT_CONTROL && (value & 0xff) == 0x80) {
        uint64_t gone = ticks(machine.pit_started, PIT_HZ);

        machine.pit_latched = (uint16_t)-gone;
        machine.pit_reads = 0;
    } else if (port == PIT_PORT_CONTROL && (value & 0xc0) == 0x80) {
        machine.pit_started = emulate_tsc();
    }
}

/* KVM fills its page as soon as it is given one. */
static void write_msr(uint32_t msr, uint64_t value)
{
    uint32_t paddr = (uint32_t)value & ~KVM_MSR_ENABLED;

    if (msr == MSR_KVM_SYSTEM_TIME_NEW && value & KVM_MSR_ENABLED &&
        paddr < MACHINE_BYTES) {
        struct pvclock_vcpu_time_info page = {
            .version = 2,
            .tsc_timestamp = emulate_tsc(),
            .system_time = 5000000000,
            .tsc_to_system_mul =
                (uint32_t)((1000000000ull << 31) / (machine.tsc_hz / 2)),
        };

        memcpy(machine.memory + paddr, &page, sizeof(page));
        machine.pages++;
    }
    if (msr == MSR_KVM_WALL_CLOCK_NEW && value < MACHINE_BYTES) {
        struct pvclock_wall_clock wall = { 2, 1700000000, 500000000 };

        memcpy(machine.memory + value, &wall, sizeof(wall));
    }
}

static uint32_t *control_register(unsigned number)
{
    return number == 0   ? &machine.cr0
           : number == 2 ? &machine.cr2
           : number == 3 ? &machine.cr3
                         : &machine.cr4;
}

static uint32_t read_apic(uint32_t at)
{
    uint64_t gone;

    if (at == APIC_LVT_TIMER)
        return machine.apic_lvt;
    if (at == APIC_TIMER_INITIAL)
        return machine.apic_initial;
    if (at != APIC_TIMER_CURRENT)
        return 0;
    gone = ticks(machine.apic_started, APIC_HZ);
    return gone < machine.apic_initial ? machine.apic_initial - (uint32_t)gone
                                       : 0;
}

static void write_apic(uint32_t at, uint32_t value)
{
    note("apic", at, value, 4);
    if (at == APIC_LVT_TIMER)
        machine.apic_lvt = value;
    if (at == APIC_TIMER_INITIAL) {
        machine.apic_initial = value;
        machine.apic_started = emulate_tsc();
    }
}

/* MOV of 32 bits by a register alone; returns its length, 0: another. */
static unsigned apic_access(const uint8_t *code, uint32_t address)
{
    uint32_t at = address - (uint32_t)(uintptr_t)machine.apic;
    unsigned mode = code[1] >> 6, base = code[1] & 7;

    if (!machine.apic || at >= 4096 || mode != 0 || base == 4 || base == 5)
        return 0;
    if (code[0] == 0x8b)
        *reg(code[1] >> 3) = (greg_t)read_apic(at);
    else if (code[0] == 0x89)
        write_apic(at, (uint32_t)*reg(code[1] >> 3));
    else
        return 0;
    return 2;
}

/* IN and OUT of AL, AX or EAX, by DX or a byte; REP INS and OUTS are counted.
 */
static unsigned port_access(const uint8_t *code)
{
    unsigned prefix = 0, bytes, op;
    uint16_t port = (uint16_t)regs[REG_EDX];
    bool repeated = false, wide = true;

    for (; code[prefix] == 0x66 || code[prefix] == 0xf3; prefix++) {
        repeated |= code[prefix] == 0xf3;
        wide &= code[prefix] != 0x66;
    }
    op = code[prefix];
    bytes = !(op & 1) ? 1 : wide ? 4 : 2;
    if (op >= 0x6c && op <= 0x6f) {
        note(op < 0x6e ? "rep ins" : "rep outs", port, (uint32_t)regs[REG_ECX],
             bytes);
        *reg(op < 0x6e ? 7 : 6) += regs[REG_ECX] * (greg_t)bytes;
        regs[REG_ECX] = 0;
        return repeated ? prefix + 1 : 0;
    }
    if ((op & 0xf4) != 0xe4)
        return 0;
    if (!(op & 8))
        port = code[prefix + 1];
    if (op & 2) {
        note("out", port, (uint32_t)regs[REG_EAX], bytes);
        port_out(port, (uint32_t)regs[REG_EAX]);
    } else {
        uint32_t mask = bytes == 4 ? UINT32_MAX : (1u << 8 * bytes) - 1;

        note("in", port, 0, bytes);
        regs[REG_EAX] = (greg_t)(((uint32_t)regs[REG_EAX] & ~mask) |
                                 (port_in(port) & mask));
    }
    return prefix + (op & 8 ? 1 : 2);
}

/* 0F ..; by its second byte. */
static unsigned two_byte(const uint8_t *code)
{
    unsigned number = code[2] >> 3 & 7;
    uint64_t value;

    switch (code[1]) {
    case 0x00:
        note(number == 2 ? "lldt" : "ltr", 0, (uint16_t)*reg(code[2]), 2);
        return 3;
    case 0x01:
        note(number == 2   ? "lgdt"
             : number == 3 ? "lidt"
                           : "invlpg",
             (uint32_t)*reg(code[2]), 0, 0);
        return 3;
    case 0x06:
        note("clts", 0, 0, 0);
        return 2;
    case 0x09:
        note("wbinvd", 0, 0, 0);
        return 2;
    case 0x20:
        *reg(code[2]) = (greg_t)*control_register(number);
        return 3;
    case 0x22:
        *control_register(number) = (uint32_t)*reg(code[2]);
        note("mov cr", number, (uint32_t)*reg(code[2]), 4);
        return 3;
    case 0x21:
        *reg(code[2]) = (greg_t)(0xd0 + number);
        return 3;
    case 0x23:
        note("mov dr", number, (uint32_t)*reg(code[2]), 4);
        return 3;
    case 0x30:
        note("wrmsr", (uint32_t)regs[REG_ECX], pair(), 8);
        write_msr((uint32_t)regs[REG_ECX], pair());
        return 2;
    case 0x32:
    case 0x33:
        note(code[1] == 0x32 ? "rdmsr" : "rdpmc", (uint32_t)regs[REG_ECX], 0,
             8);
        value = (uint32_t)regs[REG_ECX] == MSR_IA32_APIC_BASE
                    ? machine.apic_base
                    : 0x1122334455667788u;
        regs[REG_EAX] = (greg_t)(uint32_t)value;
        regs[REG_EDX] = (greg_t)(uint32_t)(value >> 32);
        return 2;
    case 0x35:
        note("sysexit", (uint32_t)regs[REG_EDX], (uint32_t)regs[REG_ECX], 0);
        regs[REG_EIP] = regs[REG_EDX];
        regs[REG_ESP] = regs[REG_ECX];
        return 0;
    default:
        return 0;
    }
}

static void leave(const char *op, bool for_good)
{
    note(op, machine.interrupts, 0, 0);
    machine.left = for_good;
    siglongjmp(emulate_out, 1);
}

static unsigned one_byte(const uint8_t *code)
{
    switch (code[0]) {
    case 0xfa:
        machine.interrupts = false;
        note("cli", 0, 0, 0);
        return 1;
    case 0xfb:
        machine.interrupts = true;
        note("sti", 0, 0, 0);
        return 1;
    case 0xf4:
        if (!machine.interrupts || machine.leaving)
            leave("hlt", !machine.interrupts);
        note("hlt", machine.interrupts, 0, 0);
        return 1;
    default:
        return port_access(code);
    }
}

static void on_segv(int number, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    const uint8_t *code;
    uint32_t eip;
    unsigned length;

    (void)number;
    regs = c->uc_mcontext.gregs;
    eip = (uint32_t)regs[REG_EIP];
    code = (const uint8_t *)(uintptr_t)eip;
    if (machine.rom &&
        eip - (uint32_t)(uintptr_t)machine.rom < machine.rom_bytes) {
        length = apic_access(code, (uint32_t)(uintptr_t)info->si_addr);
        if (!length)
            length = code[0] == 0x0f ? two_byte(code) : one_byte(code);
        if (length || (uint32_t)regs[REG_EIP] != eip) {
            regs[REG_EIP] += (greg_t)length;
            return;
        }
    }
    fprintf(stderr, "fault at 0x%x, offset 0x%x of the ROM, address %p\n", eip,
            eip - (uint32_t)(uintptr_t)machine.rom, info->si_addr);
    _exit(1);
}

static void on_step(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (machine.step)
        machine.step((uint32_t)regs[REG_EIP],
                     (const uint32_t *)(uintptr_t)(uint32_t)regs[REG_ESP]);
}

static void on_ill(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    leave("ud2", true);
}

void emulate_start(void)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };

    action.sa_sigaction = on_segv;
    sigaction(SIGSEGV, &action, NULL);
    action.sa_sigaction = on_ill;
    sigaction(SIGILL, &action, NULL);
    action.sa_sigaction = on_step;
    sigaction(SIGTRAP, &action, NULL);
}
