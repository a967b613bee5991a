/* SPDX-License-Identifier: MIT */
/*
 * Frames on the guest's stack.
 *
 * Source: Xen 4.17 xen/arch/x86/x86_64/entry.S, create_bounce_frame (the
 *         layout); xen/arch/x86/pv/traps.c, pv_inject_event().
 */
#include "abi/x86.h"
#include "abi/xen_pv.h"
#include "domain/vcpu.h"
#include "log.h"
#include "mm/guest.h"
#include "trap/trap.h"

#include <x86/insn.h>
#include <x86/system.h>

#define RFLAGS_RF 0x10000ull
#define RFLAGS_CLEARED                                                         \
    (X86_RFLAGS_AC | X86_RFLAGS_NT | X86_RFLAGS_TF | RFLAGS_RF)

#define ERROR_USER 4u /* of a page fault */

void trap_enter_kernel(struct vcpu *vcpu)
{
    if (vcpu->kernel_mode)
        return;
    vcpu->kernel_mode = true;
    x86_write_cr3(vcpu->kernel_root);
    __asm__ volatile("swapgs" : : : "memory");
}

struct frame {
    uint64_t rcx, r11;
    uint64_t error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

static inline bool put(uint64_t address, uint64_t value)
{
    __asm__ volatile goto("1:\tmovq %1, (%0)\n\t" GUEST_FIXUP
                          :
                          : "r"(address), "r"(value)
                          : "memory"
                          : fault);
    return true;
fault:
    return false;
}

/* In kernel mode the guest is told so by CS. */
static void bounce(struct vcpu *vcpu, uint64_t address, bool mask,
                   bool has_error, uint32_t error_code)
{
    struct cpu_user_regs *regs = &vcpu->regs;
    struct vcpu_info *info = vcpu->info;
    uint64_t cs = regs->cs, top = vcpu->kernel_stack, rflags, at;
    uint8_t masked;

    if (vcpu->kernel_mode) {
        cs &= ~3ull;
        top = regs->rsp & ~15ull;
    } else {
        trap_enter_kernel(vcpu);
    }
    masked = info->evtchn_upcall_mask;
    rflags = regs->rflags & ~(uint64_t)(X86_RFLAGS_IF | X86_RFLAGS_IOPL);
    rflags |= vcpu->shown_iopl;
    if (!masked)
        rflags |= X86_RFLAGS_IF;
    at = top - (has_error ? 64 : 56);
    if (!guest_address_ok(at) || !put(top - 8, regs->ss) ||
        !put(top - 16, regs->rsp) || !put(top - 24, rflags) ||
        !put(top - 32, cs | (uint64_t)masked << 32) ||
        !put(top - 40, regs->rip) ||
        (has_error && !put(top - 48, error_code)) || !put(at + 8, regs->r11) ||
        !put(at, regs->rcx))
        guest_failed("its stack at %llx cannot be written, for the handler at "
                     "%llx",
                     wide_number(at), wide_number(address));
    if (mask)
        info->evtchn_upcall_mask = 1;
    regs->rip = address;
    regs->cs = KERNEL_CS;
    regs->rflags &= ~(uint64_t)RFLAGS_CLEARED;
    regs->rsp = at;
    regs->ss = KERNEL_SS;
}

void trap_bounce(struct vcpu *vcpu, uint64_t address, bool mask)
{
    bounce(vcpu, address, mask, false, 0);
}

void trap_bounce_error(struct vcpu *vcpu, uint64_t address, bool mask,
                       uint32_t error_code)
{
    bounce(vcpu, address, mask, true, error_code);
}

static bool has_error_code(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 ||
           vector == 21;
}

void trap_inject(struct vcpu *vcpu, unsigned vector, uint32_t error_code)
{
    const struct vcpu_trap *trap = &vcpu->traps[vector];

    if (!trap->address)
        guest_failed("exception %u (error code %x), for which it has no "
                     "handler",
                     vector, error_code);
    bounce(vcpu, trap->address, trap->flags & TI_IF, has_error_code(vector),
           error_code);
}

void trap_inject_page_fault(struct vcpu *vcpu, uint64_t address,
                            uint32_t error_code)
{
    const struct vcpu_trap *trap = &vcpu->traps[14];

    if (!trap->address)
        guest_failed("page fault at %llx (error code %x), for which it has no "
                     "handler",
                     wide_number(address), error_code);
    error_code &= ~ERROR_USER;
    if (!vcpu->kernel_mode)
        error_code |= ERROR_USER;
    vcpu->info->arch.cr2 = address;
    bounce(vcpu, trap->address, trap->flags & TI_IF, true, error_code);
}

/* An event is pending and not masked. */
void trap_upcall(void)
{
    struct vcpu *vcpu = vcpu_this();

    if (!vcpu->event_entry)
        guest_failed("an event, for which it has no handler");
    bounce(vcpu, vcpu->event_entry, true, false, 0);
}

void system_call_stack(void);
void system_call_unset(void);

void system_call_stack(void)
{
    guest_failed("its stack at %llx cannot be written, for a system call",
                 wide_number(vcpu_this()->kernel_stack));
}

void system_call_unset(void)
{
    guest_failed("a system call, for which it has no handler");
}
