/* SPDX-License-Identifier: MIT */
/*
 * Several VCPUs of a PV domain: begun, down, up again; what they forget; events
 * from one to another; a wait that another ends.
 *
 * Tried: the lowest of a set left out of the mask: each_of_set and batch_first
 *        fail; MMUEXT_INVLPG_LOCAL sent: many, too. What waits in a batch not
 *        sent before: batch_first. pvi_xen.several not looked at in
 *        pvi_xen_batch_map(), at once or in a batch, or 'everywhere' not in
 *        send(): released. pvi_xen.many not looked at: many ends the program. A
 *        root's second page not given: begun. -XEN_EEXIST an error: again;
 *        'starting' not set: it ends the program. No wait until it is down:
 *        again and errors. The mask of a zeroed area left at 0, or the new root
 *        not activated: again. A port not closed in teardown, bound for VCPU 0,
 *        or left masked, and 'several' not set: ports. A vector kept without a
 *        port: no_port.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <stdlib.h>

#include <x86/percpu.h>
#include <x86/system.h>
#include <x86/xen_down.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "tlb.h"
#include "xen.h"
#include "xen_pv_batch.h"
#include "xen_pv_machine.h"

#include "abi/x86.h"

#define xen fake_xen_model

enum {
    PAGE = PV_PAGE,
    FIRST = 64,
    PAGES = 4,
    OLD = 5,
    NEW = 6, /* frames */
    ROOT_2 = 8,
    TABLE = 12,
    EVENT_1 = 0x61,
    IPI_0 = 0x70,
    FLUSH = 0x7f,
};

static uintptr_t va_of(unsigned page)
{
    return pv_va(FIRST + page);
}

static void store_all(unsigned frame)
{
    for (unsigned i = 0; i < PAGES; i++)
        pvops_mmu_write_entry(&pv_table(4)[FIRST + i],
                              (pvops_pte)frame << 12 | 3);
}

/* On 'cpu': a bit for each page that it sees where it is now. */
static unsigned seen_new(unsigned cpu)
{
    unsigned running = fake_tlb.cpu, seen = 0;
    uint64_t paddr;

    fake_tlb.cpu = cpu;
    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT(fake_tlb_access(va_of(i), FAKE_READ, &paddr));
        if (paddr >> 12 == fake_xen_mfn(NEW))
            seen |= 1u << i;
    }
    fake_tlb.cpu = running;
    return seen;
}

static struct pvops_cpu_options options_of(unsigned index)
{
    return (struct pvops_cpu_options){
        .index = index,
        .deadline_vector = EVENT_1,
        .event_vector = EVENT_1,
        .ipi_vectors = { IPI_0, IPI_0 + 1, 0, IPI_0 + 3 },
        .flush_vector = FLUSH,
    };
}

