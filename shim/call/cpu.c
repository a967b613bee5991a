/* SPDX-License-Identifier: MIT */
/*
 * What a CPU's registers would hold: handlers, tables, stack, bases.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/callback.c, descriptor-tables.c,
 *         misc-hypercalls.c, iret.c (error numbers, what IRET restores).
 */
#include "abi/x86.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "domain/descriptors.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "log.h"
#include "mm/descriptor.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"
#include "trap/trap.h"

#include <x86/insn.h>
#include <x86/system.h>

#define RFLAGS_FIXED (X86_RFLAGS_IF | X86_RFLAGS_ONE)
#define RFLAGS_TAKEN (X86_RFLAGS_IOPL | X86_RFLAGS_VM)

long call_set_trap_table(uint64_t traps)
{
    struct vcpu *vcpu = vcpu_this();
    struct trap_info info;
    unsigned left = CALL_MOST;

    if (!traps) {
        for (unsigned i = 0; i < 256; i++)
            vcpu->traps[i] = (struct vcpu_trap){ 0 };
        return 0;
    }
    for (; left--; traps += sizeof(info)) {
        if (!guest_read(&info, traps, sizeof(info)))
            return -XEN_EFAULT;
        if (!info.address)
            return 0;
        if (!is_canonical(info.address))
            return -XEN_EINVAL;
        vcpu->traps[info.vector] = (struct vcpu_trap){
            .address = info.address,
            .cs = info.cs | 3,
            .flags = info.flags,
        };
    }
    call_argument(1, traps);
    return call_again(__HYPERVISOR_set_trap_table);
}

long call_set_gdt(uint64_t frame_list, uint64_t entries)
{
    uint64_t list[FIRST_RESERVED_GDT_PAGE];
    unsigned pages = ((uint32_t)entries + 511) / 512;

    if ((uint32_t)entries > FIRST_RESERVED_GDT_ENTRY)
        return -XEN_EINVAL;
    if (!guest_read(list, frame_list, pages * sizeof(list[0])))
        return -XEN_EFAULT;
    return descriptors_set_gdt(vcpu_this(), list, (uint32_t)entries);
}

long call_update_descriptor(uint64_t machine, uint64_t descriptor)
{
    uint64_t frame = machine >> PAGE_BITS;
    enum frame_type type = FRAME_WRITABLE;
    long result;

    if (machine % 8 || !descriptor_fix(&descriptor) || !frame_is_guests(frame))
        return -XEN_EINVAL;
    lock_take(&mm_lock);
    if (frame_is(frame, FRAME_DESCRIPTORS))
        type = FRAME_DESCRIPTORS;
    result = frame_get(frame, type);
    if (result == 0) {
        *(volatile uint64_t *)memory_at(machine) = descriptor;
        frame_put(frame);
    }
    lock_release(&mm_lock);
    return result;
}

long call_stack_switch(uint64_t ss, uint64_t stack)
{
    (void)ss; /* SYSRET and a trap load the flat one */
    stack &= ~15ull;
    vcpu_this()->kernel_stack =
        guest_address_ok(stack - 8) && guest_address_ok(stack - 256) ? stack
                                                                     : NO_STACK;
    return 0;
}

long call_set_segment_base(uint64_t number, uint64_t base)
{
    uint32_t which = (uint32_t)number;

    switch (which) {
    case SEGBASE_FS:
    case SEGBASE_GS_USER:
    case SEGBASE_GS_KERNEL:
        if (!is_canonical(base))
            return -XEN_EINVAL;
        x86_wrmsr(which == SEGBASE_FS        ? MSR_FS_BASE
                  : which == SEGBASE_GS_USER ? MSR_KERNEL_GS_BASE
                                             : MSR_GS_BASE,
                  base);
        return 0;
    case SEGBASE_GS_USER_SEL:
        return trap_load_user_gs((uint16_t)base) ? 0 : -XEN_EINVAL;
    }
    return -XEN_EINVAL;
}

long call_fpu_taskswitch(uint64_t set)
{
    struct vcpu *vcpu = vcpu_this();

    if (set) {
        vcpu->cr0 |= X86_CR0_TS;
        x86_write_cr0(x86_read_cr0() | X86_CR0_TS);
    } else {
        vcpu->cr0 &= ~(uint64_t)X86_CR0_TS;
        __asm__ volatile("clts");
    }
    return 0;
}

/* The lowest bits of the values without those that only a kernel may set. */
long call_set_debugreg(uint64_t number, uint64_t value)
{
    return trap_set_debug(vcpu_this(), (uint32_t)number, value);
}

