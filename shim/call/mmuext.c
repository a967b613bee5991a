/* SPDX-License-Identifier: MIT */
/*
 * mmuext_op: tables pinned, roots loaded, translations forgotten, the LDT.
 *
 * Source: Xen 4.17 xen/arch/x86/mm.c, do_mmuext_op() (error numbers).
 */
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "call/mask.h"
#include "domain/descriptors.h"
#include "domain/vcpu.h"
#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"
#include "mm/table.h"

#include <string.h>

/* Most of them are dearer than an entry of a table. */
enum { OPS_MOST = CALL_MOST / 8 };

static long locked(int (*change)(uint64_t, enum frame_type), uint64_t frame,
                   enum frame_type type)
{
    long result;

    lock_take(&mm_lock);
    result = change(frame, type);
    lock_release(&mm_lock);
    return result;
}

static int unpin(uint64_t frame, enum frame_type type)
{
    (void)type;
    return frame_unpin(frame);
}

long mmuext_new_root(uint64_t frame)
{
    struct vcpu *vcpu = vcpu_this();
    uint64_t old = vcpu->kernel_root >> PAGE_BITS;
    long result = 0;

    if (frame != old) {
        result = locked(frame_get, frame, FRAME_L4);
        if (result < 0)
            return result;
        vcpu->kernel_root = frame << PAGE_BITS;
        table_show_m2p(vcpu->kernel_root, true);
    }
    flush_load(vcpu->kernel_root);
    if (frame != old) {
        if (old == vcpu->user_root >> PAGE_BITS)
            table_show_m2p(vcpu->user_root, false);
        lock_take(&mm_lock);
        frame_put(old);
        lock_release(&mm_lock);
    }
    return 0;
}

static long new_user_root(uint64_t frame)
{
    struct vcpu *vcpu = vcpu_this();
    uint64_t old = vcpu->user_root >> PAGE_BITS;
    long result;

    if (frame == old)
        return 0;
    if (frame) {
        result = locked(frame_get, frame, FRAME_L4);
        if (result < 0)
            return result;
    }
    vcpu->user_root = frame << PAGE_BITS;
    if (frame && vcpu->user_root != vcpu->kernel_root)
        table_show_m2p(vcpu->user_root, false);
    if (old) {
        lock_take(&mm_lock);
        frame_put(old);
        lock_release(&mm_lock);
    }
    return 0;
}

static long flush_set(const struct mmuext_op *op, uint64_t address)
{
    uint32_t set;

    if (!mask_read((uintptr_t)op->arg2.vcpumask, &set))
        return -XEN_EINVAL;
    if (guest_address_ok(address) || address == FLUSH_EVERYTHING)
        flush_on(set, address);
    return 0;
}

/* Whole pages that nobody uses as a table. */
static long fill_page(uint64_t frame, const void *from)
{
    long result = locked(frame_get, frame, FRAME_WRITABLE);

    if (result < 0)
        return -XEN_EINVAL;
    if (from)
        memcpy(memory_frame(frame), from, PAGE_BYTES);
    else
        memset(memory_frame(frame), 0, PAGE_BYTES);
    lock_take(&mm_lock);
    frame_put(frame);
    lock_release(&mm_lock);
    return 0;
}

static long copy_page(uint64_t to, uint64_t from)
{
    if (!frame_is_guests(from))
        return -XEN_EINVAL;
    return fill_page(to, memory_frame(from));
}

static long set_ldt(uint64_t base, uint32_t entries)
{
    if (entries > 8192 ||
        (entries && (base % PAGE_BYTES || !guest_address_ok(base))))
        return -XEN_EINVAL;
    return descriptors_set_ldt(base, entries);
}

static long one(const struct mmuext_op *op)
{
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return locked(frame_pin, op->arg1.mfn,
                      (enum frame_type)(FRAME_L1 + op->cmd));
    case MMUEXT_UNPIN_TABLE:
        return locked(unpin, op->arg1.mfn, FRAME_NONE);
    case MMUEXT_NEW_BASEPTR:
        return mmuext_new_root(op->arg1.mfn);
    case MMUEXT_NEW_USER_BASEPTR:
        return new_user_root(op->arg1.mfn);
    case MMUEXT_TLB_FLUSH_LOCAL:
        flush_here();
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        if (guest_address_ok(op->arg1.linear_addr))
            flush_page_here(op->arg1.linear_addr);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
        return flush_set(op, FLUSH_EVERYTHING);
    case MMUEXT_INVLPG_MULTI:
        return flush_set(op, op->arg1.linear_addr);
    case MMUEXT_TLB_FLUSH_ALL:
        flush_on(UINT32_MAX, FLUSH_EVERYTHING);
        return 0;
    case MMUEXT_INVLPG_ALL:
        if (guest_address_ok(op->arg1.linear_addr))
            flush_on(UINT32_MAX, op->arg1.linear_addr);
        return 0;
    case MMUEXT_FLUSH_CACHE:
        __asm__ volatile("wbinvd" : : : "memory");
        return 0;
    case MMUEXT_SET_LDT:
        return set_ldt(op->arg1.linear_addr, op->arg2.nr_ents);
    case MMUEXT_CLEAR_PAGE:
        return fill_page(op->arg1.mfn, NULL);
    case MMUEXT_COPY_PAGE:
        return copy_page(op->arg1.mfn, op->arg2.src_mfn);
    }
    return call_unknown("mmuext_op", op->cmd);
}

long call_mmuext_op(uint64_t ops, uint64_t count, uint64_t done, uint64_t domid)
{
    uint32_t left = (uint32_t)count, made = 0;
    struct mmuext_op op;
    long result = 0;

    if (left > OPS_MOST)
        return call_part(
            __HYPERVISOR_mmuext_op, OPS_MOST,
            (struct call_list){ ops, sizeof(op), left, done, domid });
    if (!call_is_self((uint32_t)domid))
        return -XEN_ESRCH;
    for (; left; left--, made++, ops += sizeof(op)) {
        if (!guest_read(&op, ops, sizeof(op))) {
            result = -XEN_EFAULT;
            break;
        }
        result = one(&op);
        if (result < 0)
            break;
    }
    if (done)
        (void)guest_write(done, &made, sizeof(made));
    return result;
}
