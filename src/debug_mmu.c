/* SPDX-License-Identifier: MIT */
/*
 * The page-table ops of a build that checks the rules of pvops/mmu.h, for bare
 * metal and every hypervisor on which the native ones serve (docs/mmu.md).
 *
 * What a batch does is done at its end, as under Xen PV: stores, pages that
 * become writable again, then flushes.
 */
#include "debug_mmu.h"

#if PVOPS_DEBUG_MMU

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include <x86/percpu.h>
#include <x86/system.h>

enum { BATCH_PLACES = 64 };

struct delayed {
    enum { STORE, MODIFY, RELEASE } what;
    pvops_pte *entry; /* RELEASE: NULL */
    uintptr_t value;  /* RELEASE: the page */
};

/* pvops_cpu.batch_ */
struct batch {
    unsigned depth; /* of begins; 0: everything is done at once */
    unsigned count;
    bool flush_all;
    uintptr_t flush_from;
    size_t flush_pages;
    struct delayed delayed[BATCH_PLACES];
};

_Static_assert(sizeof(struct batch) <= sizeof(((struct pvops_cpu *)0)->batch_),
               "batch_ is too small");

/* Begins whose batch write_cr3() has ended, or that had none. */
static uint32_t begins_over;

static uintptr_t enter(void)
{
    uintptr_t flags = pvi_native_irq_save_flags();

    x86_cli();
    return flags;
}

static void leave(uintptr_t flags)
{
    if (flags & X86_RFLAGS_IF)
        x86_sti();
}

/* NULL before this CPU's pvops_cpu_setup(). */
static struct batch *this_batch(void)
{
    struct pvops_cpu *cpu;

    if (pvi.stage < PVI_STAGE_BOOT_CPU)
        return NULL;
    cpu = pvi_this_cpu();
    return cpu ? (struct batch *)(void *)cpu->batch_ : NULL;
}

static struct batch *open_batch(void)
{
    struct batch *batch = this_batch();

    return batch && batch->depth ? batch : NULL;
}

/* The store that waits for this entry; NULL: none. */
static const struct delayed *find_delayed(const struct batch *batch,
                                          const pvops_pte *entry)
{
    for (unsigned i = batch ? batch->count : 0; i > 0; i--) {
        if (batch->delayed[i - 1].entry == entry)
            return &batch->delayed[i - 1];
    }
    return NULL;
}

static pvops_pte value_of(const struct batch *batch, const pvops_pte *entry)
{
    const struct delayed *delayed = find_delayed(batch, entry);

    return delayed ? delayed->value : *(const volatile pvops_pte *)entry;
}

static void release_now(pvops_paddr page)
{
    pvi_debug_frame(page)->is = PVI_FRAME_ORDINARY;
    pvi_debug_protect(page, true);
}

static void do_now(const struct delayed *what)
{
    uintptr_t opened = pvi_debug_open();

    if (what->what == STORE)
        *(volatile pvops_pte *)what->entry = what->value;
    else if (what->what == MODIFY)
        pvi_native_mmu_modify_entry(what->entry, what->value);
    else
        release_now(what->value);
    pvi_debug_close(opened);
}

static void send(struct batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        do_now(&batch->delayed[i]);
    batch->count = 0;
}

static void send_flushes(struct batch *batch)
{
    if (batch->flush_all)
        pvi_native_mmu_flush_all();
    else if (batch->flush_pages)
        pvi_native_mmu_flush_range(batch->flush_from, batch->flush_pages);
    batch->flush_all = false;
    batch->flush_pages = 0;
}

static void end(struct batch *batch)
{
    batch->depth = 0;
    send(batch);
    send_flushes(batch);
}

static void do_or_delay(struct batch *batch, const struct delayed *what)
{
    if (!batch) {
        do_now(what);
        return;
    }
    if (batch->count == BATCH_PLACES)
        send(batch);
    batch->delayed[batch->count++] = *what;
}

