/* SPDX-License-Identifier: MIT */
/*
 * Calls that would take long are made in parts: the guest makes one again for
 * what is left, and has its interrupts in between.
 *
 * Source: Xen 4.17 xen/arch/x86/hypercall.c, hypercall_xlat_continuation() and
 *         hypercall_create_continuation(): which arguments change; mm.c,
 *         do_mmu_update() and do_mmuext_op().
 */
#include "abi/x86.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "domain/domain.h"
#include "log.h"
#include "mm/guest.h"

enum { SYSCALL_BYTES = 2 };

/* ring0/entry.S: where a call of the kernel's own comes in. */
extern const uint8_t hypercall_entry[];

/*
 * In ring 0 it was a CALL, or SYSCALL; that alone can leave IF clear. With IF
 * set there is room below the stack pointer: docs/shim.md.
 */
static void go_back(struct cpu_user_regs *regs)
{
    if (KERNEL_RING == 3 || !(regs->rflags & X86_RFLAGS_IF)) {
        regs->rip -= SYSCALL_BYTES;
        return;
    }
    regs->rsp -= 8;
    if (!guest_write64(regs->rsp, regs->rip))
        guest_failed("its stack at %llx cannot be written",
                     wide_number(regs->rsp));
    regs->rip = (uintptr_t)hypercall_entry;
}

void call_argument(unsigned number, uint64_t value)
{
    struct vcpu *vcpu = vcpu_this();
    struct cpu_user_regs *regs = &vcpu->regs;
    uint64_t *const registers[] = { &regs->rdi, &regs->rsi, &regs->rdx };

    if (vcpu->listed)
        vcpu->listed->args[number - 1] = value;
    else
        *registers[number - 1] = value;
}

long call_again(unsigned number)
{
    struct vcpu *vcpu = vcpu_this();

    if (vcpu->listed)
        vcpu->listed_again = true;
    else
        go_back(&vcpu->regs);
    return number;
}

/* Xen counts on in '*done', if it can be read and written. */
long call_part(unsigned number, uint32_t most, struct call_list list)
{
    uint32_t left = list.count & ~MMU_UPDATE_PREEMPTED, made = 0, before = 0;
    uint32_t part = left < most ? left : most;
    long result;

    if (list.count & MMU_UPDATE_PREEMPTED && list.done &&
        guest_read(&before, list.done, sizeof(before)))
        (void)guest_write(list.done, &made, sizeof(made));
    result = hypercalls[number](list.at, part, list.done, list.domid, 0);
    if (before && guest_read(&made, list.done, sizeof(made))) {
        made += before;
        (void)guest_write(list.done, &made, sizeof(made));
    }
    if (result < 0 || part == left)
        return result;
    call_argument(1, list.at + part * list.entry_bytes);
    call_argument(2, (left - part) | MMU_UPDATE_PREEMPTED);
    return call_again(number);
}

long call_look_down(long result)
{
    struct vcpu *vcpu = vcpu_this();

    if (vcpu->up || vcpu->listed)
        return result;
    vcpu->regs.rax = (uint64_t)result;
    vcpu_look_down(vcpu);
    return result;
}
