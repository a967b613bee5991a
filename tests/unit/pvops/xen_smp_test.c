/* SPDX-License-Identifier: MIT */
/*
 * Several VCPUs of an HVM domain: a wait that another ends, flushes, a VCPU
 * that is begun; and what comes in the place of what Xen refuses.
 *
 * Tried: the port not taken after the sleep: told, early and nested fail; taken
 *        in a handler, too: nested. 'waits' not set: told and nested. A port
 *        closed before it leaves pvi_xen.ports: given_back. No poll before the
 *        sleep, or after it: asked; in its place: no_port. 'waits' false after
 *        a wait in a handler: nested. One look after INIT, or looks without an
 *        end, or INIT without an APIC: init_takes. An event whose upcall is
 *        another's: theirs. The kick's port not masked: masked. This CPU taken
 *        for one of the others: flushes. No INIT before the second beginning:
 *        again. A code segment without D and G: begun (32 bits). CR4 0: begun.
 *        The APIC id not looked at: again.
 */
#include "pvtest.h"

#include <string.h>

#include <x86/percpu.h>
#include <x86/system.h>

#include "cpu.h"
#include "fake_cpus.h"
#include "host.h"
#include "pc.h"
#include "tlb.h"
#include "xen.h"
#include "xen_model.h"

#include "abi/x86.h"

#define xen fake_xen_model

enum { WORD_BITS = 8 * sizeof(long), IPI_0 = 0x70, FLUSH = 0x7f };

static uint64_t no_entry(uint64_t table, unsigned level, unsigned index)
{
    (void)table;
    (void)level;
    (void)index;
    return 0;
}

static void reset(void)
{
    pc_reset();
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    fake_xen_setup(0x40000000);
    fake_tlb_reset(2, 10, no_entry);
    pc.cpu_options.ipi_vectors[0] = IPI_0;
    pc.cpu_options.flush_vector = FLUSH;
}

static void start(void)
{
    pc_start();
    fake_cpus_irq_ops();
}

static void begin(void)
{
    reset();
    start();
}

static bool pending(unsigned port)
{
    return xen.shared->evtchn_pending[port / WORD_BITS] >> port % WORD_BITS & 1;
}

static volatile uint32_t word;
static uint32_t port;
static bool waits;

static void change_and_kick(void)
{
    waits = pvi_smp(&pc.cpu)->waits;
    word++;
    pvops_lock_kick(0);
}

static void begin_wait(void (*at_sleep)(void))
{
    begin();
    port = pvi_xen_cpu(&pc.cpu)->kick_port;
    EXPECT(port != 0);
    xen.at_sleep = at_sleep;
    xen.sleeps = 0;
    word = 1;
}

PVTEST(told, "a wait sleeps until the kick; meanwhile others know of it")
{
    begin_wait(change_and_kick);
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, xen.sleeps);
    EXPECT(waits);
    EXPECT(!pvi_smp(&pc.cpu)->waits);
    EXPECT(!pending(port));
    pvops_lock_wait(&word, 1); /* it is 2 */
    EXPECT_EQ(1, xen.sleeps);
}

PVTEST(early, "a kick before the sleep ends it, once")
{
    begin_wait(change_and_kick);
    pvops_lock_kick(0);
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(0, xen.sleeps);
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, xen.sleeps);
}

static struct pvops_cpu asker;

/* CPU 1 wants this one to forget everything; it has not seen 'waits'. */
static void ask(void)
{
    pvi.cpus[1] = &asker;
    pvi_smp(&asker)->flush.kind = PVI_FLUSH_ALL;
    pvi_smp(&asker)->flush_left = 1;
    pvops_cpus_add(&pvi_smp(&pc.cpu)->asked_by, 1);
}

static bool answered(void)
{
    return pvi_smp(&asker)->flush_left == 0;
}

static void ask_in_sleep(void)
{
    EXPECT(answered());
    ask();
    pvops_lock_kick(0);
}

PVTEST(asked, "who asks for a flush before the sleep, or in it, is answered")
{
    begin_wait(ask_in_sleep);
    ask();
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, xen.sleeps);
    EXPECT(answered());
}

static volatile uint32_t other_word;

/* The outer wait is over; a handler waits for something else. */
static void handler(void)
{
    change_and_kick();
    pvops_lock_wait(&other_word, other_word);
    EXPECT(pvi_smp(&pc.cpu)->waits);
}

