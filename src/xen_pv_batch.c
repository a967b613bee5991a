/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls for page tables, one by one or in a batch as few.
 *
 * Of a batch one list is kept for each kind, and the order among them: entries
 * that follow each other are one mmu_update, several hypercalls one multicall.
 * Flushes go last, so that they part nothing: until the end of a batch no
 * translation need be forgotten.
 *
 * Interrupts are off while something is put in or sent: a handler may change
 * to another process, whose write_cr3 sends it all.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, HYPERVISOR_multicall;
 *         xen/common/multicall.c (a call that fails does not end the list).
 */
#include "xen_pv_batch.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "x86/xen_hypercall.h"
#include "x86/xen_mask.h"

#include <x86/percpu.h>

_Static_assert(sizeof(struct pvi_xen_batch) <=
                   sizeof(((struct pvops_cpu *)0)->batch_),
               "batch_ is too small");

enum {
    PAGE_BYTES = 4096,
    PAGE_BITS = 12,
    /*
     * Fewer calls are made one by one: Xen 4.17 executes about 200 instructions
     * for each that is in a list, as many as for a hypercall's way in and out,
     * and the list's own way comes on top (docs/results.md).
     */
    MULTICALL_LEAST = 3,
};

/* Where Xen writes how many were done: no call here has a sixth argument. */
#define DONE 5

/* On the way of every entry. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * NULL: none. So it is where vcpu_info is not the library's, too: events are
 * not masked by the segment there.
 */
ALWAYS_INLINE struct pvi_xen_batch *this_batch(void)
{
    struct pvops_cpu *cpu;

    if (!pvi_xen_pv_by_segment)
        return NULL;
    cpu = pvi_this_cpu();
    return cpu ? pvi_xen_batch(cpu) : NULL;
}

ALWAYS_INLINE void leave(bool were_masked)
{
    if (!were_masked)
        pvi_xen_pv_enable();
}

/* What is open here, with interrupts off until leave(); NULL, and they stay. */
ALWAYS_INLINE struct pvi_xen_batch *open_inline(bool *out_were_masked)
{
    struct pvi_xen_batch *batch = this_batch();

    if (!batch || !batch->depth)
        return NULL;
    *out_were_masked = x86_xen_mask_own();
    batch = pvi_xen_batch(pvi_this_cpu()); /* perhaps of another CPU by now */
    if (batch->depth)
        return batch;
    leave(*out_were_masked);
    return NULL;
}

static struct pvi_xen_batch *open_batch(bool *out_were_masked)
{
    return open_inline(out_were_masked);
}

/* Busy: it shall be writable, and is a table. */
static PVOPS_NORETURN void refuse_update(const struct mmu_update *update,
                                         long result)
{
    pvops_pte value = pvi_xen_pv_entry_value(update->val);
    uint64_t frame = pvi_xen_pv_m2p[update->ptr >> PAGE_BITS];
    const char *rule = "given-first, read-only or own-level";

    if (result == -XEN_EBUSY)
        rule = "read-only, given-first or root-by-op";
    else if (value & (X86_PTE_LARGE | X86_PTE_GLOBAL))
        rule = "small-page";
    else if (value & PVOPS_PTE_MACHINE)
        rule = "ram-or-device";
    pvi_panic("xen_pv: Xen refuses 0x%llx for the entry at 0x%llx (-%u); "
              "rule: %s",
              (unsigned long long)value,
              (unsigned long long)(frame << PAGE_BITS |
                                   (update->ptr & (PAGE_BYTES - 8))),
              pvi_xen_errno(result), rule);
}

