/* SPDX-License-Identifier: MIT */
/*
 * Which exception is whose.
 *
 * Source: Xen 4.17 xen/arch/x86/traps.c, do_general_protection(),
 *         do_page_fault(), do_device_not_available(), do_debug().
 */
#include "trap/trap.h"

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "dev/clock.h"
#include "dev/lapic.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "event/event.h"
#include "event/pirq.h"
#include "log.h"
#include "mm/flush.h"
#include "mm/guest.h"

#include <x86/insn.h>
#include <x86/system.h>

enum {
    TRAP_DEBUG = 1,
    TRAP_NMI = 2,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_INVALID = 6,
    TRAP_NO_FPU = 7,
    TRAP_DOUBLE = 8,
    TRAP_SEGMENT = 11,
    TRAP_STACK = 12,
    TRAP_PROTECTION = 13,
    TRAP_PAGE = 14,
    TRAP_MACHINE = 18,
    EXCEPTIONS = 32,
};

/* Of an error code: of an entry of the IDT, and not of what came outside. */
#define ERROR_EXTERNAL 1u
#define ERROR_IDT      2u
#define ERROR_INDEX    3

/* Of a page fault's. */
#define ERROR_PRESENT 1u
#define ERROR_WRITE   2u

enum { IST_NMI = 1, IST_FAULT = 2, IST_DEBUG = 3, ENTRY_BYTES = 16 };

#define STAR_SELECTORS                                                         \
    ((uint64_t)FLAT_RING3_CS32 << 48 | (uint64_t)SHIM_CS << 32)
#define SYSCALL_CLEARS                                                         \
    (X86_RFLAGS_TF | X86_RFLAGS_IF | X86_RFLAGS_DF | X86_RFLAGS_NT |           \
     X86_RFLAGS_AC)

extern const uint8_t trap_entries[], trap_iret[], sysenter_entry[];

struct fixup {
    uint64_t at, instead;
};
extern const struct fixup fixups_begin[], fixups_end[];

static struct x86_gate idt[256];