static void begin(void)
{
    pv_machine();
    pc.cpu_options = options_of(0);
    pv_gate(EVENT_1, (uintptr_t)pv_stub, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    pv_start();
    pvi.stage = PVI_STAGE_SEALED;
    pv_table(ROOT_2)[0] = pv_table(1)[0];
    pvops_mmu_alloc_table(4, ROOT_2 * PAGE);
    fake_tlb_reset(4, 9, pv_read_entry);
    store_all(OLD);
    for (unsigned cpu = FAKE_TLB_CPUS; cpu-- > 0;) {
        fake_tlb.cpu = cpu;
        fake_tlb_write_cr4(X86_CR4_PGE);
        fake_tlb_write_cr3(fake_system.cr3);
        EXPECT_EQ(0, seen_new(cpu));
    }
}

static struct pvops_cpus set_of(unsigned bits)
{
    return (struct pvops_cpus){ { bits } };
}

static void flush(unsigned op, const struct pvops_cpus *cpus)
{
    switch (op) {
    case 0:
        pvops_smp_flush_range(cpus, pvops_mmu_read_cr3(), va_of(0), 1);
        break;
    case 1:
        pvops_smp_flush_range(cpus, pvops_mmu_read_cr3(), va_of(0), 2);
        break;
    case 2:
        pvops_smp_flush_space(cpus, pvops_mmu_read_cr3());
        break;
    default:
        pvops_smp_flush_all(cpus);
        break;
    }
}

enum { OPS = 4, ALL = (1u << PAGES) - 1 };
static const unsigned taken_by[OPS] = { 1, ALL, ALL, ALL };

PVTEST(each_of_set, "each VCPU of a set forgets, and no other")
{
    for (unsigned op = 0; op < OPS; op++) {
        for (unsigned bits = 0; bits < 1u << FAKE_TLB_CPUS; bits++) {
            struct pvops_cpus cpus = set_of(bits);

            begin();
            store_all(NEW);
            flush(op, &cpus);
            for (unsigned cpu = 0; cpu < FAKE_TLB_CPUS; cpu++)
                EXPECT_EQ(bits >> cpu & 1 ? taken_by[op] : 0, seen_new(cpu));
        }
        begin();
        store_all(NEW);
        flush(op, NULL);
        for (unsigned cpu = 0; cpu < FAKE_TLB_CPUS; cpu++)
            EXPECT_EQ(taken_by[op], seen_new(cpu));
    }
}

PVTEST(batch_first, "what waits in a batch is done before; the batch goes on")
{
    struct pvops_cpus cpus = set_of(6);

    for (unsigned op = 0; op < OPS; op++) {
        begin();
        pvops_mmu_begin_batch();
        store_all(NEW);
        flush(op, &cpus);
        EXPECT_EQ(0, seen_new(0));
        EXPECT_EQ(taken_by[op], seen_new(1));
        EXPECT_EQ(taken_by[op], seen_new(2));
        EXPECT_EQ(0, seen_new(3));
        EXPECT_EQ(1, pvi_xen_batch(&pc.cpu)->depth);
        pvops_mmu_end_batch();
    }
}

PVTEST(many, "more VCPUs than a set has bits: Xen would read beyond it")
{
    struct pvops_cpus *cpus = malloc(sizeof(*cpus));

    begin();
    *cpus = set_of(2);
    EXPECT(!pvi_xen.many);
    pv_machine();
    xen.vcpus = PVOPS_MAX_CPUS + 1;
    pv_start();
    EXPECT(pvi_xen.many);
    pvops_smp_flush_all(cpus);
    pvops_smp_flush_range(cpus, 0, va_of(0), 1);
    EXPECT_EQ(2, xen.remote_flushes);
    free(cpus);
}

/* The page of a table, seen read-only by another VCPU; then none any more. */
static bool written_by(unsigned cpu)
{
    unsigned running = fake_tlb.cpu;
    uint64_t paddr;
    bool ok;

    fake_tlb.cpu = cpu;
    ok = fake_tlb_access((uintptr_t)pv_memory[TABLE], FAKE_WRITE, &paddr);
    fake_tlb.cpu = running;
    return ok;
}

PVTEST(released, "a page that is no table any more is writable on every VCPU")
{
    for (unsigned in_batch = 0; in_batch < 3; in_batch++) {
        begin();
        pvi_xen.several = true;
        pvops_mmu_alloc_table(1, TABLE * PAGE);
        for (unsigned cpu = 0; cpu < FAKE_TLB_CPUS; cpu++)
            EXPECT(!written_by(cpu));
        if (in_batch)
            pvops_mmu_begin_batch();
        pvops_mmu_release_table(1, TABLE * PAGE);
        /* More than the list has places for. */
        for (unsigned i = 0; in_batch == 2 && i < PVI_BATCH_PAGES; i++)
            pvops_mmu_flush_page(va_of(0));
        if (in_batch)
            pvops_mmu_end_batch();
        for (unsigned cpu = 0; cpu < FAKE_TLB_CPUS; cpu++)
            EXPECT(written_by(cpu));
    }
}

/* The library knows for good which run: each test has one of its own. */
static unsigned vcpu;
static bool going_down; /* it has said so, and is not yet */
static jmp_buf out;
static unsigned entries;
static void *entered_with;

static void leave_vcpu(void)
{
    longjmp(out, 1);
}

static void entry(void *argument)
{
    entries++;
    entered_with = argument;
    leave_vcpu();
}

static struct pvops_start start_of(unsigned index)
{
    vcpu = index;
    return (struct pvops_start){
        .index = index,
        .entry = entry,
        .argument = &entries,
        .stack = 0x70000,
        .root = ROOT_2 * PAGE,
        .percpu_base = (uintptr_t)pv_cpu_1,
    };
}

/* pvops_smp_start() waits for the VCPU, which comes when the model lets it. */
static void come(void)
{
    void (*to)(unsigned ticket) =
        (void (*)(unsigned))xen.context.pv.user_regs.rip;

    if (going_down && xen.yields > 2)
        going_down = xen.up[vcpu] = false;
    if (going_down || !xen.up[vcpu] || entries || xen.running)
        return;
    pv_run_vcpu(vcpu, pv_cpu_1);
    fake.at_hlt = leave_vcpu;
    if (!setjmp(out)) {
        if (fake_xen_down.begin)
            fake_xen_come_back();
        else
            to((unsigned)xen.context.pv.user_regs.rdi);
    }
    pv_run_vcpu(0, &pc.cpu);
}

static enum pvops_status start_vcpu(const struct pvops_start *start)
{
    enum pvops_status status;

    entries = 0;
    fake.at_rdtsc = come;
    status = pvops_smp_start(start);
    fake.at_rdtsc = NULL;
    return status;
}

PVTEST(begun,
       "by a context: root, user mode's, stack, segment base, events off")
{
    struct pvops_start start = start_of(1);
    const struct vcpu_guest_context *c = &xen.context.pv;

    begin();
    fake_xen_down.begin = NULL;
    memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
    EXPECT_EQ(PVOPS_OK, start_vcpu(&start));
    EXPECT_EQ(1, entries);
    EXPECT(entered_with == &entries);
    EXPECT_EQ(VGCF_IN_KERNEL, c->flags);
    EXPECT_EQ(fake_xen_mfn(ROOT_2) << 12, c->ctrlreg[3]);
    EXPECT_EQ(fake_xen_mfn(ROOT_2 + 1) << 12, c->ctrlreg[1]);
    EXPECT_EQ(start.stack - 8, c->user_regs.rsp);
    EXPECT_EQ(start.stack, c->kernel_sp);
    EXPECT_EQ(FLAT_RING3_CS64, c->user_regs.cs);
    EXPECT_EQ(FLAT_RING3_SS64, c->user_regs.ss);
    EXPECT_EQ(start.percpu_base, c->gs_base_kernel);
    EXPECT_EQ(1, c->user_regs.saved_upcall_mask);
    EXPECT_EQ(0, c->event_callback_eip);
    EXPECT(pvi_xen.several);
    EXPECT_EQ(PVOPS_E_ORDER, start_vcpu(&start)); /* it runs */

    /* The builder's root has no second page. */
    begin();
    start = start_of(2);
    start.root = PAGE;
    entries = 0;
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_smp_start(&start)); /* nobody comes */
    EXPECT_EQ(0, c->ctrlreg[1]);
    /* It comes too late, goes down, and takes the next start. */
    come();
    EXPECT_EQ(0, entries);
    EXPECT_EQ(2, fake_xen_down.vcpu);
    EXPECT(!xen.up[2]);
    EXPECT(pvops_smp_is_parked(2));
    EXPECT_EQ(PVOPS_OK, start_vcpu(&start));
    EXPECT_EQ(1, entries);
}