long call_get_debugreg(uint64_t number)
{
    struct vcpu *vcpu = vcpu_this();
    uint32_t index = (uint32_t)number;

    if (index == 4 || index == 5) {
        if (vcpu->cr4 & X86_CR4_DE)
            return -XEN_ENODEV;
        index += 2;
    }
    return index > 7 ? -XEN_ENODEV : (long)vcpu->debug[index];
}

static long set_callback(const struct callback_register *entry)
{
    struct vcpu *vcpu = vcpu_this();
    bool masks = entry->flags & CALLBACKF_mask_events;

    if (!is_canonical(entry->address))
        return -XEN_EINVAL;
    switch (entry->type) {
    case CALLBACKTYPE_event:
        vcpu->event_entry = entry->address;
        return 0;
    case CALLBACKTYPE_failsafe: /* of Xen's own loading of selectors */
    case CALLBACKTYPE_nmi:
        return 0;
    case CALLBACKTYPE_syscall:
        vcpu->syscall_entry = entry->address;
        vcpu->syscall_masks = masks;
        return 0;
    case CALLBACKTYPE_syscall32:
        vcpu->syscall32 = (struct vcpu_callback){ entry->address, masks };
        return 0;
    case CALLBACKTYPE_sysenter:
        vcpu->sysenter = (struct vcpu_callback){ entry->address, masks };
        return 0;
    }
    return call_unknown("callback_op type", entry->type);
}

long call_callback_op(uint64_t command, uint64_t argument)
{
    struct callback_register entry;

    switch ((uint32_t)command) {
    case CALLBACKOP_register:
        if (!guest_read(&entry, argument, sizeof(entry)))
            return -XEN_EFAULT;
        return set_callback(&entry);
    case CALLBACKOP_unregister:
        if (!guest_read(&entry, argument, sizeof(entry.type)))
            return -XEN_EFAULT;
        if (entry.type != CALLBACKTYPE_nmi)
            return -XEN_EINVAL;
        return 0;
    }
    return call_unknown("callback_op", (uint32_t)command);
}

long call_set_callbacks(uint64_t event, uint64_t failsafe, uint64_t syscall)
{
    struct vcpu *vcpu = vcpu_this();

    if (!is_canonical(event) || !is_canonical(failsafe) ||
        !is_canonical(syscall))
        return -XEN_EINVAL;
    vcpu->event_entry = event;
    vcpu->syscall_entry = syscall;
    return 0;
}

/* What HYPERVISOR_iret finds on the guest's stack. */
struct iret {
    uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

#define READ(field)                                                            \
    guest_load64(at + offsetof(struct iret, field), &frame.field)

static void enter_user(struct vcpu *vcpu)
{
    if (!vcpu->user_root)
        guest_failed("iret to user mode, for which there is no root");
    vcpu->kernel_mode = false;
    x86_write_cr3(vcpu->user_root);
    __asm__ volatile("swapgs" : : : "memory");
}

/* Returns the guest's RAX, as every hypercall does. */
long call_iret(void)
{
    struct vcpu *vcpu = vcpu_this();
    struct cpu_user_regs *regs = &vcpu->regs;
    uint64_t at = regs->rsp;
    struct iret frame;

    if (!guest_address_ok(at) || !READ(rax) || !READ(flags) || !READ(rip) ||
        !READ(cs) || !READ(rflags) || !READ(rsp) || !READ(ss) || !READ(rcx) ||
        !READ(r11))
        guest_failed("iret: its frame at %llx cannot be read", wide_number(at));
    if ((frame.cs & 3) == 3)
        enter_user(vcpu);
    regs->rip = frame.rip;
    regs->cs = (uint16_t)(frame.cs | 3);
    regs->ss = (uint16_t)(frame.ss | 3);
    regs->rflags = (frame.rflags & ~(uint64_t)RFLAGS_TAKEN) | RFLAGS_FIXED;
    if (domain.architectural_iopl)
        vcpu_set_iopl(vcpu, (frame.rflags & X86_RFLAGS_IOPL) >>
                                X86_RFLAGS_IOPL_SHIFT);
    regs->rsp = frame.rsp;
    if (KERNEL_RING == 0 && vcpu->kernel_mode) {
        regs->cs = KERNEL_CS;
        regs->ss = KERNEL_SS;
    }
    if (!(frame.flags & VGCF_in_syscall)) {
        regs->rcx = frame.rcx;
        regs->r11 = frame.r11;
        vcpu->full_exit = true;
    } else if (regs->cs != FLAT_RING3_CS64) {
        /* To 32-bit code: not by SYSRET. */
        regs->rcx = regs->rip;
        regs->r11 = regs->rflags;
        vcpu->full_exit = true;
    }
    vcpu->info->evtchn_upcall_mask = !(frame.rflags & X86_RFLAGS_IF);
    return (long)frame.rax;
}
