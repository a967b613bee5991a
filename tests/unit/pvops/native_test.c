/* SPDX-License-Identifier: MIT */
/*
 * Cold ops of bare metal, through the tables that pvops_setup() fills.
 *
 * Tried: x86_write_cr4(cr4) left out: flush_all_pge fails. Always by CR4, or
 *        has_pge not asked by flush_asid: flush_all_old fails. 31 or 33 for 32,
 *        or address += 1: flush_range. No INVPCID, or always: flush_asid. bytes
 *        instead of bytes - 1: descriptor_tables fails. stack0 at 8:
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

PVTEST(flush_all_pge, "global translations too, whether CR4.PGE is set or not")
{
    pc_reset();
    pc_setup();
    for (unsigned set = 0; set < 2; set++) {
        fake_system.cr4 = 0x20 | (set ? X86_CR4_PGE : 0);
        fake_system.tlb_global = fake_system.tlb_other = true;
        pvops_mmu_flush_all();
        EXPECT(!fake_system.tlb_global && !fake_system.tlb_other);
        EXPECT_EQ(0x20 | (set ? X86_CR4_PGE : 0), fake_system.cr4);
    }
}

PVTEST(flush_all_old, "a CPU without CR4: CR3 is written")
{
    pc_reset();
    fake_leaf_at(1)->edx &= ~CPUID_1_EDX_PGE;
    fake_system.no_cr4 = true;
    pc_setup();
    fake_system.cr3 = 0x5000;
    fake_system.tlb_other = true;
    pvops_mmu_flush_all();
    EXPECT(!fake_system.tlb_other);
    EXPECT_EQ(0x5000, fake_system.cr3);
    fake_system.tlb_other = true;
    pvops_mmu_flush_asid(0);
    EXPECT(!fake_system.tlb_other);
}

PVTEST(flush_range, "up to 32 pages one by one, beyond that everything")
{
    pc_reset();
    pc_setup();
    fake_system.tlb_global = fake_system.tlb_other = true;
    pvops_mmu_flush_range(0x5000, 3);
    EXPECT_EQ(0x7000, fake_system.invlpg);
    pvops_mmu_flush_range(0x10000, 32);
    EXPECT_EQ(0x2f000, fake_system.invlpg);
    EXPECT(fake_system.tlb_global && fake_system.tlb_other);
    pvops_mmu_flush_range(0x50000, 33);
    EXPECT(!fake_system.tlb_global && !fake_system.tlb_other);
}

PVTEST(flush_asid, "not the global ones, if the CPU can tell them apart")
{
    static const struct {
        bool pcid, invpcid, global_stays;
    } rows[] = {
        { false, false, true },
        { false, true, true },
        { true, true, true },
        { true, false, false },
    };

    for (unsigned i = 0; i < 4; i++) {
        pc_reset();
        fake_leaf_at(0)->eax = 7;
        fake_leaf(7, 0, rows[i].invpcid ? CPUID_7_EBX_INVPCID : 0, 0, 0);
        pc_setup();
        fake_system.cr4 |= X86_CR4_PGE | (rows[i].pcid ? X86_CR4_PCIDE : 0);
        fake_system.tlb_global = fake_system.tlb_other = true;
        pvops_mmu_flush_asid(rows[i].pcid ? 3 : 0);
        EXPECT(!fake_system.tlb_other);
        EXPECT_EQ(rows[i].global_stays, fake_system.tlb_global);
    }
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