static enum pvops_status setup_vcpu(void)
{
    struct pvops_cpu_options options = options_of(vcpu);

    pvops_cpu_load_idt(pv_idt, sizeof(pv_idt));
    return pvops_cpu_setup(pv_cpu_1, &options);
}

static void park_vcpu(void)
{
    pv_run_vcpu(vcpu, pv_cpu_1);
    fake.at_hlt = leave_vcpu;
    pvops_cpu_teardown(pv_cpu_1);
    if (!setjmp(out))
        pvops_smp_park();
    fake.at_hlt = NULL;
    pv_run_vcpu(0, &pc.cpu);
    EXPECT(pvops_smp_is_parked(vcpu));
    xen.up[vcpu] = going_down = true;
    xen.yields = 0;
}

PVTEST(again, "down, and up again with another root, in a zeroed area")
{
    struct pvops_start start = start_of(3);

    begin();
    fake_xen_down.begin = NULL;
    memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
    EXPECT_EQ(PVOPS_OK, start_vcpu(&start));
    for (unsigned i = 0; i < 3; i++) {
        pv_run_vcpu(3, pv_cpu_1);
        EXPECT_EQ(PVOPS_OK, setup_vcpu());
        EXPECT(pvops_cpus_has(&pvi.online, 3));
        pv_run_vcpu(0, &pc.cpu);
        park_vcpu();
        EXPECT(!pvops_cpus_has(&pvi.online, 3));
        if (i == 1)
            memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
        start.root = i & 1 ? ROOT_2 * PAGE : PAGE;
        EXPECT_EQ(PVOPS_OK, start_vcpu(&start));
        EXPECT_EQ(1, entries);
        EXPECT(!pvops_smp_is_parked(3));
        EXPECT_EQ(fake_xen_mfn((unsigned)(start.root >> 12)) << 12,
                  fake_system.cr3);
        EXPECT_EQ(start.percpu_base, xen.gs_base);
        EXPECT_EQ(
            1,
            ((struct vcpu_info *)pv_cpu_1->xen_vcpu_info)->evtchn_upcall_mask);
    }
}

