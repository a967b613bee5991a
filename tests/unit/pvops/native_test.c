/* SPDX-License-Identifier: MIT */
/*
 * Cold ops of bare metal, through the tables that pvops_setup() fills.
 *
 * Flushes: flush_test.c.
 *
 * Tried: bytes instead of bytes - 1: descriptor_tables fails. stack0 at 8:
 *        kernel_stack fails.
 */
#include "pvtest.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "cmos.h"
#include "cpu.h"
#include "pc.h"

#include "abi/x86.h"

PVTEST(descriptor_tables, "LGDT, LIDT, LTR, and the selectors reloaded")
{
    static uint64_t gdt[512], idt[512];

    pc_reset();
    pc_setup();
    pvops_cpu_load_gdt(gdt, 48);
    EXPECT_EQ(47, fake_system.gdt.limit);
    EXPECT_EQ((uintptr_t)gdt, fake_system.gdt.base);
    EXPECT_EQ(0x8, fake_system.cs);
    EXPECT_EQ(0x10, fake_system.ss);
    pvops_cpu_load_idt(idt, 4096);
    EXPECT_EQ(4095, fake_system.idt.limit);
    EXPECT_EQ((uintptr_t)idt, fake_system.idt.base);
    pvops_cpu_load_tr(0x28);
    EXPECT_EQ(0x28, fake_system.tr);
    EXPECT_EQ(0x8, pvops_cpu_selectors()->kernel_cs);
    EXPECT_EQ(0x23, pvops_cpu_selectors()->user_ss);
}

PVTEST(kernel_stack, "the first stack of the TSS, and nothing beside it")
{
    uint8_t tss[104];
    uintptr_t stack;

    pc_reset();
    pc_setup();
    memset(tss, 0xee, sizeof(tss));
    pvops_cpu_set_kernel_stack(tss, (uintptr_t)0x12345678u);
    memcpy(&stack, tss + 4, sizeof(stack));
    EXPECT_EQ(0x12345678, stack);
    EXPECT_EQ(0xee, tss[3]);
    EXPECT_EQ(0xee, tss[4 + sizeof(stack)]);
}

PVTEST(percpu_base, "GS.base by its MSR; on i386 the GDT has it")
{
    pc_reset();
    pc_setup();
#ifdef __x86_64__
    fake_msr(MSR_GS_BASE, 0);
    pvops_cpu_set_percpu_base(0xffff800000001000);
    EXPECT_EQ(0xffff800000001000, fake_msr_value(MSR_GS_BASE));
#else
    pvops_cpu_set_percpu_base(0xc0001000);
#endif
}

PVTEST(cpuid_and_msr, "as the processor has them, all 64 bits")
{
    uint32_t regs[4];

    pc_reset();
    pc_setup();
    fake_subleaf(4, 3, 11, 12, 13, 14);
    pvops_cpu_cpuid(4, 3, regs);
    EXPECT_EQ(11, regs[0]);
    EXPECT_EQ(12, regs[1]);
    EXPECT_EQ(13, regs[2]);
    EXPECT_EQ(14, regs[3]);
    fake_msr(0x277, 0);
    pvops_cpu_write_msr(0x277, 0x0007040600070406);
    EXPECT_EQ(0x0007040600070406, pvops_cpu_read_msr(0x277));
}

PVTEST(halts, "wait with interrupts on, and stop for good")
{
    pc_reset();
    pc_setup();
    pvops_irq_safe_halt();
    EXPECT(fake_system.interrupts);
    EXPECT_EQ(1, fake_system.halts);
    fake_system.interrupts = false;
    pvops_irq_halt();
    EXPECT(!fake_system.interrupts);
    EXPECT_EQ(2, fake_system.halts);
}

PVTEST(nothing_stolen, "bare metal steals no time")
{
    pc_reset();
    pc_setup();
    EXPECT_EQ(0, pvops_time_stolen_ns());
}
