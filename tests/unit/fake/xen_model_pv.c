/* SPDX-License-Identifier: MIT */
/*
 * The model's Xen, for a PV domain: tables that are looked at before they are
 * believed.
 */
#include "xen_model.h"

#include <string.h>

#include <x86/system.h>

#include "cpu.h"
#include "pvtest.h"

struct start_info fake_xen_start;

#define xen fake_xen_model

#define PRESENT  UINT64_C(1)
#define WRITE    UINT64_C(2)
#define USER     UINT64_C(4)
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

static bool good_entry(unsigned level, uint64_t *entry)
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
        return xen.frames[frame].level == level - 1;
    }
    if (!(*entry & USER))
        *entry |= USER | KERNEL;
    if (!(*entry & KERNEL))
        *entry |= GLOBAL;
    return !(*entry & WRITE) ||
           (!xen.frames[frame].level && !xen.frames[frame].descriptor);
}

static long mmu_update(const struct mmu_update *update)
{
    uint64_t frame = frame_of(update->ptr >> 12);
    uint64_t value = update->val;

    if ((update->ptr & 7) != MMU_NORMAL_PT_UPDATE || frame == NO_FRAME)
        return -XEN_EINVAL;
    if (xen.frames[frame].descriptor)
        return -XEN_EINVAL;
    if (xen.frames[frame].level && !good_entry(xen.frames[frame].level, &value))
        return -XEN_EINVAL;
    table((unsigned)frame)[(update->ptr & 4095) / 8] = value;
    return 0;
}

static long pin(unsigned level, uint64_t frame)
{
    if (frame == NO_FRAME || xen.frames[frame].pinned ||
        (xen.frames[frame].level && xen.frames[frame].level != level) ||
        mapped_writable(frame))
        return -XEN_EINVAL;
    for (unsigned i = 0; i < 512; i++) {
        if (!good_entry(level, &table((unsigned)frame)[i]))
            return -XEN_EINVAL;
    }
    xen.frames[frame].level = level;
    xen.frames[frame].pinned = true;
    return 0;
}

static long mmuext_op(const struct mmuext_op *op)
{
    uint64_t frame = frame_of(op->arg1.mfn);

    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return pin(op->cmd - MMUEXT_PIN_L1_TABLE + 1, frame);
    case MMUEXT_UNPIN_TABLE:
        if (frame == NO_FRAME || !xen.frames[frame].pinned)
            return -XEN_EINVAL;
        xen.frames[frame] = (struct fake_xen_frame){ 0 };
        return 0;
    case MMUEXT_NEW_BASEPTR:
        if (frame == NO_FRAME || xen.frames[frame].level != 4)
            return -XEN_EINVAL;
        fake_system.cr3 = (uintptr_t)op->arg1.mfn << 12;
        return 0;
    case MMUEXT_TLB_FLUSH_LOCAL:
        xen.flushes++;
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        xen.flushed_pages++;
        return 0;
    default:
        return -XEN_ENOSYS;
    }
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
    default:
        return -XEN_EINVAL;
    }
}

/* Only shared_info is mapped so. */
static long update_va_mapping(uintptr_t va, uint64_t entry)
{
    if ((entry & ADDRESS) >> 12 != FAKE_XEN_SHARED_MFN || !(entry & MACHINE))
        return -XEN_EINVAL;
    xen.shared_va = va;
    xen.shared = (void *)va;
    memset(xen.shared, 0, 4096);
    xen.vcpu = &xen.shared->vcpu_info[0];
    for (unsigned vcpu = 0; vcpu < XEN_LEGACY_MAX_VCPUS; vcpu++)
        xen.shared->vcpu_info[vcpu].evtchn_upcall_mask = 1;
    fake_xen_write_time();
    return 0;
}

long fake_xen_pv_call(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3)
{
    (void)a3;
    switch (number) {
    case __HYPERVISOR_set_trap_table:
        return set_trap_table((const void *)a1);
    case __HYPERVISOR_mmu_update:
        return a2 == 1 ? mmu_update((const void *)a1) : -XEN_ENOSYS;
    case __HYPERVISOR_mmuext_op:
        return a2 == 1 ? mmuext_op((const void *)a1) : -XEN_ENOSYS;
    case __HYPERVISOR_set_gdt:
        return set_gdt((const void *)a1, (unsigned)a2);
    case __HYPERVISOR_stack_switch:
        xen.stack = a2;
        return 0;
    case __HYPERVISOR_set_segment_base:
        xen.gs_base = a1 == SEGBASE_GS_KERNEL ? a2 : 0;
        return 0;
    case __HYPERVISOR_callback_op:
        return callback_op((const void *)a2);
    case __HYPERVISOR_update_va_mapping:
        return update_va_mapping(a1, a2);
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
        xen.frames[5 - level].level = level;
    xen.frames[1].pinned = true;
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