static PVOPS_NORETURN void refuse(const char *rule, unsigned level,
                                  pvops_paddr page, const char *why)
{
    pvi_panic("mmu rule %s: level %u, page 0x%llx: %s", rule, level,
              (unsigned long long)page, why);
}

/*
 * A loader's tables are not given to anybody: as long as they are the active
 * ones, a page that was not given may be one of them.
 */
static void check_store(const struct batch *batch, pvops_pte *entry,
                        pvops_pte value, bool root, bool modify)
{
    struct pvi_place at = { 0, pvops_host_paddr(entry) };
    const struct pvi_frame *frame = pvi_debug_frame(at.paddr);

    if (!frame)
        return;
    at.level = frame->is;
    if (!pvi_debug_is_table(frame)) {
        if (!pvi_debug_active_root())
            return;
        refuse("given-first", root ? PVI_LEVELS : 0, at.paddr,
               "an entry is stored in a page that is not given");
    }
    if (frame->is == PVI_FRAME_SECOND)
        refuse("root-by-op", PVI_LEVELS, at.paddr,
               "an entry is stored in the second page of a root");
    if (root != (frame->is == PVI_LEVELS))
        refuse("root-by-op", at.level, at.paddr,
               root ? "write_root() stores there"
                    : "write_entry() stores there");
    if (modify && at.level != 1)
        refuse("own-level", at.level, at.paddr, "modify_entry() above level 1");
    pvi_debug_check(&at, value);
    pvi_debug_count(&at, value);
    pvi_debug_uncount(&at, value_of(batch, entry));
}

static void store(pvops_pte *entry, pvops_pte value, bool root, bool modify)
{
    uintptr_t flags = enter();
    struct batch *batch = open_batch();
    struct delayed what = { modify ? MODIFY : STORE, entry, value };

    check_store(batch, entry, value, root, modify);
    do_or_delay(batch, &what);
    leave(flags);
}

PVOPS_OP_CALL static void write_entry(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                      pvops_pte value))
{
    store(entry, value, false, false);
}

PVOPS_OP_CALL static void write_root(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                     pvops_pte value))
{
    store(entry, value, true, false);
}

PVOPS_OP_CALL static void modify_entry(pvops_pte *entry, pvops_pte value)
{
    store(entry, value, false, true);
}

/* For pvi_debug_mmu_read_entry(), x86/native_*.S. */
PVOPS_OP_CALL pvops_pte pvi_debug_read(const pvops_pte *entry)
{
    uintptr_t flags = enter();
    pvops_pte value;

    if (find_delayed(open_batch(), entry))
        pvi_panic("mmu rule in-order: the entry at %p is read in the batch "
                  "that stores it",
                  (const void *)entry);
    value = *(const volatile pvops_pte *)entry;
    leave(flags);
    return value;
}

static void take_page(unsigned level, pvops_paddr page, unsigned is)
{
    struct pvi_frame *frame = pvi_debug_frame(page);
    struct batch *batch = open_batch();

    if (batch &&
        (frame->is == PVI_FRAME_RELEASED ||
         find_delayed(batch, pvi_debug_find((uintptr_t)pvops_host_va(page)))))
        send(batch);
    if (frame->is != PVI_FRAME_ORDINARY)
        refuse("given-first", level, page, "it is given twice");
    pvi_debug_protect(page, false);
    if (frame->writable)
        refuse("read-only", level, page, "given, and mapped writable");
    frame->is = is;
}

static const pvops_pte *entries_of(unsigned level, pvops_paddr page)
{
    const pvops_pte *entries = pvops_host_va(page);

    if (!entries)
        refuse("entry-by-op", level, page,
               "pvops_host_va() has none: it cannot be checked");
    return entries;
}

static void take_second(pvops_paddr page)
{
    const pvops_pte *entries = entries_of(PVI_LEVELS, page);

    for (unsigned i = 0; i < PVI_ENTRIES; i++) {
        if (entries[i])
            refuse("root-by-op", PVI_LEVELS, page,
                   "the second page of a root is not zero");
    }
    take_page(PVI_LEVELS, page, PVI_FRAME_SECOND);
}

