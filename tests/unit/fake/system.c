/* SPDX-License-Identifier: MIT */
/*
 * The model's control registers, descriptor tables and TLB; ring 0 only.
 */
#include <x86/percpu.h>
#include <x86/system.h>

#include "cpu.h"
#include "pvtest.h"

#include "abi/x86.h"

struct pvops_cpu *fake_percpu;
struct fake_system fake_system;

static void ring_0(const char *what)
{
    if (fake.xen_pv)
        FAIL("%s in a Xen PV domain: #GP", what);
}

void x86_lgdt(const struct x86_descriptor_table *table)
{
    ring_0("LGDT");
    fake_system.gdt = *table;
}

void x86_lidt(const struct x86_descriptor_table *table)
{
    ring_0("LIDT");
    fake_system.idt = *table;
}

void x86_ltr(uint16_t selector)
{
    ring_0("LTR");
    fake_system.tr = selector;
}

void x86_load_segments(uint16_t cs, uint16_t ss)
{
    if (!(cs & 3))
        ring_0("a far return to ring 0");
    fake_system.cs = cs;
    fake_system.ss = ss;
}

void x86_cli(void)
{
    ring_0("CLI");
    fake_system.interrupts = false;
}

void x86_sti_hlt(void)
{
    ring_0("STI");
    fake_system.interrupts = true;
    fake_system.halts++;
}

void x86_hlt(void)
{
    ring_0("HLT");
    fake_system.halts++;
    if (fake.at_hlt)
        fake.at_hlt();
}

void x86_invlpg(uintptr_t address)
{
    ring_0("INVLPG");
    fake_system.invlpg = address;
}

/* Xen emulates it in a PV domain. */
uintptr_t x86_read_cr3(void)
{
    return fake_system.cr3;
}

void x86_write_cr3(uintptr_t value)
{
    ring_0("MOV to CR3");
    fake_system.cr3 = value;
    fake_system.tlb_other = false;
    if (!(fake_system.cr4 & X86_CR4_PGE))
        fake_system.tlb_global = false;
}

static void has_cr4(void)
{
    ring_0("MOV from or to CR4");
    if (fake_system.no_cr4)
        FAIL("CR4 on a CPU that has none: #UD");
}

uintptr_t x86_read_cr4(void)
{
    has_cr4();
    return fake_system.cr4;
}

void x86_write_cr4(uintptr_t value)
{
    has_cr4();
    if ((fake_system.cr4 ^ value) & X86_CR4_PGE) {
        fake_system.tlb_other = false;
        fake_system.tlb_global = false;
    }
    fake_system.cr4 = value;
}
