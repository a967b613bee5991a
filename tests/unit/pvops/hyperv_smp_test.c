/* SPDX-License-Identifier: MIT */
/*
 * The hyperv backend on several virtual processors: IPIs, timers and the ends
 * of interrupts, each with its bits and without, by VP indexes that are not
 * ours.
 *
 * Tried: our index for the VP's; the mask beyond 64 bits; the banks of a set in
 * the wrong place, or one too many in the header; one call for different
 * vectors; CPU 0's message page for all; SIMP, SINT or the assist MSR not put
 * back; the assist bit not asked, or left set; the ICR's MSR with an x2APIC; a
 * VP's stack at its top, the privilege not looked at: each fails here.
 */
#include "hyperv_vps.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "internal.h"

#include "abi/x86.h"

static const uint32_t *const layouts[] = { vps_as_ours, vps_in_disorder,
                                           vps_sparse };
enum { LAYOUTS = 3 };

static unsigned calls(void)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < 256; i++)
        sum += fake_hyperv.calls[i];
    return sum;
}

static void expect_arrived(unsigned cpus, unsigned ipi)
{
    unsigned arrived[VPS];

    vps_take(arrived);
    for (unsigned i = 0; i < VPS; i++)
        EXPECT_EQ(cpus >> i & 1 ? PVOPS_ARRIVED_IPI(ipi) : 0, arrived[i]);
}

static struct pvops_cpus set_of(unsigned bits)
{
    return (struct pvops_cpus){ { bits } };
}

/* Each CPU to each, and every set; how many hypercalls that took. */
static unsigned send_all(void)
{
    unsigned before = calls();

    for (unsigned from = 0; from < VPS; from++) {
        vps_be(from);
        for (unsigned to = 0; to < VPS; to++) {
            pvops_smp_send_ipi(to, to % PVOPS_IPIS);
            expect_arrived(1u << to, to % PVOPS_IPIS);
        }
        for (unsigned bits = 1; bits < 1u << VPS; bits++) {
            struct pvops_cpus cpus = set_of(bits);

            pvops_smp_send_ipis(&cpus, 1);
            expect_arrived(bits, 1);
        }
        pvops_smp_send_ipis(NULL, 2);
        expect_arrived(((1u << VPS) - 1) & ~(1u << from), 2);
    }
    vps_be(0);
    return calls() - before;
}

enum { SENT = VPS * (VPS + 15 + 1) };

PVTEST(ipis, "to one, to every set, to all but itself: one hypercall each")
{
    for (unsigned i = 0; i < LAYOUTS; i++) {
        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, layouts[i]);
        vps_start();
        EXPECT_EQ(SENT, send_all());
        EXPECT_EQ(layouts[i] == vps_sparse,
                  fake_hyperv.calls[HVCALL_SEND_IPI_EX] != 0);
        vps_stop();
    }
}

PVTEST(ipis_amd, "the instruction is the one that the page has")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    fake_hyperv.amd = true;
    vps_start();
    EXPECT_EQ(SENT, send_all());
    vps_stop();
}

PVTEST(odd_page, "a page with something else is not executed: no hypercalls")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    fake_hyperv.odd_page = true;
    vps_start();
    EXPECT(host_logged("hyperv: hypercall page begins d 1 c1 c3: no "
                       "hypercalls\n"));
    EXPECT_EQ(0, send_all());
    vps_stop();
}

