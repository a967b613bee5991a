/* SPDX-License-Identifier: MIT */
/*
 * A PV domain of the model's Xen is saved and goes on as another: what the
 * tools find, and what works again.
 *
 * Tried: p2m_cr3 not set, shared_info not unmapped, its upcall mask not set:
 *        saved fails. "for_good" not cleared, page_ns or stolen_start_ns not
 *        moved, the deadline not set again: restored fails. The frames of
 *        start_info not turned back: cancelled fails.
 */
#include "pvtest.h"

#ifdef __x86_64__

#include <pvops/power.h>

#include <string.h>

#include "cpu.h"
#include "host.h"
#include "pc.h"
#include "xen.h"
#include "xen_pv_machine.h"

enum { MS = 1000000, STORE = 9, CONSOLE = 10 };

#define xen fake_xen_model

static struct shared_info seen;
static struct start_info seen_start;
static unsigned long seen_mfn;
static bool seen_mapped;

static long look(unsigned long mfn)
{
    seen_mfn = mfn;
    seen = *xen.shared;
    seen_start = fake_xen_start;
    seen_mapped = xen.shared_va != 0;
    return 1;
}

/* Another Xen, begun later; nothing is bound, all is masked. */
static long restore(unsigned long mfn)
{
    (void)look(mfn);
    memset(xen.bound, 0, sizeof(xen.bound));
    memset(xen.shared->evtchn_pending, 0, sizeof(seen.evtchn_pending));
    memset(xen.shared->evtchn_mask, 0xff, sizeof(seen.evtchn_mask));
    xen.vcpu = &xen.shared->vcpu_info[0];
    xen.registrations = 0;
    xen.timer_port = 0;
    xen.timer_ns = 0;
    xen.periodic_ns = XEN_PV_PERIOD_NS;
    xen.runnable_ns = 7;
    xen.ns_at_0 -= UINT64_C(4000000000000);
    fake_xen_start.store_mfn = fake_xen_mfn(STORE);
    fake_xen_start.console.domU.mfn = fake_xen_mfn(CONSOLE);
    return 0;
}

static void start(long (*at_suspend)(unsigned long mfn))
{
    pv_machine();
    fake_xen_start.flags = 0;
    fake_xen_start.store_mfn = fake_xen_mfn(STORE);
    fake_xen_start.console.domU.mfn = fake_xen_mfn(CONSOLE);
    pv_start();
    xen.at_suspend = at_suspend;
}

PVTEST(saved, "what the tools look for is there, shared_info is not mapped")
{
    bool restored;

    start(restore);
    xen.shared->vcpu_info[0].evtchn_upcall_mask = 0;
    EXPECT_EQ(PVOPS_OK, pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(!seen_mapped);
    EXPECT_EQ(fake_xen_start.mfn_list, seen.arch.p2m_vaddr);
    EXPECT_EQ(fake_xen_mfn(1) << 12, seen.arch.p2m_cr3);
    EXPECT_EQ(fake_xen_start.nr_pages, seen.arch.max_pfn);
    EXPECT_EQ(1, seen.vcpu_info[0].evtchn_upcall_mask);
    EXPECT_EQ(STORE, seen_start.store_mfn);
    EXPECT_EQ(CONSOLE, seen_start.console.domU.mfn);
    EXPECT_EQ(pvi_xen_pv_mfn(pvops_host_paddr(&fake_xen_start) >> 12),
              seen_mfn);
}

PVTEST(restored, "clock, stolen time, deadline and events go on")
{
    uint64_t before, stolen;
    bool restored;

    start(restore);
    xen.runnable_ns = 1000 * MS;
    stolen = pvops_time_stolen_ns();
    before = pvops_time_now_ns();
    pvops_time_set_deadline(before + 10 * MS);
    EXPECT_EQ(PVOPS_OK, pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(restored);
    EXPECT_EQ((uintptr_t)pc_pages[PVI_PAGE_SHARED], xen.shared_va);
    EXPECT_EQ((uintptr_t)pc.cpu.xen_vcpu_info, (uintptr_t)xen.vcpu);
    EXPECT_EQ(0, pvops_irq_save() & PVOPS_IRQ_IF);
    EXPECT(pvops_time_now_ns() - before < MS);
    EXPECT_EQ(stolen, pvops_time_stolen_ns());
    xen.runnable_ns += 5;
    EXPECT_EQ(stolen + 5, pvops_time_stolen_ns());
    EXPECT_EQ(0, xen.periodic_ns);

    xen.vcpu->evtchn_upcall_pending = 0; /* of the registration */
    xen.vcpu->evtchn_pending_sel = 0;
    xen.vcpu->evtchn_upcall_mask = 0;
    EXPECT(!fake_xen_wait(5 * MS));
    EXPECT(fake_xen_wait(10 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_EVENT));

    /* And once more. */
    xen.vcpu->evtchn_upcall_mask = 1;
    before = pvops_time_now_ns();
    EXPECT_EQ(PVOPS_OK, pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(restored);
    EXPECT(pvops_time_now_ns() - before < MS);
}

PVTEST(cancelled, "nothing was saved: all is as it was")
{
    uint64_t before;
    bool restored;

    start(look);
    before = pvops_time_now_ns();
    EXPECT_EQ(PVOPS_OK, pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(!restored);
    EXPECT_EQ(fake_xen_mfn(STORE), fake_xen_start.store_mfn);
    EXPECT_EQ(fake_xen_mfn(CONSOLE), fake_xen_start.console.domU.mfn);
    EXPECT_EQ((uintptr_t)pc_pages[PVI_PAGE_SHARED], xen.shared_va);
    EXPECT(pvops_time_now_ns() - before < MS);

    xen.at_suspend = NULL;
    EXPECT_EQ(PVOPS_E_REFUSED, pvops_power_suspend(&fake_xen_start, &restored));
}

PVTEST(refused, "out of order, with interrupts on, of dom0, of several VCPUs")
{
    bool restored = true;

    pv_machine();
    EXPECT_EQ(PVOPS_E_ORDER, pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(!restored);

    start(look);
    EXPECT_EQ(PVOPS_E_INVALID, pvops_power_suspend(NULL, &restored));
    xen.vcpu->evtchn_upcall_mask = 0;
    EXPECT_EQ(PVOPS_E_INVALID, pvops_power_suspend(&fake_xen_start, &restored));
    xen.vcpu->evtchn_upcall_mask = 1;
    fake_xen_start.flags = SIF_INITDOMAIN;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED,
              pvops_power_suspend(&fake_xen_start, &restored));
    EXPECT(host_logged("dom0 cannot be saved"));
    fake_xen_start.flags = 0;
    pvi_xen.several = true;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED,
              pvops_power_suspend(&fake_xen_start, &restored));

    pc_reset();
    pc_start();
    EXPECT_EQ(PVOPS_E_UNSUPPORTED,
              pvops_power_suspend(&fake_xen_start, &restored));
}

#endif
