/* SPDX-License-Identifier: MIT */
/*
 * Native semantics: each call of native.S is the instruction that it is named
 * after, with its operands where VMI has them.
 */
#include "linux.h"
#include "pvtest.h"

#include "abi/pc_reset.h"
#include "abi/vmi.h"

static const void *routine(uint32_t call)
{
    return (const void *)(uintptr_t)(uint32_t)linux_relocation(machine.rom,
                                                               call);
}

static void start(void)
{
    machine_start(&rom_images[ROM_NATIVE], 0xc0000000, MACHINE_ROM);
}

/* EBX, ESI, EDI and EBP are kept, and nothing is left on the stack. */
static struct machine_regs run(uint32_t call, uint32_t eax, uint32_t edx,
                               uint32_t ecx)
{
    struct machine_regs regs = { eax, edx, ecx, 4, 5, 6, 7, { 0x11, 0x22 }, 0 };

    machine_forget();
    machine_call(&regs, routine(call));
    EXPECT_EQ(0, regs.esp_moved);
    EXPECT(regs.ebx == 4 && regs.esi == 5 && regs.edi == 6 && regs.ebp == 7);
    return regs;
}

/* Damage: any two of them exchanged in native_calls.def. */
PVTEST(instructions, "one privileged instruction each, with its operands")
{
    static const struct {
        uint8_t call;
        uint32_t eax, edx, ecx;
        const char *op;
        uint32_t at;
        uint64_t value;
    } rows[] = {
        { 1, 1, 2, 0x174, "wrmsr", 0x174, 0x200000001 },
        { 2, 0, 0, 0x175, "rdmsr", 0x175, 0 },
        { 3, 0x1234, 0, 0, "lgdt", 0x1234, 0 },
        { 4, 0x88, 0, 0, "lldt", 0, 0x88 },
        { 5, 0x1234, 0, 0, "lidt", 0x1234, 0 },
        { 6, 0x80, 0, 0, "ltr", 0, 0x80 },
        { 15, 0x80050033, 0, 0, "mov cr", 0, 0x80050033 },
        { 16, 0x12345678, 0, 0, "mov cr", 2, 0x12345678 },
        { 17, 0x00345000, 0, 0, "mov cr", 3, 0x00345000 },
        { 18, 0x000006d0, 0, 0, "mov cr", 4, 0x000006d0 },
        { 23, 0, 0, 0, "wbinvd", 0, 0 },
        { 26, 0, 0, 3, "rdpmc", 3, 0 },
        { 28, 0, 0, 0, "clts", 0, 0 },
        { 46, 0xbffff000, 0, 0, "invlpg", 0xbffff000, 0 },
        { 65, 0x77, 0, 0, "out", 0x80, 0x77 },
    };

    start();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct machine_event *event;

        run(rows[i].call, rows[i].eax, rows[i].edx, rows[i].ecx);
        event = machine_only_event(rows[i].op);
        EXPECT_EQ(rows[i].at, event->at);
        EXPECT_EQ(rows[i].value, event->value);
    }
    machine_stop();
}

/* Damage: GetCR4 by native_get_cr3; "movl %eax, %edx" behind RDMSR. */
PVTEST(results, "what was read is in EAX, or EDX:EAX")
{
    struct machine_regs regs;

    start();
    machine.cr0 = 0x80050033;
    machine.cr2 = 0x1000;
    machine.cr3 = 0x2000;
    machine.cr4 = 0x6d0;
    EXPECT_EQ(machine.cr0, run(19, 0, 0, 0).eax);
    EXPECT_EQ(machine.cr2, run(20, 0, 0, 0).eax);
    EXPECT_EQ(machine.cr3, run(21, 0, 0, 0).eax);
    EXPECT_EQ(machine.cr4, run(22, 0, 0, 0).eax);
    regs = run(2, 0, 0, 0x10);
    EXPECT_EQ(0x55667788, regs.eax);
    EXPECT_EQ(0x11223344, regs.edx);
    for (uint32_t call = 7; call <= 10; call++) {
        uint8_t table[6] = { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa };

        /* SGDT and SIDT store; SLDT and STR are selectors. */
        regs = run(call, (uint32_t)(uintptr_t)table, 0, 0);
        if (call & 1)
            EXPECT(memcmp(table + 2, "\xaa\xaa\xaa\xaa", 4) != 0);
        else
            EXPECT(regs.eax <= UINT16_MAX);
    }
    machine_stop();
}

