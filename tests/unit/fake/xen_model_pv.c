/* SPDX-License-Identifier: MIT */
/*
 * The model's Xen, for a PV domain: tables that are looked at before they are
 * believed.
 *
 * What it flushes itself: everything with a new root, and before what may have
 * been mapped writable becomes a table, on all CPUs.
 *
 * Source: Xen 4.17 xen/arch/x86/flushtlb.c, switch_cr3_cr4() and
 *         do_tlb_flush(); xen/arch/x86/mm.c, _get_page_type().
 */
#include "xen_model.h"

#include <string.h>

#include <x86/system.h>

#include "cpu.h"
#include "pvtest.h"
#include "tlb.h"

struct start_info fake_xen_start;

#define xen fake_xen_model

#define PRESENT  UINT64_C(1)
#define WRITE    UINT64_C(2)
#define USER     UINT64_C(4)
#define ACCESSED UINT64_C(0x20)
#define DIRTY    UINT64_C(0x40)
#define GLOBAL   UINT64_C(0x100)
#define MACHINE  UINT64_C(0x800)
#define KERNEL   (UINT64_C(1) << XEN_PTE_GUEST_KERNEL_BIT)
#define ADDRESS  UINT64_C(0x000ffffffffff000)
#define NO_FRAME (~UINT64_C(0))

/* "Safe address" of a CPU with 46 bits: from three quarters of them on. */
#define L1TF_SAFE (UINT64_C(3) << 44)

/* Odd times the frame, modulo a power of two: each once, none in order. */
uint64_t fake_xen_mfn(unsigned frame)
{
    return FAKE_XEN_FIRST_MFN + frame * 5 % FAKE_XEN_MFNS;
}

static uint64_t frame_of(uint64_t mfn)
{
    if (mfn - FAKE_XEN_FIRST_MFN >= FAKE_XEN_MFNS)
        return NO_FRAME;
    return xen.m2p[mfn - FAKE_XEN_FIRST_MFN];
}

/* HVM: a frame is its address. */
void *fake_xen_at(uint64_t mfn, unsigned offset)
{
    uint64_t frame = mfn;

    if (!fake.xen_pv)
        return (void *)(uintptr_t)((mfn << 12) + offset);
    frame = frame_of(mfn);
    if (frame == NO_FRAME)
        return NULL;
    return frame == FAKE_XEN_FRAMES - 1 ? xen.vcpu_page + offset
                                        : xen.memory[frame] + offset;
}

static uint64_t *table(unsigned frame)
{
    return (uint64_t *)(void *)xen.memory[frame];
}

uint64_t fake_xen_mapping(const void *page)
{
    return table(4)[(uintptr_t)page >> 12 & 511];
}

/* Whether a level-1 table maps 'frame' so that the domain can write to it. */
static bool mapped_writable(uint64_t frame)
{
    for (unsigned t = 0; t < FAKE_XEN_FRAMES - 1; t++) {
        if (xen.frames[t].level != 1)
            continue;
        for (unsigned i = 0; i < 512; i++) {
            uint64_t entry = table(t)[i];

            if ((entry & (PRESENT | WRITE)) == (PRESENT | WRITE) &&
                frame_of((entry & ADDRESS) >> 12) == frame)
                return true;
        }
    }
    return false;
}

static bool get_table(unsigned level, uint64_t frame);
static void put_table(uint64_t frame);

/* Slots of a root that are Xen's. */
static bool is_xens(unsigned level, unsigned index)
{
    return level == 4 && index >= 256 && index < 272;
}

/* A reference to the table that a good entry points to is held then. */
static bool get_entry(unsigned level, uint64_t *entry)
{
    uint64_t frame;

    if (!(*entry & PRESENT)) {
        if ((*entry & ADDRESS) && (*entry & ADDRESS) < L1TF_SAFE)
            FAIL("entry 0x%" PRIx64 " is not L1TF-safe: the domain ends",
                 *entry);
        return true;
    }
    if ((*entry & MACHINE) && level == 1)
        return (*entry & ADDRESS) >> 12 == FAKE_XEN_SHARED_MFN;
    frame = frame_of((*entry & ADDRESS) >> 12);
    if (frame == NO_FRAME)
        return false;
    if (level > 1) {
        *entry |= USER;
        return get_table(level - 1, frame);
    }
    if (!(*entry & USER))
        *entry |= USER | KERNEL;
    if (!(*entry & KERNEL))
        *entry |= GLOBAL;
    return !(*entry & WRITE) ||
           (!xen.frames[frame].level && !xen.frames[frame].descriptor);
}

