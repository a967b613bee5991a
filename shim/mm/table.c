/* SPDX-License-Identifier: MIT */
/*
 * Entries of page tables: what each may be, and what it uses.
 *
 * Source: Xen 4.17 xen/arch/x86/mm.c, get_page_from_l1e(), mod_l1_entry(),
 *         adjust_guest_l1e() and those of the other levels; error numbers are
 *         its own.
 */
#include "mm/table.h"

#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"

#define PTE_PWT          0x8ull
#define PTE_PCD          0x10ull
#define PTE_PAT          0x80ull /* of level 1 */
#define PTE_CACHE        (PTE_PWT | PTE_PCD | PTE_PAT)
#define PTE_NX           (1ull << 63)
#define PTE_GUEST_KERNEL (1ull << XEN_PTE_GUEST_KERNEL_BIT)

/* Bits 9 to 11 and 52 to 62 are the guest's to use. */
#define FREE_BITS 0x7ff0000000000e00ull
#define TABLE_BITS                                                             \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_USER | X86_PTE_ACCESSED |       \
     X86_PTE_DIRTY | FREE_BITS | PTE_NX | X86_PTE_ADDRESS)
/* A dom0 may say how a page is cached. */
#define L1_BITS (TABLE_BITS | X86_PTE_GLOBAL | PTE_CACHE)

/* What two entries of level 1 must have in common to use the same. */
#define L1_USE (X86_PTE_ADDRESS | X86_PTE_PRESENT | X86_PTE_WRITE | PTE_CACHE)

uint64_t table_shim_slots[16];

static inline uint64_t address_frame(uint64_t entry)
{
    return (entry & X86_PTE_ADDRESS) >> PAGE_BITS;
}

/*
 * The user bit, without which ring 3 cannot use it; and whose it is. What is
 * the kernel's is not global: user mode would find it in the TLB.
 */
static inline uint64_t adjust_l1(uint64_t entry)
{
    if (!(entry & X86_PTE_USER))
        entry |= X86_PTE_USER | PTE_GUEST_KERNEL;
    return entry & PTE_GUEST_KERNEL ? entry & ~(uint64_t)X86_PTE_GLOBAL
                                    : entry | X86_PTE_GLOBAL;
}

/* XEN_MSR_PAT: write-back, write-through and write-protected. */
static bool may_be_cached(uint64_t entry)
{
    unsigned kind = (entry & PTE_PWT ? 1 : 0) | (entry & PTE_PCD ? 2 : 0) |
                    (entry & PTE_PAT ? 4 : 0);

    return kind == 0 || kind == 1 || kind == 5;
}

/* Not RAM: any device but the APICs, and never cached. */
static int get_device(uint64_t *entry)
{
    uint64_t frame = address_frame(*entry);

    if (frame == X86_PTE_ADDRESS >> PAGE_BITS)
        return -XEN_EINVAL;
    if (frame_device_kept(frame))
        return -XEN_EPERM;
    if (may_be_cached(*entry))
        *entry = (*entry & ~PTE_CACHE) | PTE_PCD | PTE_PWT;
    return 0;
}

/*
 * Count the uses of a present entry, whose bits are allowed. This and the next
 * are on the way of each entry: most frames are writable already.
 */
static inline int get_l1(uint64_t *entry)
{
    uint64_t frame = address_frame(*entry);
    uint64_t word;

    if (frame >= frame_count)
        return get_device(entry);
    word = frames[frame];
    if (!(*entry & X86_PTE_WRITE) && frame_owner_of(word) == FRAME_GUEST)
        return 0;
    if (frame_type(word) == FRAME_WRITABLE &&
        (word & FRAME_COUNT) - 1 < FRAME_COUNT - 1) {
        frames[frame] = word + 1;
        return 0;
    }
    if (frame_owner_of(word) == FRAME_IO)
        return get_device(entry);
    return frame_get(frame, FRAME_WRITABLE) < 0 ? -XEN_EBUSY : 0;
}

static inline void put_l1(uint64_t entry)
{
    uint64_t frame = address_frame(entry);

    if (!(entry & X86_PTE_WRITE) || frame >= frame_count ||
        frame_owner_of(frames[frame]) != FRAME_GUEST)
        return;
    if ((frames[frame] & FRAME_COUNT) > 1)
        frames[frame]--;
    else
        frame_put(frame);
}

