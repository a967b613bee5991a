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

#include <x86/percpu.h>

_Static_assert(sizeof(struct pvi_xen_batch) <=
                   sizeof(((struct pvops_cpu *)0)->batch_),
               "batch_ is too small");

enum { PAGE_BYTES = 4096, PAGE_BITS = 12 };

/* Where Xen writes how many were done: no call here has a sixth argument. */
#define DONE 5

struct pvi_xen_batch *pvi_xen_boot_batch;

/* Like pvi_xen_pv_write_cr3()'s kept root. */
static struct pvi_xen_batch *this_batch(void)
{
    struct pvops_cpu *cpu;

    if (pvops_mmu_table.read_cr3 != pvi_xen_pv_read_cr3)
        return pvi_xen_boot_batch;
    cpu = pvi_this_cpu();
    return cpu ? pvi_xen_batch(cpu) : NULL;
}

static uintptr_t enter(void)
{
    uintptr_t flags = pvops_irq_table.save_flags();

    pvops_irq_table.disable();
    return flags;
}

static void leave(uintptr_t flags)
{
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
}

/* What is open here, with interrupts off until leave(); NULL, and they stay. */
static struct pvi_xen_batch *open_batch(uintptr_t *out_flags)
{
    struct pvi_xen_batch *batch = this_batch();

    if (!batch || !batch->depth)
        return NULL;
    *out_flags = enter();
    batch = this_batch(); /* perhaps on another CPU by now */
    if (batch->depth)
        return batch;
    leave(*out_flags);
    return NULL;
}

static PVOPS_NORETURN void refuse_update(const struct mmu_update *update,
                                         long result)
{
    pvops_pte value = pvi_xen_pv_entry_value(update->val);
    uint64_t frame = pvi_xen_pv_m2p[update->ptr >> PAGE_BITS];
    const char *rule = "given-first, or read-only";

    if (!(value & X86_PTE_PRESENT))
        rule = "given-first or absent-value";
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
    static const char *const names[] = {
        [MMUEXT_PIN_L4_TABLE] = "a root; rule: read-only, or own-level",
        [MMUEXT_UNPIN_TABLE] = "to release it; rule: given-first",
        [MMUEXT_NEW_BASEPTR] = "to activate it; rule: root-by-op",
        [MMUEXT_NEW_USER_BASEPTR] = "to activate its second page",
    };
    const char *name = "a flush";
    uint64_t paddr = op->arg1.linear_addr;

    if (op->cmd < sizeof(names) / sizeof(names[0]) && names[op->cmd]) {
        name = names[op->cmd];
        paddr = pvi_xen_pv_m2p[op->arg1.mfn] << PAGE_BITS;
    }
    pvi_panic("xen_pv: Xen refuses 0x%llx (-%u) as %s",
              (unsigned long long)paddr, pvi_xen_errno(result), name);
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
        pvi_panic("xen_pv: Xen refuses the kernel stack 0x%llx (-%u)",
                  (unsigned long long)call->args[1], pvi_xen_errno(result));
    }
}

static void add_call(struct pvi_xen_batch *batch, unsigned long number,
                     const void *list, unsigned long count)
{
    struct multicall_entry *call = &batch->call[batch->calls++];

    call->op = number;
    call->args[0] = (uintptr_t)list;
    call->args[1] = count;
    call->args[2] = (uintptr_t)&call->args[DONE];
    call->args[3] = DOMID_SELF;
    call->args[DONE] = 0;
}

/* One more in a list: the last call's, if that is of the same kind. */
static void extend(struct pvi_xen_batch *batch, unsigned long number,
                   const void *item)
{
    struct multicall_entry *last = &batch->call[batch->calls] - 1;

    if (batch->calls && last->op == number)
        last->args[1]++;
    else
        add_call(batch, number, item, 1);
}