PVOPS_OP_CALL static void alloc_table(PVOPS_MMU_ORDER(uintptr_t level,
                                                      uintptr_t table))
{
    const bool root = level == PVI_LEVELS;
    struct pvi_place at = { (unsigned)level, table };
    const pvops_pte *entries;
    uintptr_t flags;

    if (level < 1 || level > PVI_LEVELS || table % PVI_PAGE_BYTES)
        refuse("own-level", at.level, table, "no such level or page");
    if (!pvi_debug_frame(table) ||
        (root && !pvi_debug_frame(table + PVI_PAGE_BYTES)))
        return;
    if (pvi_debug_active_root() && !(x86_read_cr0() & X86_CR0_WP))
        refuse("read-only", at.level, table, "CR0.WP is clear");
    flags = enter();
    take_page(at.level, table, at.level);
    if (root)
        take_second(table + PVI_PAGE_BYTES);
    entries = entries_of(at.level, table);
    for (unsigned i = 0; i < PVI_ENTRIES; i++, at.paddr += sizeof(*entries)) {
        if (!entries[i])
            continue;
        pvi_debug_check(&at, entries[i]);
        pvi_debug_count(&at, entries[i]);
    }
    leave(flags);
}

static void check_release(unsigned level, pvops_paddr table)
{
    const struct pvi_frame *frame = pvi_debug_frame(table);

    if (!pvi_debug_is_table(frame))
        refuse("given-first", level, table, "released, and was not given");
    if (frame->is != level)
        refuse("own-level", level, table, "it was given as of another level");
    if (frame->entries)
        refuse("given-first", level, table,
               "released, and entries point to it");
    if (level == PVI_LEVELS &&
        (frame->active || pvi_debug_active_root() == table))
        refuse("root-by-op", level, table, "released, and is an active root");
}

static void release_page(struct batch *batch, pvops_paddr page)
{
    const struct delayed what = { RELEASE, NULL, (uintptr_t)page };

    pvi_debug_frame(page)->is = PVI_FRAME_RELEASED;
    do_or_delay(batch, &what);
}

PVOPS_OP_CALL static void release_table(PVOPS_MMU_ORDER(uintptr_t level,
                                                        uintptr_t table))
{
    const bool root = level == PVI_LEVELS;
    struct pvi_place at = { (unsigned)level, table };
    const pvops_pte *entries;
    struct batch *batch;
    uintptr_t flags;

    if (!pvi_debug_frame(table) ||
        (root && !pvi_debug_frame(table + PVI_PAGE_BYTES)))
        return;
    flags = enter();
    batch = open_batch();
    check_release(at.level, table);
    entries = entries_of(at.level, table);
    for (unsigned i = 0; i < PVI_ENTRIES; i++)
        pvi_debug_uncount(&at, value_of(batch, &entries[i]));
    release_page(batch, table);
    if (root)
        release_page(batch, table + PVI_PAGE_BYTES);
    leave(flags);
}

/* The root that was there at pvops_setup(), a loader's, may come again. */
static pvops_paddr loaders_root;

static void change_active(pvops_paddr root)
{
    pvops_paddr old = pvi_debug_active_root();
    struct pvi_frame *frame = old ? pvi_debug_frame(old) : NULL;

    if (frame && frame->active)
        (void)__atomic_fetch_sub(&frame->active, 1, __ATOMIC_RELAXED);
    frame = pvi_debug_frame(root);
    if (frame)
        (void)__atomic_fetch_add(&frame->active, 1, __ATOMIC_RELAXED);
}