static void put_entry(unsigned level, uint64_t entry)
{
    if (level > 1 && (entry & PRESENT))
        put_table(frame_of((entry & ADDRESS) >> 12));
}

/* With the first reference its entries are looked at. */
static bool get_table(unsigned level, uint64_t frame)
{
    struct fake_xen_frame *f = &xen.frames[frame];
    unsigned i;

    if (f->references) {
        if (f->level != level)
            return false;
        f->references++;
        return true;
    }
    if (f->descriptor || mapped_writable(frame))
        return false;
    fake_xen_flush(NULL, NULL); /* CPUs that may have used it */
    f->level = level;
    for (i = 0; i < 512; i++) {
        if (!is_xens(level, i) && !get_entry(level, &table((unsigned)frame)[i]))
            break;
    }
    if (i == 512) {
        f->references = 1;
        return true;
    }
    while (i-- > 0) {
        if (!is_xens(level, i))
            put_entry(level, table((unsigned)frame)[i]);
    }
    f->level = 0;
    return false;
}

static void put_table(uint64_t frame)
{
    struct fake_xen_frame *f = &xen.frames[frame];

    if (--f->references)
        return;
    for (unsigned i = 0; i < 512; i++) {
        if (!is_xens(f->level, i))
            put_entry(f->level, table((unsigned)frame)[i]);
    }
    f->level = 0;
}

static long mmu_update(const void *item)
{
    const struct mmu_update *update = item;
    uint64_t frame = frame_of(update->ptr >> 12);
    unsigned index = (update->ptr & 4095) / 8;
    unsigned kind = update->ptr & 7;
    uint64_t value = update->val;
    unsigned level;
    uint64_t *entry;

    if ((kind != MMU_NORMAL_PT_UPDATE && kind != MMU_PT_UPDATE_PRESERVE_AD) ||
        frame == NO_FRAME || xen.frames[frame].descriptor)
        return -XEN_EINVAL;
    level = xen.frames[frame].level;
    entry = &table((unsigned)frame)[index];
    if (level && is_xens(level, index))
        return -XEN_EINVAL;
    if (level && !get_entry(level, &value))
        return level == 1 && !(value & MACHINE) ? -XEN_EBUSY : -XEN_EINVAL;
    if (level)
        put_entry(level, *entry);
    if (kind == MMU_PT_UPDATE_PRESERVE_AD)
        value |= *entry & (ACCESSED | DIRTY);
    *entry = value;
    xen.updates++;
    return 0;
}

static long pin(unsigned level, uint64_t frame)
{
    if (frame == NO_FRAME || xen.frames[frame].pinned ||
        !get_table(level, frame))
        return -XEN_EINVAL;
    xen.frames[frame].pinned = true;
    return 0;
}

/* 0 is no root, for user mode. */
static long base(uint64_t *root, uint64_t mfn)
{
    uint64_t frame = frame_of(mfn), old = frame_of(*root);

    if (mfn && (frame == NO_FRAME || !get_table(4, frame)))
        return -XEN_EINVAL;
    if (*root)
        put_table(old);
    *root = mfn;
    return 0;
}

static long mmuext_op(const void *item)
{
    const struct mmuext_op *op = item;
    uint64_t frame = frame_of(op->arg1.mfn);
    uint64_t root = fake_system.cr3 >> 12;
    uint64_t va;
    long result;

    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return pin(op->cmd - MMUEXT_PIN_L1_TABLE + 1, frame);
    case MMUEXT_UNPIN_TABLE:
        if (frame == NO_FRAME || !xen.frames[frame].pinned)
            return -XEN_EINVAL;
        xen.frames[frame].pinned = false;
        put_table(frame);
        return 0;
    case MMUEXT_NEW_BASEPTR:
        result = op->arg1.mfn ? base(&root, op->arg1.mfn) : -XEN_EINVAL;
        fake_system.cr3 = (uintptr_t)root << 12;
        fake_tlb_write_cr3(fake_system.cr3);
        fake_tlb_invpcid(INVPCID_ALL, 0, 0);
        return result;
    case MMUEXT_NEW_USER_BASEPTR:
        return base(&xen.user_root, op->arg1.mfn);
    case MMUEXT_TLB_FLUSH_LOCAL:
        xen.flushes++;
        fake_tlb_invpcid(INVPCID_ALL, 0, 0);
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        xen.flushed_pages++;
        fake_tlb_invlpg(op->arg1.linear_addr);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
        xen.remote_flushes++;
        if (!op->arg2.vcpumask)
            return -XEN_EINVAL;
        fake_xen_flush(op->arg2.vcpumask, NULL);
        return 0;
    case MMUEXT_INVLPG_MULTI:
        xen.remote_flushes++;
        if (!op->arg2.vcpumask)
            return -XEN_EINVAL;
        va = op->arg1.linear_addr;
        fake_xen_flush(op->arg2.vcpumask, &va);
        return 0;
    case MMUEXT_TLB_FLUSH_ALL:
        xen.remote_flushes++;
        fake_xen_flush(NULL, NULL);
        return 0;
    case MMUEXT_INVLPG_ALL:
        xen.remote_flushes++;
        va = op->arg1.linear_addr;
        fake_xen_flush(NULL, &va);
        return 0;
    default:
        return -XEN_ENOSYS;
    }
}