static PVOPS_NORETURN void refuse_op(const struct mmuext_op *op, long result)
{
    uint64_t paddr = op->arg1.linear_addr;
    const char *as = "for a flush";

    if (op->cmd < MMUEXT_TLB_FLUSH_LOCAL || op->cmd > MMUEXT_INVLPG_ALL) {
        paddr = pvi_xen_pv_m2p[op->arg1.mfn] << PAGE_BITS;
        as = op->cmd == MMUEXT_PIN_L4_TABLE
                 ? "as a root; rule: read-only or own-level"
                 : "as a root to activate or release; rule: root-by-op";
    }
    pvi_panic("xen_pv: Xen refuses 0x%llx (-%u) %s", (unsigned long long)paddr,
              pvi_xen_errno(result), as);
}

static PVOPS_NORETURN void refuse_stack(uintptr_t stack, long result)
{
    pvi_panic("xen_pv: Xen refuses the kernel stack 0x%llx (-%u)",
              (unsigned long long)stack, pvi_xen_errno(result));
}

static void check(const struct multicall_entry *call, long result)
{
    if (result >= 0)
        return;
    switch (call->op) {
    case __HYPERVISOR_mmu_update:
        refuse_update((const struct mmu_update *)call->args[0] +
                          (unsigned)call->args[DONE],
                      result);
    case __HYPERVISOR_mmuext_op:
        refuse_op((const struct mmuext_op *)call->args[0] +
                      (unsigned)call->args[DONE],
                  result);
    default:
        refuse_stack(call->args[1], result);
    }
}

/* Without a list (stack_switch) two arguments, and two that nobody reads. */
static struct multicall_entry *add_call(struct pvi_xen_batch *batch,
                                        unsigned long number, const void *list,
                                        unsigned long count)
{
    struct multicall_entry *call = &batch->call[batch->calls++];

    batch->length = NULL;
    call->op = number;
    call->args[0] = (uintptr_t)list;
    call->args[1] = count;
    call->args[2] = (uintptr_t)&call->args[DONE];
    call->args[3] = DOMID_SELF;
    call->args[DONE] = 0;
    return call;
}

static void send(struct pvi_xen_batch *batch)
{
    struct multicall_entry *call = batch->call;
    unsigned calls;
    long result;

    if (batch->pages > PVI_BATCH_PAGES) {
        batch->page[0].cmd =
            batch->everywhere ? MMUEXT_TLB_FLUSH_ALL : MMUEXT_TLB_FLUSH_LOCAL;
        batch->pages = 1;
    }
    if (batch->pages)
        (void)add_call(batch, __HYPERVISOR_mmuext_op, batch->page,
                       batch->pages);
    calls = batch->calls;
    batch->updates = batch->ops = batch->calls = batch->pages = 0;
    batch->everywhere = batch->mappings = false;
    batch->tables = 0;
    batch->length = NULL;
    if (calls >= MULTICALL_LEAST) {
        result = xen_multicall(call, calls);
        if (result < 0)
            pvi_panic("xen_pv: Xen refuses a multicall (-%u)",
                      pvi_xen_errno(result));
        for (; calls; calls--, call++)
            check(call, (long)call->result);
    }
    for (; calls; calls--, call++)
        check(call, pvi_xen_call(call->op, call->args[0], call->args[1],
                                 call->args[2], call->args[3]));
}

/* Room for a call more, and one more in each list. */
static void make_room(struct pvi_xen_batch *batch)
{
    if (batch->calls == PVI_BATCH_CALLS ||
        batch->updates == PVI_BATCH_UPDATES || batch->ops == PVI_BATCH_OPS)
        send(batch);
}

static void update_at_once(uint64_t machine, uint64_t value)
{
    struct mmu_update one = { .ptr = machine, .val = value };
    long result = xen_mmu_update(&one, 1, NULL);

    if (result < 0)
        refuse_update(&one, result);
}

static __attribute__((noinline)) void begin_updates(struct pvi_xen_batch *batch)
{
    make_room(batch);
    if (!batch->length)
        batch->length = &add_call(batch, __HYPERVISOR_mmu_update,
                                  &batch->update[batch->updates], 0)
                             ->args[1];
}