static inline uint64_t swap(uint64_t *at, uint64_t old, uint64_t value,
                            bool keep_ad)
{
    uint64_t seen;

    if (!keep_ad) {
        *(volatile uint64_t *)at = value;
        return old;
    }
    do {
        seen = *(volatile uint64_t *)at;
        value |= seen & (X86_PTE_ACCESSED | X86_PTE_DIRTY);
    } while (!__atomic_compare_exchange_n(at, &seen, value, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return seen;
}

int table_store_l1(uint64_t *at, uint64_t value, bool keep_ad)
{
    uint64_t old = *(volatile uint64_t *)at;
    int result;

    if (value & X86_PTE_PRESENT) {
        if (value & ~L1_BITS)
            return -XEN_EINVAL;
        value = adjust_l1(value);
        if (!((old ^ value) & L1_USE)) {
            (void)swap(at, old, value, keep_ad);
            return 0;
        }
        result = get_l1(&value);
        if (result < 0)
            return result;
    }
    (void)swap(at, old, value, keep_ad);
    if (old & X86_PTE_PRESENT)
        put_l1(old);
    return 0;
}

static bool shims_slot(unsigned level, unsigned index)
{
    return level == 4 && index >= SHIM_SLOT_FIRST && index <= SHIM_SLOT_LAST;
}

/*
 * A table of the next level; or, read-only, of the same level: the window on
 * tables that a linear entry makes. That of a table on itself is no use of it,
 * so that it can be released.
 */
static int get_table(uint64_t table, unsigned level, uint64_t entry)
{
    uint64_t frame = address_frame(entry);
    enum frame_type below = (enum frame_type)(level - 1);

    if (entry & ~TABLE_BITS)
        return -XEN_EINVAL;
    if (!(entry & X86_PTE_WRITE) &&
        (frame == table || frame_is(frame, (enum frame_type)level)))
        return frame == table ? 0 : frame_get(frame, (enum frame_type)level);
    return frame_get(frame, below);
}

static void put_table(uint64_t table, uint64_t entry)
{
    uint64_t frame = address_frame(entry);

    if (frame != table)
        frame_put_linked(frame);
}

static int store_table(uint64_t frame, unsigned level, uint64_t *at,
                       uint64_t value, bool keep_ad)
{
    uint64_t old = *(volatile uint64_t *)at;
    int result;

    if (value & X86_PTE_PRESENT) {
        value |= X86_PTE_USER;
        if ((old & X86_PTE_PRESENT) && !(value & ~TABLE_BITS) &&
            !((old ^ value) & (X86_PTE_ADDRESS | X86_PTE_WRITE))) {
            (void)swap(at, old, value, keep_ad);
            return 0;
        }
        result = get_table(frame, level, value);
        if (result < 0)
            return result;
    }
    (void)swap(at, old, value, keep_ad);
    if (old & X86_PTE_PRESENT)
        put_table(frame, old);
    return 0;
}

int table_store(uint64_t frame, unsigned index, uint64_t value, bool keep_ad)
{
    uint64_t *at = (uint64_t *)memory_frame(frame) + index;
    enum frame_type type = frame_type(frames[frame]);

    if (type == FRAME_L1)
        return table_store_l1(at, value, keep_ad);
    if (shims_slot(type, index))
        return -XEN_EINVAL;
    return store_table(frame, type, at, value, keep_ad);
}

static int check_entry(uint64_t frame, unsigned level, uint64_t *at)
{
    uint64_t value = *at;
    int result;

    if (level == 1) {
        if (value & ~L1_BITS)
            return -XEN_EINVAL;
        value = adjust_l1(value);
        result = get_l1(&value);
    } else {
        value |= X86_PTE_USER;
        result = get_table(frame, level, value);
    }
    if (result == 0 && value != *at)
        *at = value;
    return result;
}

static void release_entries(uint64_t frame, unsigned level, unsigned count)
{
    const uint64_t *table = memory_frame(frame);

    for (unsigned i = 0; i < count; i++) {
        uint64_t entry = table[i];

        if (!(entry & X86_PTE_PRESENT) || shims_slot(level, i))
            continue;
        if (level == 1)
            put_l1(entry);
        else
            put_table(frame, entry);
    }
}

int table_check(uint64_t frame, unsigned level)
{
    uint64_t *table = memory_frame(frame);

    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        int result;

        if (!(table[i] & X86_PTE_PRESENT) || shims_slot(level, i))
            continue;
        result = check_entry(frame, level, &table[i]);
        if (result < 0) {
            release_entries(frame, level, i);
            return result;
        }
    }
    if (level == 4) {
        for (unsigned i = 0; i < 16; i++)
            table[SHIM_SLOT_FIRST + i] = table_shim_slots[i];
    }
    return 0;
}

void table_release(uint64_t frame, unsigned level)
{
    release_entries(frame, level, TABLE_ENTRIES);
}

void table_show_m2p(uint64_t root, bool show)
{
    uint64_t *table = memory_at(root & X86_PTE_ADDRESS);

    table[SHIM_SLOT_FIRST] = show ? table_shim_slots[0] : 0;
}

uint64_t *table_find(uint64_t root, uint64_t address)
{
    uint64_t entry = root;
    unsigned shift = 39;

    if (address - SHIM_BEGIN < SHIM_END - SHIM_BEGIN || !is_canonical(address))
        return NULL;
    for (;;) {
        uint64_t *table = memory_at(entry & X86_PTE_ADDRESS);
        uint64_t *at = &table[address >> shift & (TABLE_ENTRIES - 1)];

        if (shift == PAGE_BITS)
            return at;
        entry = *(volatile uint64_t *)at;
        if (!(entry & X86_PTE_PRESENT))
            return NULL;
        shift -= 9;
    }
}