/* One that fails ends the list; 'out_done' are before it. */
static long each(long (*handle)(const void *item), const void *items,
                 size_t item_bytes, unsigned long count, unsigned *out_done)
{
    long result = 0;
    unsigned done = 0;

    for (; done < count && result == 0; done += result == 0)
        result = handle((const char *)items + done * item_bytes);
    if (out_done)
        *out_done = done;
    return result;
}

/* One that fails does not end the list. */
static long multicall(struct multicall_entry *calls, unsigned long count)
{
    for (; count; count--, calls++)
        calls->result = (unsigned long)fake_xen_pv_call(
            calls->op, calls->args[0], calls->args[1], calls->args[2]);
    return 0;
}

static long set_trap_table(const struct trap_info *traps)
{
    if (!traps) {
        memset(xen.traps, 0, sizeof(xen.traps));
        return 0;
    }
    for (; traps->address; traps++) {
        if (traps->cs != FLAT_RING3_CS64)
            return -XEN_EINVAL;
        xen.traps[traps->vector] = *traps;
    }
    return 0;
}

static long set_gdt(const unsigned long *mfns, unsigned entries)
{
    for (unsigned i = 0; i < (entries + 511) / 512; i++) {
        uint64_t frame = frame_of(mfns[i]);

        if (frame == NO_FRAME || mapped_writable(frame))
            return -XEN_EINVAL;
        for (unsigned d = 0; d < 512; d++) {
            uint64_t descriptor = table((unsigned)frame)[d];

            /* Present, of the system, and of a type. */
            if ((descriptor >> 47 & 1) && !(descriptor >> 44 & 1) &&
                (descriptor >> 40 & 15))
                return -XEN_EINVAL;
        }
        xen.frames[frame].descriptor = true;
    }
    xen.gdt_entries = entries;
    return 0;
}

static long callback_op(const struct callback_register *callback)
{
    switch (callback->type) {
    case CALLBACKTYPE_event:
        xen.event_handler = callback->address;
        return 0;
    case CALLBACKTYPE_failsafe:
        xen.failsafe_handler = callback->address;
        return 0;
    case CALLBACKTYPE_syscall:
        xen.syscall = *callback;
        return 0;
    default:
        return -XEN_EINVAL;
    }
}

static void map_shared_info(uintptr_t va)
{
    xen.shared_va = va;
    xen.shared = (void *)va;
    memset(xen.shared, 0, 4096);
    xen.vcpu = &xen.shared->vcpu_info[0];
    for (unsigned vcpu = 0; vcpu < XEN_LEGACY_MAX_VCPUS; vcpu++)
        xen.shared->vcpu_info[vcpu].evtchn_upcall_mask = 1;
    fake_xen_write_time();
}

/* Of the domain's own memory, or shared_info, wherever it is. */
static long update_va_mapping(uintptr_t va, uint64_t entry, unsigned long flush)
{
    struct mmu_update update = { .val = entry };
    long result;

    if ((entry & ADDRESS) >> 12 == FAKE_XEN_SHARED_MFN && (entry & MACHINE)) {
        map_shared_info(va);
        return 0;
    }
    if (va == xen.shared_va && !entry) {
        xen.shared_va = 0;
        return 0;
    }
    if (va - (uintptr_t)xen.memory >= (FAKE_XEN_FRAMES - 1) * 4096)
        return -XEN_EINVAL;
    update.ptr = (fake_xen_mfn(4) << 12) + (va >> 12 & 511) * 8;
    result = mmu_update(&update);
    if (flush == UVMF_INVLPG) {
        xen.flushed_pages++;
        fake_tlb_invlpg(va);
    } else if (flush == (UVMF_INVLPG | UVMF_ALL)) {
        xen.remote_flushes++;
        fake_xen_flush(NULL, &(uint64_t){ va });
    }
    return result;
}