PVTEST(ipis_without, "without a bit that it needs: by the x2APIC")
{
    static const struct {
        uint32_t eax, hints;
    } missing[] = {
        { HV_MSR_HYPERCALL_AVAILABLE, 0 },
        { HV_MSR_VP_INDEX_AVAILABLE, 0 },
        { 0, HV_CLUSTER_IPI_RECOMMENDED },
    };

    for (unsigned i = 0; i < 3; i++) {
        vps_reset(FAKE_HV_EAX & ~missing[i].eax, FAKE_HV_EDX,
                  (FAKE_HV_HINTS | HV_APIC_ACCESS_RECOMMENDED) &
                      ~missing[i].hints,
                  vps_in_disorder);
        vps_start();
        EXPECT_EQ(0, send_all());
        EXPECT_EQ(0, fake_hyperv.msr_icrs);
        vps_stop();
    }
    /* Sets that no mask has, without the form that has them. */
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX,
              FAKE_HV_HINTS & ~HV_EX_PROCESSOR_MASKS_RECOMMENDED, vps_sparse);
    vps_start();
    send_all();
    EXPECT_EQ(0, fake_hyperv.calls[HVCALL_SEND_IPI_EX]);
    vps_stop();
    /* No page for the operands of that form. */
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
    machine.cpu_options.pages = NULL;
    vps_start();
    send_all();
    EXPECT_EQ(0, fake_hyperv.calls[HVCALL_SEND_IPI_EX]);
    vps_stop();
}

PVTEST(ipis_refused, "is said once; then by the x2APIC")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
    vps_start();
    fake_hyperv.refuse[HVCALL_SEND_IPI] = 6;
    fake_hyperv.refuse[HVCALL_SEND_IPI_EX] = 5;
    send_all();
    EXPECT_EQ(1, fake_hyperv.calls[HVCALL_SEND_IPI]);
    EXPECT(fake_hyperv.calls[HVCALL_SEND_IPI_EX] <= 1);
    EXPECT(host_logged("hyperv: IPIs by hypercall: status 0x6\n"));
    vps_stop();
}

PVTEST(ipis_by_vector, "CPUs with another vector: a call for each vector")
{
    struct pvops_cpus all = set_of(15);
    unsigned arrived[VPS];

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_in_disorder);
    vps_start();
    pvi_smp(vps_cpu(2))->ipi_vectors[0] = 0x77;
    pvops_smp_send_ipis(&all, 0);
    EXPECT_EQ(2, calls());
    vps_take(arrived);
    for (unsigned i = 0; i < VPS; i++)
        EXPECT_EQ(PVOPS_ARRIVED_IPI(0), arrived[i]);
    pvi_smp(vps_cpu(2))->ipi_vectors[0] = 0;
    EXPECT(HOST_PANICS(pvops_smp_send_ipis(&all, 0)));
}

PVTEST(icr_by_msr, "xAPIC: by MSR if it is there and recommended")
{
    uint32_t hints = (FAKE_HV_HINTS | HV_APIC_ACCESS_RECOMMENDED) &
                     ~HV_CLUSTER_IPI_RECOMMENDED;

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, hints, vps_as_ours);
    fake_apic(1000000000, false);
    vps_start();
    for (unsigned i = 0; i < VPS; i++)
        pvi_smp(vps_cpu(i))->apic_id = i;
    EXPECT_EQ(0, send_all());
    EXPECT(fake_hyperv.msr_icrs >= SENT);
    vps_stop();
}

PVTEST(icr_not_mapped, "an APIC that is not mapped: its number from CPUID")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX,
              FAKE_HV_HINTS & ~HV_CLUSTER_IPI_RECOMMENDED, vps_as_ours);
    fake_apic(1000000000, false);
    fake_leaf_at(1)->ebx = 2u << 24;
    host.device = NULL;
    vps_start();
    vps_be(1);
    pvops_smp_send_ipi(0, 0);
    expect_arrived(1u << 2, 0);
    vps_be(0);
    vps_stop();
}

static void deadlines(void)
{
    for (unsigned i = 0; i < VPS; i++) {
        vps_be(i);
        pvops_time_set_deadline(pvops_time_now_ns() + MS);
        EXPECT_EQ(0, fake.apic_initial);
        EXPECT_EQ(DEADLINE_VECTOR, fake_hyperv_wait(2 * MS));
        EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(DEADLINE_VECTOR));
        EXPECT_EQ(0, fake_hyperv_wait(2 * MS));
    }
    vps_be(0);
}