PVTEST(errors, "what Xen refuses, and what is no root, in words")
{
    struct pvops_start start = start_of(3);
    struct pvops_found_cpu found[2];

    begin();
    start.root = 200 * PAGE;
    EXPECT_EQ(PVOPS_E_INVALID, start_vcpu(&start));
    EXPECT(host_logged("xen_pv: no root at 0xc8000"));
    start = start_of(3);
    start.index = FAKE_XEN_VCPUS;
    EXPECT_EQ(PVOPS_E_REFUSED, start_vcpu(&start));
    EXPECT(host_logged("xen_pv: VCPU 4: this domain has none (-2)"));
    start = start_of(3);
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_initialise, XEN_EINVAL);
    EXPECT_EQ(PVOPS_E_REFUSED, start_vcpu(&start));
    EXPECT(host_logged("xen_pv: VCPU 3: Xen refuses to begin it (-22)"));
    xen.refusals = 0;
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_up, XEN_ENOSYS);
    EXPECT_EQ(PVOPS_E_REFUSED, start_vcpu(&start));
    EXPECT(host_logged("xen_pv: VCPU 3: Xen refuses to run it (-38)"));
    xen.refusals = 0;
    xen.up[3] = true;
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_smp_start(&start));
    EXPECT(host_logged("xen_pv: VCPU 3: it runs already"));
    EXPECT(xen.yields > 0);

    pvi.pages = NULL;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvops_smp_start(&start));
    EXPECT(host_logged("xen_pv: VCPU 3: pvops_setup() was given no pages to "
                       "begin it with"));

    EXPECT_EQ(FAKE_XEN_VCPUS, pvops_smp_find(0, found, 2));
    EXPECT_EQ(1, found[1].index);
    EXPECT_EQ(UINT32_MAX, found[1].apic_id);
}

static unsigned bound(void)
{
    unsigned count = 0;

    for (unsigned port = 0; port < FAKE_XEN_PORTS; port++)
        count += xen.bound[port];
    return count;
}

PVTEST(ports, "one for each IPI that has a vector; none after teardown")
{
    unsigned before;

    begin();
    before = bound();
    vcpu = 1;
    pv_run_vcpu(1, pv_cpu_1);
    memset(pv_cpu_1, 0, sizeof(*pv_cpu_1));
    xen.shared->evtchn_mask[0] |= ~((2ul << before) - 1);
    EXPECT(!pvi_xen.several);
    EXPECT_EQ(PVOPS_OK, setup_vcpu());
    EXPECT(pvi_xen.several);
    EXPECT_EQ(before + 5, bound()); /* the timer's, three, the kick's */
    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        if (i != 2)
            EXPECT_EQ(1, xen.port_vcpu[pvi_xen_cpu(pv_cpu_1)->ipi_ports[i]]);
    }
    EXPECT_EQ(1, xen.port_vcpu[pvi_xen_cpu(pv_cpu_1)->kick_port]);

    pv_run_vcpu(0, &pc.cpu);
    pvops_smp_send_ipi(1, 0);
    EXPECT(HOST_PANICS(pvops_smp_send_ipi(1, 2)));
    pvops_smp_send_ipi(1, 3);
    EXPECT_EQ(2, xen.sends);
    EXPECT_EQ(0, pvops_time_arrived(EVENT_1) & ~PVOPS_ARRIVED_DEADLINE);
    pv_run_vcpu(1, pv_cpu_1);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(0) | PVOPS_ARRIVED_IPI(3),
              pvops_time_arrived(EVENT_1));
    pvops_smp_send_ipis(NULL, 1); /* all but this one */
    EXPECT_EQ(0, pvops_time_arrived(EVENT_1));
    pv_run_vcpu(0, &pc.cpu);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(1), pvops_time_arrived(EVENT_1));
    pv_run_vcpu(1, pv_cpu_1);
    pvops_cpu_teardown(pv_cpu_1);
    EXPECT_EQ(before, bound());
    EXPECT_EQ(0, pvi_xen.ports[0] & ~(((1ul << before) - 1) << 1));
}

PVTEST(no_port, "where Xen binds none, an IPI has no vector: there is no APIC")
{
    pv_machine();
    pc.cpu_options = options_of(0);
    pv_gate(EVENT_1, (uintptr_t)pv_stub, X86_GATE_PRESENT | X86_GATE_INTERRUPT);
    fake_xen_refuse(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
                    XEN_ENOSYS);
    pv_start();
    EXPECT(HOST_PANICS(pvops_smp_send_ipi(0, 1)));
    EXPECT_STR("pvops_smp_send_ipi: CPU 0 was set up with no vector for IPI 1",
               host.panic);
}

PVTEST(preempted, "a VCPU that could run, and does not")
{
    begin();
    xen.runstate[1] = RUNSTATE_runnable;
    EXPECT(pvops_smp_is_preempted(1));
    xen.runstate[1] = RUNSTATE_blocked;
    EXPECT(!pvops_smp_is_preempted(1));
    xen.runstate[1] = RUNSTATE_running;
    EXPECT(!pvops_smp_is_preempted(1));
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, XEN_ENOSYS);
    EXPECT(!pvops_smp_is_preempted(1));
}

#endif