/* False: there is no batch. */
ALWAYS_INLINE bool put_update(uint64_t machine, uint64_t value, uint64_t table)
{
    struct pvi_xen_batch *batch;
    struct mmu_update *update;
    bool were_masked;

    batch = open_inline(&were_masked);
    if (!batch)
        return false;
    if (!batch->length || batch->updates == PVI_BATCH_UPDATES)
        begin_updates(batch);
    update = &batch->update[batch->updates++];
    update->ptr = machine;
    update->val = value;
    ++*batch->length;
    if (table)
        batch->tables |= table;
    else
        batch->mappings = true;
    leave(were_masked);
    return true;
}

void pvi_xen_batch_update(pvops_paddr paddr, unsigned how, uint64_t value)
{
    uint64_t machine = (pvi_xen_pv_mfn(paddr >> PAGE_BITS) << PAGE_BITS) |
                       paddr % PAGE_BYTES | how;

    if (!put_update(machine, value, pvi_xen_batch_bit(paddr)))
        update_at_once(machine, value);
}

static void do_op(unsigned cmd, uint64_t arg)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg };
    struct multicall_entry *last;
    struct pvi_xen_batch *batch;
    bool were_masked;
    long result;

    batch = open_batch(&were_masked);
    if (!batch) {
        result = xen_mmuext_op(&op, 1, NULL);
        if (result < 0)
            refuse_op(&op, result);
        return;
    }
    make_room(batch);
    last = batch->calls ? &batch->call[batch->calls - 1] : NULL;
    batch->op[batch->ops] = op;
    if (last && last->op == __HYPERVISOR_mmuext_op)
        last->args[1]++;
    else
        (void)add_call(batch, __HYPERVISOR_mmuext_op, &batch->op[batch->ops],
                       1);
    batch->ops++;
    leave(were_masked);
}

static void flush_one(uintptr_t address, bool everywhere)
{
    unsigned cmd = everywhere ? MMUEXT_INVLPG_ALL : MMUEXT_INVLPG_LOCAL;
    struct pvi_xen_batch *batch;
    bool were_masked;

    batch = open_batch(&were_masked);
    if (!batch) {
        do_op(cmd, address);
        return;
    }
    batch->everywhere |= everywhere;
    if (batch->pages < PVI_BATCH_PAGES) {
        batch->page[batch->pages].cmd = cmd;
        batch->page[batch->pages].arg1.linear_addr = address;
    }
    if (batch->pages <= PVI_BATCH_PAGES)
        batch->pages++;
    leave(were_masked);
}

/*
 * By address Xen changes one entry, and forgets its translation, at once.
 * Where the entry is read-only from now on Xen sees to the TLB itself, before
 * it takes the page for a table; a store to one that a TLB has as read-only
 * would fault, on whichever VCPU.
 */
void pvi_xen_batch_map(uintptr_t va, uint64_t machine, uint64_t value)
{
    struct mmu_update one = { .ptr = machine, .val = value };
    bool flush = (value & X86_PTE_WRITE) != 0;
    long result;

    if (put_update(machine, value, 0)) {
        if (flush)
            flush_one(va, pvi_xen.several);
        return;
    }
    result = xen__update_va_mapping(
        va, value, !flush ? 0 : UVMF_INVLPG | (pvi_xen.several ? UVMF_ALL : 0));
    if (result < 0)
        refuse_update(&one, result);
}

bool pvi_xen_batch_maps(void)
{
    const struct pvi_xen_batch *batch = this_batch();

    return batch && batch->mappings;
}

bool pvi_xen_batch_settle(uint64_t tables)
{
    struct pvi_xen_batch *batch = this_batch();
    bool were_masked;

    if (!batch || !(batch->tables & tables))
        return false;
    were_masked = x86_xen_mask_own();
    send(pvi_xen_batch(pvi_this_cpu()));
    leave(were_masked);
    return true;
}

void pvi_xen_batch_pin(unsigned cmd, uint64_t mfn)
{
    do_op(cmd, mfn);
}

