/* SPDX-License-Identifier: MIT */
/*
 * The model's control registers and descriptor tables; ring 0 only.
 */
#include <x86/percpu.h>
#include <x86/system.h>

#include "cpu.h"
#include "pvtest.h"
#include "tlb.h"

#include "abi/x86.h"

_Thread_local struct pvops_cpu *fake_percpu;
struct fake_system fake_system;
unsigned fake_cr4_accesses;

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

void x86_sti(void)
{
    ring_0("STI");
    fake_system.interrupts = true;
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

void x86_set_bits_and_halt(uintptr_t *word, uintptr_t bits)
{
    ring_0("CLI");
    fake_system.interrupts = false;
    __atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST);
    x86_hlt();
    FAIL("a CPU that is parked goes on");
}

void x86_invlpg(uintptr_t address)
{
    ring_0("INVLPG");
    fake_system.invlpg = address;
    fake_tlb_invlpg(address);
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
    fake_tlb_write_cr3(value);
}

/* Xen emulates it, for the bits that are the domain's own. */
static uintptr_t own_cr4(void)
{
    return fake.xen_pv ? X86_CR4_FSGSBASE | X86_CR4_OSXSAVE : UINTPTR_MAX;
}

static void has_cr4(void)
{
    fake_cr4_accesses++;
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
    if ((fake_system.cr4 ^ value) & ~own_cr4())
        FAIL("a bit of CR4 that is Xen's");
    value &= ~fake_system.cr4_refused;
    if ((fake_system.cr4 ^ value) & X86_CR4_PGE)
        fake_system.tlb_global = false;
    fake_system.cr4 = value;
    fake_tlb_write_cr4(value);
}

uintptr_t x86_read_cr0(void)
{
    ring_0("MOV from CR0");
    return fake_system.cr0;
}

void x86_write_cr0(uintptr_t value)
{
    ring_0("MOV to CR0");
    fake_system.cr0 = value;
}

/* Without CR4.PCIDE there is 0 alone. */
static void may_name(uintptr_t pcid)
{
    ring_0("INVPCID");
    if (pcid && !(fake_system.cr4 & X86_CR4_PCIDE))
        FAIL("INVPCID of PCID %lu without CR4.PCIDE: #GP", (unsigned long)pcid);
}

void x86_invpcid_all(void)
{
    ring_0("INVPCID");
    fake_tlb_invpcid(INVPCID_ALL, 0, 0);
}

void x86_invpcid_context(uintptr_t pcid)
{
    may_name(pcid);
    fake_tlb_invpcid(INVPCID_CONTEXT, (unsigned)pcid, 0);
}

void x86_invpcid_address(uintptr_t pcid, uintptr_t address)
{
    may_name(pcid);
    fake_tlb_invpcid(INVPCID_ADDRESS, (unsigned)pcid, address);
}

uint64_t x86_xgetbv(void)
{
    if (!(fake_system.cr4 & X86_CR4_OSXSAVE))
        FAIL("XGETBV without CR4.OSXSAVE: #UD");
    if (fake_system.xcr0_lost && fake.operations != fake_system.xcr0_written)
        return 1;
    return fake_system.xcr0;
}

/* Whether 'value' has some of 'bits' only, or them without 'needed'. */
static bool parted(uint64_t value, uint64_t bits, uint64_t needed)
{
    return (value & bits) &&
           ((value & bits) != bits || (value & needed) != needed);
}

/* Emulated by Xen. */
void x86_xsetbv(uint64_t value)
{
    if (!(fake_system.cr4 & X86_CR4_OSXSAVE))
        FAIL("XSETBV without CR4.OSXSAVE: #UD");
    if (!(value & 1) || parted(value, 4, 2) || parted(value, 0x18, 0) ||
        parted(value, 0xe0, 4) || parted(value, 0x60000, 0))
        FAIL("XSETBV of 0x%" PRIx64 ": #GP", value);
    fake_system.xcr0 = value;
    fake_system.xcr0_written = fake.operations;
}
