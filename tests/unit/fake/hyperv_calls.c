/* SPDX-License-Identifier: MIT */
/*
 * The hypercalls of the model's Hyper-V. What the specification calls invalid,
 * and a call whose bit is not set, fails the test. A flush takes no more than
 * it must: of one address space nothing on a VP that is in another, global
 * translations only if it is for all address spaces.
 */
#include <x86/hyperv_call.h>
#include <x86/system.h>

#include <string.h>

#include "cpu_private.h"
#include "hyperv_model.h"
#include "pvtest.h"
#include "tlb.h"

#include "abi/hyperv_hypercall.h"

enum { WORDS = 512, ASIDS = 16 };

/* One hypercall: its input value, its parts, and its operands. */
struct call {
    uint64_t control;
    unsigned code, reps, start, varhead;
    bool fast;
    const uint64_t *in;
    uint64_t registers[2];
};

static void need(uint32_t leaf, uint32_t bit, const char *what)
{
    const struct x86_cpuid *r = fake_leaf_at(leaf);

    if (!((leaf == 0x40000003 ? r->ebx : r->eax) & bit))
        FAIL("a hypercall without %s", what);
}

/* The VP with this index, by its number here. */
static unsigned vp_of(uint32_t index)
{
    for (unsigned i = 0; i < FAKE_VPS; i++) {
        if (fake_hyperv.vp_index[i] == index)
            return i;
    }
    FAIL("a hypercall names VP %u, which is not there", index);
}

static unsigned in_mask(uint64_t mask, unsigned first)
{
    unsigned vps = 0;

    for (unsigned bit = 0; bit < 64; bit++) {
        if (mask >> bit & 1)
            vps |= 1u << vp_of(first + bit);
    }
    return vps;
}

/* 'words' long, of which 'varhead' are banks. A bit for each VP's number. */
static unsigned in_set(const struct call *c, const uint64_t *set)
{
    unsigned n = 0, vps = 0;

    need(0x40000004, HV_EX_PROCESSOR_MASKS_RECOMMENDED, "EX_PROCESSOR_MASKS");
    if (set[0] != HV_VP_SET_SPARSE_4K)
        FAIL("a set of format %u", (unsigned)set[0]);
    for (unsigned bank = 0; bank < HV_VP_SET_BANKS; bank++) {
        if (!(set[1] >> bank & 1))
            continue;
        if (!set[2 + n])
            FAIL("bank %u is valid and empty", bank);
        vps |= in_mask(set[2 + n++], bank * HV_VP_SET_BANK_VPS);
    }
    if (n != c->varhead)
        FAIL("%u banks, a variable header of %u", n, c->varhead);
    return vps;
}

static void send(unsigned vps, uint64_t vector)
{
    if (vector < 16 || vector > 255)
        FAIL("an IPI with vector 0x%llx", (unsigned long long)vector);
    if (!vps)
        FAIL("an IPI to nobody");
    for (unsigned i = 0; i < FAKE_VPS; i++) {
        if (vps >> i & 1)
            fake_hyperv_raise(i, (unsigned)vector);
    }
}

static void flush_page(uint64_t va)
{
    fake_tlb_invlpg(va);
    if (!fake_tlb.cpus[fake_tlb.cpu].pcide)
        return;
    for (unsigned asid = 0; asid < ASIDS; asid++)
        fake_tlb_invpcid(INVPCID_ADDRESS, asid, va);
}

static void flush_vp(const struct call *c, uint64_t space, uint64_t flags,
                     const uint64_t *list)
{
    bool here = fake_tlb.cpus[fake_tlb.cpu].root == space;

    if (c->reps) {
        unsigned end = fake_hyperv.reps_at_once &&
                               c->start + fake_hyperv.reps_at_once < c->reps
                           ? c->start + fake_hyperv.reps_at_once
                           : c->reps;

        if (!(flags & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES))
            FAIL("a list for one address space: global ones may stay");
        for (unsigned i = c->start; i < end; i++) {
            uint64_t va = list[i] & ~(uint64_t)0xfff;

            for (unsigned page = 0; page <= (list[i] & 0xfff); page++)
                flush_page(va + page * UINT64_C(4096));
        }
    } else if (flags & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES) {
        fake_tlb_invpcid(flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY
                             ? INVPCID_NOT_GLOBAL
                             : INVPCID_ALL,
                         0, 0);
    } else if (here) {
        fake_tlb_invpcid(INVPCID_NOT_GLOBAL, 0, 0);
    }
}

static void flush(const struct call *c, bool ex, bool list)
{
    const uint64_t *in = c->in;
    unsigned head = ex ? 4 + c->varhead : 3, running = fake_tlb.cpu, vps;
    uint64_t flags = in[1];

    need(0x40000004, HV_REMOTE_TLB_FLUSH_RECOMMENDED, "REMOTE_TLB_FLUSH");
    fake_hyperv.flush_flags = flags;
    if (flags & ~(uint64_t)(list ? 3 : 7))
        FAIL("flush flags 0x%llx", (unsigned long long)flags);
    if (list != (c->reps != 0) || head + c->reps > WORDS)
        FAIL("%u reps, header of %u words", c->reps, head);
    if (!ex && c->varhead)
        FAIL("a variable header in a plain form");
    if (in[0] & 0xfff || in[0] >> 52)
        FAIL("address space 0x%llx", (unsigned long long)in[0]);
    vps = flags & HV_FLUSH_ALL_PROCESSORS ? (1u << FAKE_VPS) - 1
          : ex                            ? in_set(c, in + 2)
                                          : in_mask(in[2], 0);
    if (!vps)
        FAIL("a flush of nobody");
    for (unsigned i = 0; i < FAKE_VPS; i++) {
        fake_tlb.cpu = i;
        if (vps >> i & 1)
            flush_vp(c, in[0], flags, in + head);
    }
    fake_tlb.cpu = running;
}

