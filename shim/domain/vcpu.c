/* SPDX-License-Identifier: MIT */
/*
 * VCPUs: as they begin, what VCPUOP_initialise sets, their vcpu_info, the time
 * in each state.
 *
 * Source: Xen 4.17 xen/arch/x86/domain.c, arch_set_info_guest();
 *         xen/common/domain.c, map_vcpu_info() (error numbers).
 */
#include "domain/vcpu.h"

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "dev/clock.h"
#include "domain/descriptors.h"
#include "domain/domain.h"
#include "event/event.h"
#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"
#include "mm/table.h"
#include "trap/trap.h"

#include <string.h>

#include <x86/insn.h>
#include <x86/system.h>

struct domain domain;

void vcpu_reset(struct vcpu *vcpu)
{
    vcpu->info = &domain.shared->vcpu_info[vcpu->id];
    vcpu->info->evtchn_upcall_mask = 1;
    vcpu->kernel_stack = NO_STACK;
    vcpu->period_ns = XEN_PV_PERIOD_NS;
    vcpu->debug[6] = 0xffff0ff0;
    vcpu->debug[7] = 0x400;
    vcpu->runstate.state = RUNSTATE_offline;
    vcpu->runstate.state_entry_time = clock_ns();
    vcpu->kernel_mode = true;
    clock_fill(vcpu);
}

/* Both roots, or neither. */
static int take_roots(struct vcpu *vcpu, uint64_t kernel, uint64_t user)
{
    int result;

    lock_take(&mm_lock);
    result = frame_get(kernel >> PAGE_BITS, FRAME_L4);
    if (result == 0 && user) {
        result = frame_get(user >> PAGE_BITS, FRAME_L4);
        if (result < 0)
            frame_put(kernel >> PAGE_BITS);
    }
    lock_release(&mm_lock);
    if (result < 0)
        return result;
    vcpu->kernel_root = kernel & X86_PTE_ADDRESS;
    vcpu->user_root = user & X86_PTE_ADDRESS;
    table_show_m2p(vcpu->kernel_root, true);
    if (user && vcpu->user_root != vcpu->kernel_root)
        table_show_m2p(vcpu->user_root, false);
    return 0;
}

static void take_handlers(struct vcpu *vcpu,
                          const struct vcpu_guest_context *context)
{
    for (unsigned i = 0; i < 256; i++) {
        const struct trap_info *info = &context->trap_ctxt[i];

        if (info->address)
            vcpu->traps[info->vector] = (struct vcpu_trap){
                .address = info->address,
                .cs = info->cs | 3,
                .flags = info->flags,
            };
    }
    vcpu->event_entry = context->event_callback_eip;
    vcpu->syscall_entry = context->syscall_callback_eip;
    vcpu->kernel_stack = context->kernel_sp & ~15ull;
    if (!guest_address_ok(vcpu->kernel_stack - 256))
        vcpu->kernel_stack = NO_STACK;
}

void vcpu_set_iopl(struct vcpu *vcpu, unsigned iopl)
{
    vcpu->iopl = (uint8_t)iopl;
    vcpu->shown_iopl =
        domain.architectural_iopl ? iopl << X86_RFLAGS_IOPL_SHIFT : 0;
}