PVTEST(timers, "direct and by messages on every CPU, each with its own page")
{
    static const uint32_t edx[] = { FAKE_HV_EDX, EDX_NO_DIRECT };

    for (unsigned i = 0; i < 2; i++) {
        vps_reset(FAKE_HV_EAX, edx[i], FAKE_HV_HINTS, vps_in_disorder);
        vps_start();
        deadlines();
        deadlines();
        for (unsigned k = 0; k < VPS; k++) {
            void *page = k ? vps_pages[k][PVI_CPU_PAGE_MESSAGE]
                           : machine_pages[PVI_PAGE_MESSAGE];

            vps_be(k);
            EXPECT_EQ(i ? (uintptr_t)page | 1 : 0,
                      fake_msr_value(HV_X64_MSR_SIMP));
        }
        vps_be(0);
        EXPECT(i == 0 || pvops_get_resources()->hyperv_message_page ==
                             machine_pages[PVI_PAGE_MESSAGE]);
        vps_stop();
    }
}

PVTEST(no_setup_pages, "the boot CPU's messages come to its own page then")
{
    vps_reset(FAKE_HV_EAX, EDX_NO_DIRECT, FAKE_HV_HINTS, vps_as_ours);
    machine.no_pages = true;
    vps_start();
    EXPECT(pvops_get_resources()->hyperv_message_page ==
           vps_pages[0][PVI_CPU_PAGE_MESSAGE]);
    deadlines();
    vps_stop();
}

PVTEST(no_cpu_pages, "a further CPU without pages: the APIC's timer, said so")
{
    vps_reset(FAKE_HV_EAX, EDX_NO_DIRECT,
              FAKE_HV_HINTS | HV_APIC_ACCESS_RECOMMENDED, vps_as_ours);
    machine.cpu_options.pages = NULL;
    vps_start();
    EXPECT(host_logged("hyperv: CPU 3: no pages were given: deadlines by the "
                       "local APIC\n"));
    EXPECT_EQ(0, fake_msr_value(HV_X64_MSR_VP_ASSIST_PAGE));
    vps_stop();
}

#ifdef __x86_64__
static struct pvops_start second(void)
{
    return (struct pvops_start){ .index = 1,
                                 .apic_id = 2,
                                 .stack = 0x7000,
                                 .root = 0x5005,
                                 .percpu_base = 0x9000 };
}

static jmp_buf entered;

static void entry(void *argument)
{
    (void)argument;
    longjmp(entered, 1);
}

PVTEST(start, "a VP that is named by its APIC id begins in 64-bit mode")
{
    const struct hv_initial_vp_context *now = &fake_hyperv.started;
    struct pvops_start start = second();

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_sparse);
    fake_msr(MSR_EFER, 0xd01);
    EXPECT_EQ(PVOPS_OK, machine_start());
    vps_irq_ops();
    fake_system.cr0 = 0x80010033;
    fake_system.cr4 = 0x200a0;
    start.entry = entry;
    pvi.start_ticket = 0x4002;
    EXPECT_EQ(PVOPS_OK, pvi.backend->start(&start));
    EXPECT_EQ(4095, fake_hyperv.started_vp);
    EXPECT_EQ(pvi.start_ticket, now->gs.base);
    EXPECT_EQ(0x6ff8, now->rsp);
    EXPECT_EQ(2, now->rflags);
    EXPECT_EQ(0x5005, now->cr3);
    EXPECT_EQ(0x80010033, now->cr0);
    EXPECT_EQ(0x200a0, now->cr4);
    EXPECT_EQ(0xd01, now->efer);
    EXPECT_EQ(UINT64_C(0x0007040600070406), now->pat);
    EXPECT_EQ(8, now->cs.selector);
    EXPECT_EQ(0xa09b, now->cs.attributes);
    EXPECT_EQ(16, now->ss.selector);
    EXPECT_EQ(0xc093, now->ss.attributes);
    EXPECT_EQ(0x8b, now->tr.attributes);
    EXPECT_EQ(0, now->idtr.limit);
    EXPECT(fake_system.interrupts);
    /* What is at RIP takes the ticket from there. */
    pvi.starting = start;
    pvi.start_state = pvi.start_ticket;
    fake_msr(MSR_GS_BASE, now->gs.base);
    if (!setjmp(entered))
        ((void (*)(void))(uintptr_t)now->rip)();
    EXPECT_EQ(0, pvi.start_state);
    EXPECT_EQ(start.percpu_base, fake_msr_value(MSR_GS_BASE));
    machine_stop();
}

