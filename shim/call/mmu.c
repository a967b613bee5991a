/* SPDX-License-Identifier: MIT */
/*
 * mmu_update and update_va_mapping: entries of page tables.
 *
 * A flush is the guest's business: other than Xen, the shim makes none after
 * an entry above level 1 has changed.
 *
 * Source: Xen 4.17 xen/arch/x86/mm.c, do_mmu_update(), __do_update_va_mapping()
 *         (order of the checks, error numbers).
 */
#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "call/mask.h"
#include "domain/vcpu.h"
#include "mm/flush.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"
#include "mm/table.h"

/* An entry, or a word in a frame that is no table. Used tables are the guest's.
 */
static inline long store(uint64_t frame, uint64_t at, uint64_t value,
                         bool keep_ad)
{
    uint64_t word = frame < frame_count ? frames[frame] : 0;
    enum frame_type type = frame_type(word);

    if (!(word & FRAME_COUNT))
        type = FRAME_NONE;
    if (type == FRAME_L1)
        return table_store_l1(memory_at(at), value, keep_ad);
    if (type != FRAME_NONE && type <= FRAME_L4)
        return table_store(frame, at % PAGE_BYTES / 8, value, keep_ad);
    if (frame_get(frame, FRAME_WRITABLE) < 0)
        return -XEN_EINVAL;
    *(volatile uint64_t *)memory_at(at) = value;
    frame_put(frame);
    return 0;
}

static long set_m2p(uint64_t frame, uint64_t value)
{
    if (!frame_is_guests(frame))
        return -XEN_EINVAL;
    *(volatile uint64_t *)memory_at(m2p_machine + frame * 8) = value;
    return 0;
}

static inline long update(uint64_t pointer, uint64_t value)
{
    uint64_t frame = pointer >> PAGE_BITS;

    switch (pointer & 7) {
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return store(frame, pointer & ~7ull, value, false);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return store(frame, pointer & ~7ull, value, true);
    case MMU_MACHPHYS_UPDATE:
        return set_m2p(frame, value);
    }
    return -XEN_ENOSYS;
}

/* Whose the mapped frames are; above it, whose tables, plus 1. */
static bool domids_ok(uint32_t domids)
{
    uint32_t frames_of = domids & 0xffff, tables_of = domids >> 16;

    return (call_is_self(frames_of) || frames_of == DOMID_IO) &&
           (!tables_of || call_is_self(tables_of - 1));
}

long call_mmu_update(uint64_t updates, uint64_t count, uint64_t done,
                     uint64_t domid)
{
    uint32_t left = (uint32_t)count, made = 0;
    long result = 0;

    if (left > CALL_MOST)
        return call_part(__HYPERVISOR_mmu_update, CALL_MOST,
                         (struct call_list){ updates, sizeof(struct mmu_update),
                                             left, done, domid });
    if (!domids_ok((uint32_t)domid))
        return -XEN_ESRCH;
    lock_take(&mm_lock);
    for (; left; left--, made++, updates += sizeof(struct mmu_update)) {
        uint64_t pointer, value;

        /* What lies between the halves of the space is not mapped. */
        if (!guest_address_ok(updates) || !guest_load64(updates, &pointer) ||
            !guest_load64(updates + 8, &value)) {
            result = -XEN_EFAULT;
            break;
        }
        result = update(pointer, value);
        if (result < 0)
            break;
    }
    lock_release(&mm_lock);
    if (done)
        (void)guest_write(done, &made, sizeof(made));
    return result;
}

static long flush(uint64_t address, uint64_t flags)
{
    uint64_t what = (flags & UVMF_FLUSHTYPE_MASK) == UVMF_TLB_FLUSH
                        ? FLUSH_EVERYTHING
                        : address;
    uint64_t where = flags & ~(uint64_t)UVMF_FLUSHTYPE_MASK;
    uint32_t set;

    if (!where) {
        if (what == FLUSH_EVERYTHING)
            flush_here();
        else
            flush_page_here(address);
        return 0;
    }
    if (where == UVMF_ALL)
        set = UINT32_MAX;
    else if (!mask_read(where, &set))
        return -XEN_EINVAL;
    flush_on(set, what);
    return 0;
}

long call_update_va_mapping(uint64_t address, uint64_t value, uint64_t flags)
{
    uint64_t *at;
    long result = -XEN_EINVAL;

    lock_take(&mm_lock);
    at = table_find(vcpu_this()->kernel_root, address);
    if (at && frame_is(memory_machine(at) >> PAGE_BITS, FRAME_L1))
        result = table_store_l1(at, value, false);
    lock_release(&mm_lock);
    if (result < 0 || !(flags & UVMF_FLUSHTYPE_MASK))
        return result;
    return flush(address, flags);
}