PVTEST(nested, "a wait in a handler leaves the kick to the one it interrupted")
{
    begin_wait(handler);
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, xen.sleeps);
    EXPECT(!pending(port));
}

PVTEST(masked, "a kick makes no upcall; teardown takes the port away")
{
    begin_wait(NULL);
    EXPECT(xen.shared->evtchn_mask[port / WORD_BITS] >> port % WORD_BITS & 1);
    xen.upcall = false;
    pvops_lock_kick(0);
    EXPECT(!xen.upcall);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(!xen.bound[port]);
    pvops_lock_kick(0);
}

/* Whoever binds a port next is given one of these. */
static void free_ports_are_nobodys(void)
{
    for (unsigned i = 1; i < FAKE_XEN_PORTS; i++)
        EXPECT(xen.bound[i] ||
               !(pvi_xen.ports[i / WORD_BITS] >> i % WORD_BITS & 1));
}

PVTEST(given_back, "a port that is closed is not the library's any more")
{
    begin();
    xen.at_return = free_ports_are_nobodys;
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(!xen.bound[1]);
}

PVTEST(no_port, "Xen binds none: a wait is a PAUSE, IPIs are the local APIC's")
{
    reset();
    fake_cpus_reset(2);
    fake_xen_refuse(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
                    XEN_ENOSYS);
    start();
    EXPECT(host_logged("xen: VCPU 0 has no event for IPIs (-38)"));
    EXPECT(host_logged("xen: VCPU 0 has no event for being woken: locks spin "
                       "(-38)"));
    word = 1;
    ask();
    pvops_lock_wait(&word, 1);
    EXPECT(answered());
    EXPECT_EQ(0, xen.polls);
    pvops_lock_kick(0);
    pvops_smp_send_ipi(0, 0);
    EXPECT_EQ(1, fake_cpus.command_count);
    EXPECT_EQ(IPI_0, fake_cpus.commands[0].command & 0xff);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(0),
              (fake_apic_interrupt(IPI_0), pvops_time_arrived(IPI_0)));
    EXPECT_EQ(0, fake.apic_in_service[IPI_0 / 32]);
}

PVTEST(theirs, "the upcall is the embedder's: IPIs are the local APIC's")
{
    static struct shared_info page __attribute__((aligned(4096)));
    static struct vcpu_info info __attribute__((aligned(64)));
    struct pvops_resources yours = {
        .xen_shared_info = &page,
        .xen_vcpu_info = &info,
        .xen_upcall = true,
    };

    reset();
    xen.shared = &page;
    xen.vcpu = &info;
    xen.registrations = 1;
    pc.setup.yours = &yours;
    start();
    EXPECT_EQ(0, pvi_xen_cpu(&pc.cpu)->ipi_ports[0]);
    EXPECT_EQ(IPI_0, pvi_smp(&pc.cpu)->ipi_vectors[0]);
    EXPECT(pvi_xen_cpu(&pc.cpu)->kick_port != 0);
}

PVTEST(flushes, "one hypercall for others; none for this CPU alone")
{
    struct pvops_cpus self = { { 1 } }, both = { { 3 } };
    static struct pvops_cpu cpu_1;

    begin();
    xen.remote_flushes = 0;
    pvops_smp_flush_all(&self);
    pvops_smp_flush_range(NULL, 0, 0, 1);
    pvops_smp_flush_all(&both); /* nobody is set up there */
    EXPECT_EQ(0, xen.remote_flushes);
    pvi.cpus[1] = &cpu_1;
    pvops_cpus_add(&pvi.online, 1);
    pvops_smp_flush_all(&self);
    EXPECT_EQ(0, xen.remote_flushes);
    pvops_smp_flush_all(&both);
    pvops_smp_flush_space(NULL, 0);
    pvops_smp_flush_range(&both, 0, 0, 1);
    EXPECT_EQ(3, xen.remote_flushes);

    reset();
    fake_xen_refuse(__HYPERVISOR_hvm_op, HVMOP_flush_tlbs, XEN_ENOSYS);
    pc_start();
    EXPECT(host_logged("xen_hvm: no HVMOP_flush_tlbs (-38): flushes by "
                       "interrupts"));
    EXPECT(pvops_smp_table.flush_all == pvi_native_smp_flush_all);
}

static struct pvops_start start_1(void)
{
    return (struct pvops_start){
        .index = 1,
        .apic_id = 6,
        .stack = 0x70000,
        .root = 0x5000,
    };
}