long fake_xen_pv_call(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3)
{
    switch (number) {
    case __HYPERVISOR_set_trap_table:
        return set_trap_table((const void *)a1);
    case __HYPERVISOR_mmu_update:
        return each(mmu_update, (const void *)a1, sizeof(struct mmu_update), a2,
                    (unsigned *)a3);
    case __HYPERVISOR_mmuext_op:
        return each(mmuext_op, (const void *)a1, sizeof(struct mmuext_op), a2,
                    (unsigned *)a3);
    case __HYPERVISOR_multicall:
        return multicall((void *)a1, a2);
    case __HYPERVISOR_set_gdt:
        return set_gdt((const void *)a1, (unsigned)a2);
    case __HYPERVISOR_stack_switch:
        xen.stack = a2;
        return 0;
    case __HYPERVISOR_set_segment_base:
        if (a1 == SEGBASE_FS && (uint64_t)a2 >> 47 &&
            (uint64_t)a2 >> 47 != UINT64_MAX >> 47)
            return -XEN_EINVAL;
        if (a1 == SEGBASE_FS)
            xen.fs_base = a2;
        else
            xen.gs_base = a1 == SEGBASE_GS_KERNEL ? a2 : 0;
        return 0;
    case __HYPERVISOR_callback_op:
        return callback_op((const void *)a2);
    case __HYPERVISOR_update_va_mapping:
        return update_va_mapping(a1, a2, a3);
    default:
        return -XEN_ENOSYS;
    }
}

static void link(unsigned parent, unsigned level, unsigned child, uintptr_t va)
{
    table(parent)[va >> (12 + (level - 1) * 9) & 511] =
        fake_xen_mfn(child) << 12 | PRESENT | WRITE | USER;
}

void fake_xen_setup_pv(uint8_t (*memory)[4096], void *vcpu_page)
{
    static unsigned long list[FAKE_XEN_FRAMES];
    uintptr_t va = (uintptr_t)memory;

    fake_xen_setup(0x40000000);
    fake.xen_pv = true;
    xen.features = 0;
    xen.periodic_ns = 10000000;
    xen.memory = memory;
    xen.vcpu_page = vcpu_page;
    memset(xen.m2p, 0xff, sizeof(xen.m2p));
    for (unsigned frame = 0; frame < FAKE_XEN_FRAMES; frame++) {
        list[frame] = (unsigned long)fake_xen_mfn(frame);
        xen.m2p[list[frame] - FAKE_XEN_FIRST_MFN] = frame;
    }

    memset(memory, 0, (FAKE_XEN_FRAMES - 1) * 4096);
    for (unsigned level = 4; level >= 1; level--)
        xen.frames[5 - level] = (struct fake_xen_frame){
            .level = level,
            .references = level == 4 ? 2 : 1, /* pinned, and CR3's */
            .pinned = level == 4,
        };
    link(1, 4, 2, va);
    link(2, 3, 3, va);
    link(3, 2, 4, va);
    for (unsigned frame = 0; frame < FAKE_XEN_FRAMES - 1; frame++) {
        link(4, 1, frame, va + frame * 4096);
        table(4)[(va >> 12 & 511) + frame] |= KERNEL;
        if (xen.frames[frame].level)
            table(4)[(va >> 12 & 511) + frame] &= ~WRITE;
    }
    fake_system.cr3 = (uintptr_t)fake_xen_mfn(1) << 12;

    memset(&fake_xen_start, 0, sizeof(fake_xen_start));
    strcpy(fake_xen_start.magic, "xen-3.0-x86_64");
    fake_xen_start.nr_pages = FAKE_XEN_FRAMES;
    fake_xen_start.shared_info = (unsigned long)FAKE_XEN_SHARED_MFN << 12;
    fake_xen_start.mfn_list = (unsigned long)list;
    fake_xen_start.pt_base = (unsigned long)memory[1];
    fake_xen_start.nr_pt_frames = 4;
}