PVTEST(start_otherwise, "without its bit, or refused: by INIT and SIPI")
{
    struct pvops_start start = second();

    for (unsigned i = 0; i < 4; i++) {
        vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
        fake_msr(MSR_EFER, 0xd01);
        if (i == 0)
            fake_leaf_at(0x40000003)->ebx = 0;
        if (i == 1)
            machine.cpu_options.pages = NULL;
        if (i == 2)
            fake_hyperv.refuse[HVCALL_START_VP] = HV_STATUS_INVALID_VP_STATE;
        if (i == 3)
            fake_hyperv.refuse[HVCALL_START_VP] = 6;
        EXPECT_EQ(PVOPS_OK, machine_start());
        vps_irq_ops();
        EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi.backend->start(&start));
        EXPECT_EQ(i >= 2, fake_hyperv.calls[HVCALL_START_VP]);
        EXPECT_EQ(i == 0, host_logged("hyperv: no START_VP: CPUs by INIT and "
                                      "SIPI\n"));
        EXPECT_EQ(i == 3, host_logged("hyperv: start of CPU 1: status 0x6: by "
                                      "INIT and SIPI\n"));
        machine_stop();
    }
    /* INIT would end a CPU that runs; so would this. */
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    EXPECT_EQ(PVOPS_OK, machine_start());
    start.apic_id = 0;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, pvi.backend->start(&start));
    EXPECT_EQ(0, fake_hyperv.calls[HVCALL_START_VP]);
}
#endif

PVTEST(assist, "an EOI that is not required is not written, the next one is")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX,
              FAKE_HV_HINTS | HV_APIC_ACCESS_RECOMMENDED, vps_as_ours);
    vps_start();
    for (unsigned i = 0; i < VPS; i++) {
        uint32_t *page = (uint32_t *)(void *)vps_pages[i][PVI_CPU_PAGE_ASSIST];
        unsigned eois = fake_hyperv.msr_eois;

        vps_be(i);
        EXPECT_EQ((uintptr_t)page | 1,
                  fake_msr_value(HV_X64_MSR_VP_ASSIST_PAGE));
        *page = 0xf1; /* what else is there is the hypervisor's */
        pvops_time_arrived(IPI_VECTOR);
        EXPECT_EQ(eois, fake_hyperv.msr_eois);
        EXPECT_EQ(0xf0, *page);
        fake_hyperv_raise(i, IPI_VECTOR);
        EXPECT_EQ(IPI_VECTOR, fake_hyperv_wait(0));
        EXPECT_EQ(PVOPS_ARRIVED_IPI(0), pvops_time_arrived(IPI_VECTOR));
        EXPECT_EQ(eois + 1, fake_hyperv.msr_eois);
    }
    vps_be(0);
    vps_stop();
}

PVTEST(assist_theirs, "a page that a driver has enabled stays its")
{
    uint64_t theirs = (uintptr_t)machine_drivers[0] | 1;

    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX,
              FAKE_HV_HINTS | HV_APIC_ACCESS_RECOMMENDED, vps_as_ours);
    fake_msr(HV_X64_MSR_VP_ASSIST_PAGE, theirs);
    vps_start();
    EXPECT_EQ(theirs, fake_msr_value(HV_X64_MSR_VP_ASSIST_PAGE));
    machine_drivers[0][0] = 1;
    fake_hyperv_raise(0, IPI_VECTOR);
    EXPECT_EQ(IPI_VECTOR, fake_hyperv_wait(0));
    EXPECT_EQ(PVOPS_ARRIVED_IPI(0), pvops_time_arrived(IPI_VECTOR));
    EXPECT_EQ(1, fake_hyperv.msr_eois);
    vps_stop();
}