PVTEST(begun, "in this CPU's mode, with its root, stack and argument")
{
    struct pvops_start from = start_1();
    const struct vcpu_hvm_context *c = &xen.context.hvm;
#ifdef __x86_64__
    const struct vcpu_hvm_x86_64 *r = &c->cpu_regs.x86_64;
#else
    const struct vcpu_hvm_x86_32 *r = &c->cpu_regs.x86_32;
#endif

    begin();
    fake_msr(MSR_EFER, 0xd01);
    fake_system.cr0 = 0x80050033;
    fake_system.cr4 = 0x6a0;
    pvi.start_ticket = 0x4002;
    EXPECT_EQ(PVOPS_OK, pvi_xen_hvm_start(&from));
    EXPECT(xen.up[1]);
#ifdef __x86_64__
    EXPECT_EQ(VCPU_HVM_MODE_64B, c->mode);
    EXPECT_EQ((uintptr_t)pvi_smp_begin, r->rip);
    EXPECT_EQ(pvi.start_ticket, r->rdi);
    EXPECT_EQ(0x70000 - 8, r->rsp);
    EXPECT_EQ(2, r->rflags);
#else
    EXPECT_EQ(VCPU_HVM_MODE_32B, c->mode);
    EXPECT_EQ((uintptr_t)pvi_smp_begin, r->eip);
    EXPECT_EQ(pvi.start_ticket, r->eax);
    EXPECT_EQ(0x70000 - 4, r->esp);
    EXPECT_EQ(2, r->eflags);
    EXPECT_EQ(0xc9b, r->cs_ar);
    EXPECT_EQ(0xc93, r->ss_ar);
    EXPECT_EQ(UINT32_MAX, r->cs_limit);
#endif
    EXPECT_EQ(0x80050033, r->cr0);
    EXPECT_EQ(0x5000, r->cr3);
    EXPECT_EQ(0x6a0, r->cr4);
    EXPECT_EQ(0xd01, r->efer);
}

static void init(unsigned cpu)
{
    fake_xen_init(cpu);
}

PVTEST(again, "one that has run takes an INIT first")
{
    struct pvops_start from = start_1();

    reset();
    fake_cpus_reset(2);
    fake_cpus.init = init;
    start();
    fake_msr(MSR_EFER, 0);
    xen.initialised[1] = true;
    EXPECT_EQ(PVOPS_OK, pvi_xen_hvm_start(&from));
    EXPECT_EQ(1, xen.resets);
    EXPECT(xen.up[1]);

    /* This CPU's own id: refused by who sends INIT. */
    from.apic_id = 4;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi_xen_hvm_start(&from));
    EXPECT_EQ(1, xen.resets);
}

static void reset_1(void)
{
    fake.at_rdtsc = NULL;
    fake_xen_init(1);
}

static void init_later(unsigned cpu)
{
    (void)cpu;
    fake.at_rdtsc = reset_1;
}

static void no_init(unsigned cpu)
{
    (void)cpu;
}

PVTEST(init_takes,
       "INIT takes its time; one that is not taken, no more than that")
{
    struct pvops_start from = start_1();

    reset();
    fake_cpus_reset(2);
    fake_cpus.init = init_later;
    start();
    fake_msr(MSR_EFER, 0);
    xen.initialised[1] = true;
    EXPECT_EQ(PVOPS_OK, pvi_xen_hvm_start(&from));
    EXPECT(xen.up[1]);

    fake_cpus.init = no_init;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi_xen_hvm_start(&from));
    EXPECT(host_logged("xen_hvm: VCPU 1 cannot be begun by Xen (-17): by "
                       "INIT"));
    pvi_common(&pc.cpu)->lapic_enabled = false;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi_xen_hvm_start(&from));
}

PVTEST(refused, "a VCPU that is not there; what Xen cannot do is INIT's")
{
    struct pvops_start from = start_1();

    begin();
    fake_msr(MSR_EFER, 0);
    from.index = FAKE_XEN_VCPUS;
    EXPECT_EQ(PVOPS_E_REFUSED, pvi_xen_hvm_start(&from));
    EXPECT(host_logged("xen_hvm: this domain has no VCPU 4"));
    from.index = 1;
    fake_xen_refuse(__HYPERVISOR_vcpu_op, VCPUOP_initialise, XEN_ENOSYS);
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi_xen_hvm_start(&from));
    EXPECT(host_logged("xen_hvm: VCPU 1 cannot be begun by Xen (-38): by "
                       "INIT"));
}