/* Damage: "3" for "4" in a LEA of native_set_dr. */
PVTEST(debug_registers, "by number, seven of them at most")
{
    start();
    for (uint32_t i = 0; i < 8; i++) {
        const struct machine_event *event;

        EXPECT_EQ(0xd0 + i, run(25, i, 0, 0).eax);
        run(24, i, 0x1000 + i, 0);
        event = machine_only_event("mov dr");
        EXPECT_EQ(i, event->at);
        EXPECT_EQ(0x1000 + i, event->value);
    }
    machine_stop();
}

/* Damage: an XOR of EBX in native_cpuid; RDTSC by native_return. */
PVTEST(unprivileged, "CPUID changes EBX too; RDTSC goes on")
{
    struct machine_regs regs = { .eax = 0 };
    uint32_t eax = 0, ebx, ecx = 0, edx;
    uint64_t before, now;

    start();
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    machine_call(&regs, routine(0));
    EXPECT(regs.eax == eax && regs.ebx == ebx && regs.ecx == ecx &&
           regs.edx == edx);
    regs = run(27, 0, 0, 0);
    before = (uint64_t)regs.edx << 32 | regs.eax;
    regs = run(27, 0, 0, 0);
    now = (uint64_t)regs.edx << 32 | regs.eax;
    EXPECT(now > before && now - before < 10000000000u);
    machine_stop();
}

/* Damage: "hlt" before "sti"; a NOP between them. */
PVTEST(halt, "STI, then HLT at once")
{
    start();
    EXPECT(memcmp(routine(35), "\xfb\xf4\xc3", 3) == 0);
    run(35, 0, 0, 0);
    EXPECT_EQ(2, machine.count);
    EXPECT_STR("sti", machine.events[0].op);
    EXPECT_STR("hlt", machine.events[1].op);
    machine_stop();
}

/* Damage: no CLI in native_shutdown; SYS without NOW in reboot.c. */
PVTEST(no_way_back, "Shutdown waits for ever; Reboot resets, and then faults")
{
    const struct machine_event *event;

    start();
    machine.interrupts = true;
    machine_leaves(0, routine(37));
    EXPECT_STR("hlt", machine.events[machine.count - 1].op);

    machine_forget();
    machine_leaves(1, routine(36));
    event = machine_find_event("out", RESET_CONTROL);
    EXPECT_EQ(RESET_CONTROL_SYS | RESET_CONTROL_NOW, event->value & 0xff);
    EXPECT_STR("ud2", machine.events[machine.count - 1].op);

    machine_forget();
    machine_leaves(0, routine(36));
    event = machine_find_event("out", I8042_COMMAND);
    EXPECT_EQ(I8042_PULSE_RESET, event->value & 0xff);
    machine_stop();
}

/* Damage: any of them does something to memory or to a register. */
PVTEST(nothing_to_do, "plain returns: the stack is the caller's")
{
    static const uint8_t calls[] = { 14, 40, 41, 44, 45, 48, 73 };

    start();
    for (size_t i = 0; i < sizeof(calls); i++) {
        struct machine_regs regs = run(calls[i], 1, 2, 3);

        EXPECT(regs.eax == 1 && regs.edx == 2 && regs.ecx == 3);
        EXPECT_EQ(0, machine.count);
    }
    machine_stop();
}

static uint64_t entry, old_entry, new_entry;
static unsigned torn, absent;

static void look_at_entry(uint32_t eip, const uint32_t *stack)
{
    uint64_t now = *(volatile uint64_t *)&entry;

    (void)eip;
    (void)stack;
    if (now & 1 && now != old_entry && now != new_entry)
        torn++;
    if (!(now & 1) && old_entry & 1 && new_entry & 1)
        absent++;
}