PVOPS_OP_CALL static void write_cr3(uintptr_t value)
{
    uintptr_t flags = enter();
    pvops_paddr root = pvi_debug_address(value);
    const struct pvi_frame *frame = pvi_debug_frame(root);
    struct batch *batch = open_batch();

    if (frame && root != loaders_root && frame->is != PVI_LEVELS)
        refuse(pvi_debug_is_table(frame) ? "root-by-op" : "given-first",
               frame->is, root, "activated, and was not given as a root");
    if (batch) {
        (void)__atomic_fetch_add(&begins_over, batch->depth, __ATOMIC_RELAXED);
        end(batch);
    }
    change_active(root);
    x86_write_cr3(value);
    leave(flags);
}

PVOPS_OP_CALL static void begin_batch(void)
{
    uintptr_t flags = enter();
    struct batch *batch = this_batch();

    if (batch)
        batch->depth++;
    else
        (void)__atomic_fetch_add(&begins_over, 1, __ATOMIC_RELAXED);
    leave(flags);
}

PVOPS_OP_CALL static void end_batch(void)
{
    uintptr_t flags = enter();
    struct batch *batch = open_batch();

    if (!batch) {
        if (!__atomic_load_n(&begins_over, __ATOMIC_RELAXED))
            pvi_panic("mmu rule in-order: end_batch() without begin_batch()");
        (void)__atomic_fetch_sub(&begins_over, 1, __ATOMIC_RELAXED);
    } else if (--batch->depth == 0) {
        end(batch);
    }
    leave(flags);
}

PVOPS_OP_CALL static void flush_range(uintptr_t address, size_t pages)
{
    uintptr_t flags = enter();
    struct batch *batch = open_batch();

    if (!batch) {
        pvi_native_mmu_flush_range(address, pages);
    } else if (batch->flush_pages) {
        batch->flush_all = true;
    } else {
        batch->flush_from = address;
        batch->flush_pages = pages;
    }
    leave(flags);
}

PVOPS_OP_CALL static void flush_page(uintptr_t address)
{
    flush_range(address, 1);
}

PVOPS_OP_CALL static void flush_asid(unsigned asid)
{
    uintptr_t flags = enter();
    struct batch *batch = open_batch();

    if (batch)
        batch->flush_all = true;
    else
        pvi_native_mmu_flush_asid(asid);
    leave(flags);
}

PVOPS_OP_CALL static void flush_all(void)
{
    uintptr_t flags = enter();
    struct batch *batch = open_batch();

    if (batch)
        batch->flush_all = true;
    else
        pvi_native_mmu_flush_all();
    leave(flags);
}

const struct pvi_op pvi_ops_debug[] = {
    PVI_OP(mmu, write_cr3, write_cr3, NULL),
    PVI_OP(mmu, read_entry, pvi_debug_mmu_read_entry, NULL),
    PVI_OP(mmu, write_entry, write_entry, NULL),
    PVI_OP(mmu, write_root, write_root, NULL),
    PVI_OP(mmu, alloc_table, alloc_table, NULL),
    PVI_OP(mmu, release_table, release_table, NULL),
    PVI_OP(mmu, begin_batch, begin_batch, NULL),
    PVI_OP(mmu, end_batch, end_batch, NULL),
    PVI_OP(mmu, flush_page, flush_page, NULL),
    PVI_OP(mmu, flush_range, flush_range, NULL),
    PVI_OP(mmu, flush_asid, flush_asid, NULL),
    PVI_OP(mmu, flush_all, flush_all, NULL),
    PVI_OP(mmu, modify_entry, modify_entry, NULL),
    PVI_OPS_END,
};

void pvi_debug_mmu_setup(void)
{
    pvi_debug_rules_setup();
    begins_over = 0;
    loaders_root = pvi_debug_address(x86_read_cr3());
    pvi.caps &= ~(PVOPS_CAP_LARGE_PAGES | PVOPS_CAP_WRITABLE_TABLES);
    pvi.root_pages = 2;
    pvi_install(pvi_ops_debug, NULL);
    pvi_log(PVOPS_LOG_INFO, "pvops: the rules of mmu.h are checked");
}

#endif