static void send(struct pvi_xen_batch *batch)
{
    struct multicall_entry *call = batch->call;
    unsigned calls;
    long result;

    if (batch->pages > PVI_BATCH_PAGES) {
        batch->page[0].cmd = MMUEXT_TLB_FLUSH_LOCAL;
        batch->pages = 1;
    }
    if (batch->pages)
        add_call(batch, __HYPERVISOR_mmuext_op, batch->page, batch->pages);
    calls = batch->calls;
    batch->updates = batch->ops = batch->calls = batch->pages = 0;
    batch->mappings = 0;
    batch->tables = 0;
    if (calls == 1) {
        check(call, pvi_xen_call(call->op, call->args[0], call->args[1],
                                 call->args[2], call->args[3]));
    } else if (calls) {
        result = xen_multicall(call, calls);
        if (result < 0)
            pvi_panic("xen_pv: Xen refuses a multicall (-%u)",
                      pvi_xen_errno(result));
        for (; calls; calls--, call++)
            check(call, (long)call->result);
    }
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

static void put_update(struct pvi_xen_batch *batch, uint64_t machine,
                       uint64_t value)
{
    struct mmu_update *update;

    make_room(batch);
    update = &batch->update[batch->updates++];
    update->ptr = machine;
    update->val = value;
    extend(batch, __HYPERVISOR_mmu_update, update);
}

/* A bit for a table; another may have the same. */
static uint64_t table_bit(uint64_t machine)
{
    return UINT64_C(1) << (machine >> PAGE_BITS) % 64;
}

void pvi_xen_batch_update(uint64_t machine, uint64_t value)
{
    struct pvi_xen_batch *batch;
    uintptr_t flags;

    batch = open_batch(&flags);
    if (!batch) {
        update_at_once(machine, value);
        return;
    }
    put_update(batch, machine, value);
    batch->tables |= table_bit(machine);
    leave(flags);
}

void pvi_xen_batch_map(uint64_t machine, uint64_t value)
{
    struct pvi_xen_batch *batch;
    uintptr_t flags;

    batch = open_batch(&flags);
    if (!batch) {
        update_at_once(machine, value);
        return;
    }
    put_update(batch, machine, value);
    batch->mappings++;
    leave(flags);
}

bool pvi_xen_batch_maps(void)
{
    const struct pvi_xen_batch *batch = this_batch();

    return batch && batch->mappings;
}

bool pvi_xen_batch_settle(uint64_t machine)
{
    struct pvi_xen_batch *batch;
    uintptr_t flags;
    bool found;

    batch = open_batch(&flags);
    if (!batch)
        return false;
    found = (batch->tables & table_bit(machine)) != 0;
    if (found)
        send(batch);
    leave(flags);
    return found;
}

static void do_op(unsigned cmd, uint64_t arg)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg };
    struct pvi_xen_batch *batch;
    uintptr_t flags;
    long result;

    batch = open_batch(&flags);
    if (batch) {
        make_room(batch);
        batch->op[batch->ops] = op;
        extend(batch, __HYPERVISOR_mmuext_op, &batch->op[batch->ops++]);
        leave(flags);
        return;
    }
    result = xen_mmuext_op(&op, 1, NULL);
    if (result < 0)
        refuse_op(&op, result);
}

void pvi_xen_batch_pin(unsigned cmd, uint64_t mfn)
{
    do_op(cmd, mfn);
}

void pvi_xen_batch_flush_all(void)
{
    struct pvi_xen_batch *batch;
    uintptr_t flags;

    batch = open_batch(&flags);
    if (!batch) {
        do_op(MMUEXT_TLB_FLUSH_LOCAL, 0);
        return;
    }
    batch->pages = PVI_BATCH_PAGES + 1;
    leave(flags);
}

static void flush_one(uintptr_t address)
{
    struct pvi_xen_batch *batch;
    uintptr_t flags;

    batch = open_batch(&flags);
    if (!batch) {
        do_op(MMUEXT_INVLPG_LOCAL, address);
        return;
    }
    if (batch->pages < PVI_BATCH_PAGES) {
        batch->page[batch->pages].cmd = MMUEXT_INVLPG_LOCAL;
        batch->page[batch->pages].arg1.linear_addr = address;
    }
    if (batch->pages <= PVI_BATCH_PAGES)
        batch->pages++;
    leave(flags);
}

void pvi_xen_batch_flush(uintptr_t address, size_t pages)
{
    if (pages == 1) {
        flush_one(address);
        return;
    }
    if (pages > PVI_BATCH_PAGES) {
        pvi_xen_batch_flush_all();
        return;
    }
    pvi_xen_pv_begin_batch();
    for (; pages; pages--, address += PAGE_BYTES)
        flush_one(address);
    pvi_xen_pv_end_batch();
}

void pvi_xen_batch_kernel_stack(uintptr_t ss, uintptr_t stack)
{
    struct multicall_entry one = {
        .op = __HYPERVISOR_stack_switch,
        .args = { ss, stack },
    };
    struct pvi_xen_batch *batch;
    uintptr_t flags;

    batch = open_batch(&flags);
    if (batch) {
        make_room(batch);
        batch->call[batch->calls++] = one;
        leave(flags);
        return;
    }
    check(&one, xen_stack_switch(ss, stack));
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

    if (batch && batch->depth) {
        make_room(batch);
        add_call(batch, __HYPERVISOR_mmuext_op, ops, 2);
        send(batch);
        batch->depth = 0;
        return;
    }
    result = xen_mmuext_op(ops, 2, &done);
    if (result < 0)
        refuse_op(&ops[done], result);
}

PVOPS_OP_CALL void pvi_xen_pv_begin_batch(void)
{
    uintptr_t flags = enter();
    struct pvi_xen_batch *batch = this_batch();

    if (batch)
        batch->depth++;
    leave(flags);
}

PVOPS_OP_CALL void pvi_xen_pv_end_batch(void)
{
    uintptr_t flags = enter();
    struct pvi_xen_batch *batch = this_batch();

    if (batch && batch->depth && --batch->depth == 0)
        send(batch);
    leave(flags);
}

#endif