/* Damage: each of native_set_pxe_long's three ways for another. */
PVTEST(entries_are_never_torn,
       "another CPU sees an old or a new entry, no third")
{
    static const uint64_t entries[] = { 0, 0x8000000012345067, 0x23456025,
                                        0x7fff00001, 0xfffffffffffffffe };

    start();
    for (unsigned i = 0; i < 25; i++) {
        struct machine_regs regs = { .ebx = 4, .esi = 5, .edi = 6, .ebp = 7 };

        entry = old_entry = entries[i / 5];
        new_entry = entries[i % 5];
        regs.eax = (uint32_t)new_entry;
        regs.edx = (uint32_t)(new_entry >> 32);
        regs.ecx = (uint32_t)(uintptr_t)&entry;
        torn = absent = 0;
        machine_step(&regs, routine(39), look_at_entry);
        EXPECT_EQ(0, torn);
        EXPECT_EQ(0, absent);
        EXPECT_EQ(new_entry, entry);
        EXPECT(regs.ebx == 4 && regs.esi == 5 && regs.edi == 6 &&
               regs.ebp == 7);
    }
    entry = UINT64_MAX;
    run(38, 0x1067, (uint32_t)(uintptr_t)&entry, 0);
    EXPECT_EQ(0xffffffff00001067, entry);
    machine_stop();
}

/* Damage: 0x40 for CR4's 0x80 in native_flush_tlb. */
PVTEST(flush, "CR3 again; CR4.PGE off and on for global entries")
{
    start();
    machine.cr3 = 0x345000;
    machine.cr4 = 0x6d0;
    run(47, VMI_FLUSH_TLB, 0, 0);
    EXPECT_EQ(0x345000, machine_only_event("mov cr")->value);

    run(47, VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, 0, 0);
    EXPECT_EQ(2, machine.count);
    EXPECT_EQ(0x650, machine.events[0].value);
    EXPECT_EQ(0x6d0, machine.events[1].value);
    EXPECT_EQ(4, machine.events[0].at);

    machine.cr4 = 0x650;
    run(47, VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, 0, 0);
    EXPECT_EQ(3, machine_only_event("mov cr")->at);
    machine_stop();
}

/* Damage: INB by native_inw. */
PVTEST(ports, "EDX, and EAX as wide as it is; strings by ECX, ESI or EDI")
{
    static const uint8_t widths[] = { 4, 1, 2 };

    start();
    for (uint32_t i = 0; i < 3; i++) {
        struct machine_regs regs = {
            .edx = 0x3f8, .ecx = 5, .esi = 100, .edi = 200
        };
        const struct machine_event *event;

        EXPECT_EQ(UINT32_MAX, run(49 + i, UINT32_MAX, 0x3f8, 3).eax);
        event = machine_only_event("in");
        EXPECT_EQ(0x3f8, event->at);
        EXPECT_EQ(widths[i], event->bytes);
        run(55 + i, 0x12345678, 0x3f9, 3);
        event = machine_only_event("out");
        EXPECT_EQ(0x3f9, event->at);
        EXPECT_EQ(widths[i], event->bytes);

        machine_call(&regs, routine(52 + i));
        event = machine_only_event("rep ins");
        EXPECT_EQ(5, event->value);
        EXPECT_EQ(200u + 5 * widths[i], regs.edi);
        regs.ecx = 6;
        machine_call(&regs, routine(58 + i));
        event = machine_only_event("rep outs");
        EXPECT_EQ(6, event->value);
        EXPECT_EQ(widths[i], event->bytes);
        EXPECT_EQ(100u + 6 * widths[i], regs.esi);
    }
    machine_stop();
}

static uint32_t popped;

/* User mode has no level but 0: what PUSHF pushed gets another one. */
static void look_at_popf(uint32_t eip, const uint32_t *stack)
{
    static uint8_t before;
    uint8_t now = *(const uint8_t *)(uintptr_t)eip;

    if (eip - (uint32_t)(uintptr_t)machine.rom >= machine.rom_bytes)
        return;
    if (before == 0x9c)
        *(uint32_t *)(uintptr_t)stack |= 0x3000;
    if (now == 0x9d)
        popped = *stack;
    before = now;
}

/* Damage: the AND of the stack left out of native_set_iopl_mask. */
PVTEST(iopl, "EFLAGS has the level, and whatever else it had")
{
    static const uint32_t levels[] = { 0x3000, 0, 0x1000, 0x2000 };

    start();
    for (unsigned i = 0; i < 4; i++) {
        struct machine_regs regs = { .eax = levels[i] | 0x8d5 };

        popped = 0;
        machine_step(&regs, routine(61), look_at_popf);
        EXPECT_EQ(levels[i], popped & 0x3000);
        EXPECT(popped & 0x200);
        EXPECT_EQ(0, popped & 0x800);
    }
    machine_stop();
}