static inline uint64_t read_cr2(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

void trap_setup(void)
{
    for (unsigned i = 0; i < 256; i++) {
        uint64_t at = (uintptr_t)trap_entries + i * ENTRY_BYTES;
        unsigned dpl =
            i == TRAP_BREAKPOINT || i == TRAP_OVERFLOW || i == VECTOR_INT80 ? 3
                                                                            : 0;

        idt[i] = (struct x86_gate){
            .offset_0 = (uint16_t)at,
            .selector = SHIM_CS,
            .ist = i == TRAP_NMI || i == TRAP_MACHINE ? IST_NMI
                   : i == TRAP_DOUBLE                 ? IST_FAULT
                   : i == TRAP_DEBUG                  ? IST_DEBUG
                                                      : 0,
            .type = (uint8_t)(X86_GATE_PRESENT | dpl << X86_GATE_DPL_SHIFT |
                              X86_GATE_INTERRUPT),
            .offset_16 = (uint16_t)(at >> 16),
            .offset_32 = (uint32_t)(at >> 32),
        };
    }
}

void trap_load(struct vcpu *vcpu)
{
    struct x86_descriptor_table table = { sizeof(idt) - 1, (uintptr_t)idt };
    uint64_t area = (uintptr_t)vcpu - AREA_VCPU;

    vcpu->tss.rsp0 = (uintptr_t)&vcpu->regs + R_end;
    vcpu->tss.ist[IST_NMI - 1] = area + AREA_NMI;
    vcpu->tss.ist[IST_FAULT - 1] = area + AREA_FAULT;
    vcpu->tss.ist[IST_DEBUG - 1] = area + AREA_DEBUG;
    vcpu->tss.io_map = sizeof(vcpu->tss);
    x86_lidt(&table);
    x86_wrmsr(MSR_STAR, STAR_SELECTORS);
    x86_wrmsr(MSR_LSTAR, area + AREA_STUB);
    x86_wrmsr(MSR_CSTAR, area + AREA_STUB32);
    x86_wrmsr(MSR_SFMASK, SYSCALL_CLEARS);
    x86_wrmsr(MSR_SYSENTER_CS, SHIM_CS);
    x86_wrmsr(MSR_SYSENTER_ESP, vcpu->tss.rsp0);
    x86_wrmsr(MSR_SYSENTER_EIP, (uintptr_t)sysenter_entry);
}

static void interrupt(struct vcpu *vcpu, unsigned vector)
{
    if (vector == VECTOR_SPURIOUS)
        return;
    /* First, so that a line by level is masked before it is acknowledged. */
    if (vector >= VECTOR_DEVICE && vector <= VECTOR_DEVICE_LAST)
        pirq_interrupt(vector);
    lapic_eoi();
    if (vector == VECTOR_TIMER)
        timer_expire(vcpu);
    else if (vector == VECTOR_FLUSH)
        flush_serve();
    else if (vector == VECTOR_SERIAL)
        event_virq(vcpu_at(0), VIRQ_CONSOLE);
}

/* INT n has the guest's own gate, if that lets it. */
static void soft_interrupt(struct vcpu *vcpu, uint32_t error_code)
{
    unsigned vector = error_code >> ERROR_INDEX & 255;
    const struct vcpu_trap *trap = &vcpu->traps[vector];
    unsigned level = vcpu->kernel_mode ? 1 : 3;

    if (!trap->address || (trap->flags & TI_DPL) < level) {
        trap_inject(vcpu, TRAP_PROTECTION, error_code);
        return;
    }
    vcpu->regs.rip += 2;
    trap_bounce(vcpu, trap->address, trap->flags & TI_IF);
}

/*
 * INT 80h has a gate, as in Xen: system calls of 32-bit code, which come often,
 * need no #GP to be told from. RIP is behind the instruction.
 */
static void system_call_80(struct vcpu *vcpu)
{
    vcpu->regs.rip -= 2;
    soft_interrupt(vcpu, VECTOR_INT80 << ERROR_INDEX | ERROR_IDT);
}

/*
 * Without a handler, the exception that the CPU has where the instruction is
 * not. Where a SYSENTER was, nobody knows.
 */
static void system_call_32(struct vcpu *vcpu, unsigned vector)
{
    const struct vcpu_callback *callback =
        vector == TRAP_SYSENTER ? &vcpu->sysenter : &vcpu->syscall32;

    if (callback->address)
        trap_bounce(vcpu, callback->address, callback->masks);
    else if (vector == TRAP_SYSENTER)
        trap_inject(vcpu, TRAP_PROTECTION, 0);
    else
        trap_inject(vcpu, TRAP_INVALID, 0);
}

static void protection(struct vcpu *vcpu, uint32_t error_code)
{
    if ((error_code & ERROR_IDT) && !(error_code & ERROR_EXTERNAL))
        soft_interrupt(vcpu, error_code);
    else if (error_code || !trap_emulate_privileged(vcpu))
        trap_inject(vcpu, TRAP_PROTECTION, error_code);
}

static void page_fault(struct vcpu *vcpu, uint32_t error_code)
{
    uint64_t address = read_cr2();

    if (vcpu->kernel_mode &&
        (error_code & (ERROR_PRESENT | ERROR_WRITE)) ==
            (ERROR_PRESENT | ERROR_WRITE) &&
        trap_emulate_table_write(vcpu, address))
        return;
    trap_inject_page_fault(vcpu, address, error_code);
}

static inline uint64_t read_dr6(void)
{
    uint64_t value;

    __asm__ volatile("mov %%db6, %0" : "=r"(value));
    return value;
}

static void no_fpu(struct vcpu *vcpu)
{
    __asm__ volatile("clts");
    vcpu->cr0 &= ~(uint64_t)X86_CR0_TS;
    trap_inject(vcpu, TRAP_NO_FPU, 0);
}

void trap_from_guest(struct cpu_user_regs *regs);

void trap_from_guest(struct cpu_user_regs *regs)
{
    struct vcpu *vcpu = vcpu_this();
    unsigned vector = regs->entry_vector;
    uint32_t error_code = regs->error_code;

    if (vector == VECTOR_INT80) {
        system_call_80(vcpu);
        return;
    }
    if (vector >= TRAP_SYSCALL32) {
        system_call_32(vcpu, vector);
        return;
    }
    if (vector >= EXCEPTIONS) {
        interrupt(vcpu, vector);
        vcpu_look_down(vcpu);
        return;
    }
    switch (vector) {
    case TRAP_PAGE:
        page_fault(vcpu, error_code);
        return;
    case TRAP_PROTECTION:
        protection(vcpu, error_code);
        return;
    case TRAP_INVALID:
        if (!trap_emulate_invalid(vcpu))
            trap_inject(vcpu, vector, 0);
        return;
    case TRAP_NO_FPU:
        no_fpu(vcpu);
        return;
    case TRAP_DEBUG:
        vcpu->debug[6] |= read_dr6() & 0xe00full;
        trap_inject(vcpu, vector, 0);
        return;
    case TRAP_NMI:
    case TRAP_DOUBLE:
    case TRAP_MACHINE:
        shim_failed("exception %u at %llx in the guest", vector,
                    wide_number(regs->rip));
    }
    trap_inject(vcpu, vector, error_code);
}

/*
 * IRET could not go where the registers said: the guest's selectors are wrong.
 * They are in the nested frame again, but for what IRET takes.
 */
static void iret_failed(struct cpu_user_regs *nested)
{
    struct vcpu *vcpu = vcpu_this();
    struct cpu_user_regs *regs = &vcpu->regs;
    unsigned vector = nested->entry_vector;
    uint32_t error_code = nested->error_code;

    /* They overlap, and this lies above. */
    for (unsigned i = R_error / 8; i-- > 0;)
        ((uint64_t *)regs)[i] = ((const uint64_t *)nested)[i];
    if (!vcpu->kernel_mode || KERNEL_RING) {
        regs->cs |= 3;
        regs->ss |= 3;
    }
    /* As Xen 4.17: failsafe is for its own loading of selectors. */
    trap_inject(vcpu, vector, error_code);
    trap_leave(vcpu);
}

static bool fix(struct cpu_user_regs *regs)
{
    for (const struct fixup *one = fixups_begin; one < fixups_end; one++) {
        if (one->at == regs->rip) {
            regs->rip = one->instead;
            return true;
        }
    }
    return false;
}

/*
 * The guest's kernel in ring 0: it steps by RFLAGS.TF, which does not end with
 * a hypercall's first instruction; and its exceptions begin on its own stack.
 */
static bool stepped(struct cpu_user_regs *regs, unsigned vector)
{
    struct vcpu *vcpu = vcpu_this();

    if (vector == TRAP_DOUBLE && regs->rsp - SHIM_CPUS >= CPUS_BYTES) {
        __builtin_memcpy(&vcpu->regs, regs, R_end); /* as far as saved */
        guest_failed("double fault: its stack at %llx cannot be written",
                     wide_number(regs->rsp));
    }
    if (vector != TRAP_DEBUG)
        return false;
    regs->rflags &= ~(uint64_t)X86_RFLAGS_TF;
    return true;
}

void trap_from_shim(struct cpu_user_regs *regs);

void trap_from_shim(struct cpu_user_regs *regs)
{
    unsigned vector = regs->entry_vector;

    if (vector >= EXCEPTIONS) {
        interrupt(vcpu_this(), vector);
        return;
    }
    if (KERNEL_RING == 0 && stepped(regs, vector))
        return;
    /* The guest watches memory of its own that is read or written for it. */
    if (vector == TRAP_DEBUG) {
        /* SYSENTER does not clear TF. */
        regs->rflags &= ~(uint64_t)X86_RFLAGS_TF;
        vcpu_this()->debug[6] |= read_dr6() & 0xe00full;
        return;
    }
    if (vector != TRAP_NMI && vector != TRAP_DOUBLE && vector != TRAP_MACHINE &&
        fix(regs))
        return;
    if (regs->rip == (uintptr_t)trap_iret &&
        (vector == TRAP_PROTECTION || vector == TRAP_SEGMENT ||
         vector == TRAP_STACK))
        iret_failed(regs);
    shim_failed("exception %u at %llx, error code %x, address %llx", vector,
                wide_number(regs->rip), regs->error_code,
                wide_number(read_cr2()));
}

bool trap_load_user_gs(uint16_t selector)
{
    bool loaded = true;

    __asm__ volatile("swapgs" : : : "memory");
    __asm__ volatile goto("1:\tmov %0, %%gs\n\t" GUEST_FIXUP
                          :
                          : "r"(selector)
                          : "memory"
                          : fault);
    goto out;
fault:
    __asm__ volatile("mov %0, %%gs" : : "r"(0) : "memory");
    loaded = false;
out:
    __asm__ volatile("swapgs" : : : "memory");
    return loaded;
}

/*
 * Whether DR7 may be 'value': not to guard the registers themselves, and with
 * breakpoints of ports only if CR4.DE is set.
 */
static bool may_control(const struct vcpu *vcpu, uint64_t value)
{
    if (value & X86_DR7_GD)
        return false;
    if (!(value & X86_DR7_ENABLES) || vcpu->cr4 & X86_CR4_DE)
        return true;
    for (unsigned i = 0; i < 4; i++) {
        if ((value >> (X86_DR7_RW_SHIFT + 4 * i) & 3) == X86_DR7_RW_IO)
            return false;
    }
    return true;
}

/*
 * Breakpoints at the shim's own addresses are refused. Xen 4.17
 * xen/arch/x86/traps.c, set_debugreg(), for the errors.
 */
long trap_set_debug(struct vcpu *vcpu, unsigned number, uint64_t value)
{
    /* DR4 and DR5 are DR6 and DR7, unless CR4.DE is set. */
    if ((number == 4 || number == 5) && !(vcpu->cr4 & X86_CR4_DE))
        number += 2;
    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!guest_address_ok(value))
            return -XEN_EPERM;
        break;
    case 6:
        if (value >> 32)
            return -XEN_EINVAL;
        value = (value & 0xe00full) | 0xffff0ff0ull;
        break;
    case 7:
        if (value >> 32)
            return -XEN_EINVAL;
        if (!may_control(vcpu, value))
            return -XEN_EPERM;
        value = (value & 0xffff03ffull) | 0x400ull;
        break;
    default:
        return -XEN_ENODEV;
    }
    vcpu->debug[number] = value;
    switch (number) {
    case 0:
        __asm__ volatile("mov %0, %%db0" : : "r"(value));
        break;
    case 1:
        __asm__ volatile("mov %0, %%db1" : : "r"(value));
        break;
    case 2:
        __asm__ volatile("mov %0, %%db2" : : "r"(value));
        break;
    case 3:
        __asm__ volatile("mov %0, %%db3" : : "r"(value));
        break;
    case 6:
        __asm__ volatile("mov %0, %%db6" : : "r"(value));
        break;
    case 7:
        __asm__ volatile("mov %0, %%db7" : : "r"(value));
        break;
    }
    return 0;
}