static int take_context(struct vcpu *vcpu,
                        const struct vcpu_guest_context *context)
{
    struct cpu_user_regs *regs = &vcpu->regs;
    int result;

    if (context->gdt_ents > FIRST_RESERVED_GDT_ENTRY ||
        context->ldt_ents > 8192 || !is_canonical(context->fs_base) ||
        !is_canonical(context->gs_base_kernel) ||
        !is_canonical(context->gs_base_user))
        return -XEN_EINVAL;
    /* User mode needs a root of its own: there is no other to be loaded. */
    if (!(context->flags & VGCF_IN_KERNEL) && !context->ctrlreg[1])
        return -XEN_EINVAL;
    result = take_roots(vcpu, context->ctrlreg[3], context->ctrlreg[1]);
    if (result < 0)
        return result;
    result = descriptors_set_gdt(vcpu, context->gdt_frames,
                                 (unsigned)context->gdt_ents);
    if (result < 0) {
        lock_take(&mm_lock);
        frame_put(vcpu->kernel_root >> PAGE_BITS);
        if (vcpu->user_root)
            frame_put(vcpu->user_root >> PAGE_BITS);
        lock_release(&mm_lock);
        return result;
    }
    *regs = context->user_regs;
    vcpu_set_iopl(vcpu,
                  (regs->rflags & X86_RFLAGS_IOPL) >> X86_RFLAGS_IOPL_SHIFT);
    regs->cs = context->flags & VGCF_IN_KERNEL ? KERNEL_CS : regs->cs | 3;
    regs->ss = context->flags & VGCF_IN_KERNEL ? KERNEL_SS : regs->ss | 3;
    regs->rflags = (regs->rflags & ~(uint64_t)X86_RFLAGS_IOPL) | X86_RFLAGS_IF |
                   X86_RFLAGS_ONE;
    take_handlers(vcpu, context);
    vcpu->kernel_mode = context->flags & VGCF_IN_KERNEL;
    vcpu->start_fs = context->fs_base;
    vcpu->start_gs_kernel = context->gs_base_kernel;
    vcpu->start_gs_user = context->gs_base_user;
    vcpu->initialised = true;
    return 0;
}

int vcpu_set_context(struct vcpu *vcpu, uint64_t context)
{
    static struct vcpu_guest_context copy;
    static struct lock lock;
    int result = -XEN_EFAULT;

    if (!vcpu->info_registered && vcpu->id >= XEN_LEGACY_MAX_VCPUS)
        return -XEN_EINVAL;
    lock_take(&lock);
    if (guest_read(&copy, context, sizeof(copy)))
        result = vcpu->initialised ? -XEN_EEXIST : take_context(vcpu, &copy);
    lock_release(&lock);
    return result;
}

/* On its own CPU, whose address space is not the guest's yet. */
void vcpu_start(struct vcpu *vcpu)
{
    vcpu->period_new = true;
    flush_load(vcpu->kernel_mode ? vcpu->kernel_root : vcpu->user_root);
    x86_wrmsr(MSR_FS_BASE, vcpu->start_fs);
    x86_wrmsr(MSR_GS_BASE,
              vcpu->kernel_mode ? vcpu->start_gs_kernel : vcpu->start_gs_user);
    x86_wrmsr(MSR_KERNEL_GS_BASE,
              vcpu->kernel_mode ? vcpu->start_gs_user : vcpu->start_gs_kernel);
    runstate_change(vcpu, RUNSTATE_running);
    clock_fill(vcpu);
    timer_expire(vcpu);
    trap_leave(vcpu);
}

/* The frame stays writable, and so no table. */
int vcpu_move_info(struct vcpu *vcpu, uint64_t frame, uint32_t offset)
{
    struct vcpu_info *to;
    int result;

    if (offset > PAGE_BYTES - sizeof(*to) || offset % 8)
        return -XEN_EINVAL;
    if (vcpu->info_registered || (vcpu != vcpu_this() && vcpu->up))
        return -XEN_EINVAL;
    lock_take(&mm_lock);
    result = frame_get(frame, FRAME_WRITABLE);
    lock_release(&mm_lock);
    if (result < 0)
        return -XEN_EINVAL;
    to = (struct vcpu_info *)((uint8_t *)memory_frame(frame) + offset);
    memcpy(to, vcpu->info, sizeof(*to));
    vcpu->info = to;
    vcpu->info_registered = true;
    event_refresh(vcpu);
    clock_fill(vcpu);
    return 0;
}

void runstate_now(struct vcpu *vcpu, struct vcpu_runstate_info *out)
{
    *out = vcpu->runstate;
    out->time[out->state] += clock_ns() - out->state_entry_time;
}

/* The guest's area is written where its address is known to be right. */
void runstate_change(struct vcpu *vcpu, int32_t state)
{
    uint64_t now = clock_ns();

    vcpu->runstate.time[vcpu->runstate.state] +=
        now - vcpu->runstate.state_entry_time;
    vcpu->runstate.state = state;
    vcpu->runstate.state_entry_time = now;
    if (vcpu->runstate_area && state != RUNSTATE_offline && vcpu->kernel_mode &&
        vcpu->running)
        (void)guest_write(vcpu->runstate_area, &vcpu->runstate,
                          sizeof(vcpu->runstate));
}