static void start_vp(const struct call *c)
{
    struct hv_start_vp start;

    need(0x40000003, HV_START_VIRTUAL_PROCESSOR, "START_VP");
    memcpy(&start, c->in, sizeof(start));
    if (start.partition != HV_PARTITION_ID_SELF || start.vtl)
        FAIL("another partition's VP is started");
    vp_of(start.vp);
    fake_hyperv.started_vp = start.vp;
    fake_hyperv.started = start.context;
}

/* The model's VPs have as APIC id what their number is. */
static void get_vp_index(const struct call *c, uint64_t out)
{
    const uint32_t *ids = (const uint32_t *)(c->in + 2);
    uint32_t *indexes =
        (uint32_t *)(void *)((char *)fake_page_at(out & ~(uint64_t)0xfff) +
                             (out & 0xfff));

    need(0x40000003, HV_START_VIRTUAL_PROCESSOR, "START_VP");
    if (c->in[0] != HV_PARTITION_ID_SELF || c->in[1] || !c->reps)
        FAIL("VP index of an APIC id: invalid operands");
    if ((out & 0xfff) < 16 + 4 * c->reps || out & 7)
        FAIL("output over the input, or not aligned");
    for (unsigned i = 0; i < c->reps; i++) {
        if (ids[i] >= FAKE_VPS)
            FAIL("there is no APIC id %u", ids[i]);
        indexes[i] = fake_hyperv.vp_index[ids[i]];
    }
}

static void serve(const struct call *c, uint64_t out)
{
    switch (c->code) {
    case HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE:
    case HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST:
        flush(c, false, c->code == HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST);
        return;
    case HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX:
    case HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX:
        flush(c, true, c->code == HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX);
        return;
    case HVCALL_NOTIFY_LONG_SPIN_WAIT:
        if (fake_leaf_at(0x40000004)->ebx - 1 >= UINT32_MAX - 1)
            FAIL("a long wait is told to who does not want to know");
        fake_hyperv.long_spin = c->in[0];
        return;
    case HVCALL_SEND_IPI:
        need(0x40000004, HV_CLUSTER_IPI_RECOMMENDED, "CLUSTER_IPI");
        send(in_mask(c->in[1], 0), c->in[0]);
        return;
    case HVCALL_SEND_IPI_EX:
        need(0x40000004, HV_CLUSTER_IPI_RECOMMENDED, "CLUSTER_IPI");
        send(in_set(c, c->in + 1), c->in[0]);
        return;
    case HVCALL_START_VP:
        start_vp(c);
        return;
    case HVCALL_GET_VP_INDEX_FROM_APIC_ID:
        get_vp_index(c, out);
        return;
    }
    FAIL("hypercall 0x%x is not in the model", c->code);
}

static uint64_t hypercall(bool vmmcall, uint64_t control, uint64_t in,
                          uint64_t out)
{
    struct call c = {
        .control = control,
        .code = control & 0xffff,
        .reps = control >> HV_HYPERCALL_REPS_SHIFT & HV_HYPERCALL_REPS_MASK,
        .start =
            control >> HV_HYPERCALL_REP_START_SHIFT & HV_HYPERCALL_REPS_MASK,
        .varhead = control >> HV_HYPERCALL_VARHEAD_SHIFT & 0x1ff,
        .fast = control & HV_HYPERCALL_FAST,
        .registers = { in, out },
    };
    uint64_t done = c.reps;

    fake_spend(fake.exit_ps);
    if (vmmcall != fake_hyperv.amd)
        FAIL("the other vendor's hypercall: #UD");
    if (!fake_hyperv.hypercall)
        FAIL("a hypercall without a page");
    if (control & 0xf000f000fc000000 || c.code > 0xff ||
        (c.reps ? c.start >= c.reps : c.start))
        FAIL("hypercall 0x%llx: reserved bits, or reps",
             (unsigned long long)control);
    fake_hyperv.calls[c.code]++;
    if (fake_hyperv.refuse[c.code])
        return fake_hyperv.refuse[c.code];
    if (!c.fast && fake_system.interrupts)
        FAIL("interrupts are on: a handler could change the operands");
    if (!c.fast && in & 7)
        FAIL("operands at 0x%llx", (unsigned long long)in);
    c.in = c.fast ? c.registers : (const uint64_t *)fake_page_at(in);
    serve(&c, out);
    if (fake_hyperv.reps_at_once && c.start + fake_hyperv.reps_at_once < done)
        done = c.start + fake_hyperv.reps_at_once;
    return done << HV_HYPERCALL_REPS_SHIFT;
}

uint64_t x86_hyperv_vmcall(uint64_t control, uint64_t in, uint64_t out)
{
    return hypercall(false, control, in, out);
}

uint64_t x86_hyperv_vmmcall(uint64_t control, uint64_t in, uint64_t out)
{
    return hypercall(true, control, in, out);
}