void pvi_xen_batch_flush_all(void)
{
    struct pvi_xen_batch *batch;
    bool were_masked;

    batch = open_batch(&were_masked);
    if (!batch) {
        do_op(MMUEXT_TLB_FLUSH_LOCAL, 0);
        return;
    }
    batch->pages = PVI_BATCH_PAGES + 1;
    leave(were_masked);
}

void pvi_xen_batch_flush(uintptr_t address, size_t pages)
{
    if (pages == 1) {
        flush_one(address, false);
        return;
    }
    if (pages > PVI_BATCH_PAGES) {
        pvi_xen_batch_flush_all();
        return;
    }
    pvi_xen_pv_begin_batch();
    for (; pages; pages--, address += PAGE_BYTES)
        flush_one(address, false);
    pvi_xen_pv_end_batch();
}

/*
 * Each op would be an interrupt of its own to the processors: several pages are
 * all. Xen reads 'cpus' as far as the domain may have VCPUs.
 */
void pvi_xen_batch_flush_cpus(const struct pvops_cpus *cpus, uintptr_t address,
                              size_t pages)
{
    bool all = !cpus || pvi_xen.many;
    struct mmuext_op op = {
        .arg1.linear_addr = address,
        .arg2.vcpumask = cpus ? cpus->words : NULL,
    };
    struct pvi_xen_batch *batch;
    bool were_masked;
    long result;

    if (pages == 1)
        op.cmd = all ? MMUEXT_INVLPG_ALL : MMUEXT_INVLPG_MULTI;
    else
        op.cmd = all ? MMUEXT_TLB_FLUSH_ALL : MMUEXT_TLB_FLUSH_MULTI;
    batch = open_batch(&were_masked);
    if (batch && (batch->calls || batch->pages)) {
        make_room(batch);
        (void)add_call(batch, __HYPERVISOR_mmuext_op, &op, 1);
        send(batch);
        leave(were_masked);
        return;
    }
    if (batch)
        leave(were_masked);
    result = xen_mmuext_op(&op, 1, NULL);
    if (result < 0)
        refuse_op(&op, result);
}

/* If nothing waits, there is no list to be in. */
void pvi_xen_batch_kernel_stack(uintptr_t ss, uintptr_t stack)
{
    struct pvi_xen_batch *batch = this_batch();
    struct multicall_entry *call;
    bool were_masked;
    long result;

    if (!batch || !batch->calls || !(batch = open_batch(&were_masked))) {
        result = xen_stack_switch(ss, stack);
        if (result < 0)
            refuse_stack(stack, result);
        return;
    }
    make_room(batch);
    call = add_call(batch, __HYPERVISOR_stack_switch, NULL, stack);
    call->args[0] = ss;
    leave(were_masked);
}

void pvi_xen_batch_root(uint64_t mfn, uint64_t user_mfn)
{
    const struct mmuext_op ops[] = {
        { .cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = mfn },
        { .cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = user_mfn },
    };
    struct pvi_xen_batch *batch = this_batch();
    unsigned done = 0;
    long result;

    if (batch) {
        batch->depth = 0;
        if (batch->calls || batch->pages) {
            make_room(batch);
            (void)add_call(batch, __HYPERVISOR_mmuext_op, ops, 2);
            send(batch);
            return;
        }
    }
    result = xen_mmuext_op(ops, 2, &done);
    if (result < 0)
        refuse_op(&ops[done], result);
}

PVOPS_OP_CALL void pvi_xen_pv_begin_batch(void)
{
    bool were_masked;

    if (!this_batch())
        return;
    were_masked = x86_xen_mask_own();
    pvi_xen_batch(pvi_this_cpu())->depth++;
    leave(were_masked);
}

PVOPS_OP_CALL void pvi_xen_pv_end_batch(void)
{
    struct pvi_xen_batch *batch;
    bool were_masked;

    batch = open_batch(&were_masked);
    if (!batch)
        return;
    if (--batch->depth == 0)
        send(batch);
    leave(were_masked);
}

#endif
