/* SPDX-License-Identifier: MIT */
/*
 * Taking events out of shared_info: the timer's, the IPIs', and what is left
 * for others.
 *
 * Tried: evtchn_mask not looked at: masked fails. The timer's bit not cleared:
 *        timer and both fail. The selector left as it was: timer, others, both,
 *        masked and nothing fail, and xen_hvm_test's deadline, early, others.
 *        pvi_xen.ports not left out: ours fails. The bit of
 *        another IPI told, or only the first: ipis fails.
 */
#include "pvtest.h"

#include <string.h>

#include "xen.h"

enum { WORD_BITS = 8 * sizeof(long), TIMER = WORD_BITS + 3 };

static struct shared_info shared;
static struct vcpu_info vcpu;
static struct pvi_xen_cpu x;

static void set(unsigned port)
{
    shared.evtchn_pending[port / WORD_BITS] |= 1ul << port % WORD_BITS;
    vcpu.evtchn_pending_sel |= 1ul << port / WORD_BITS;
    vcpu.evtchn_upcall_pending = 1;
}

static bool pending(unsigned port)
{
    return shared.evtchn_pending[port / WORD_BITS] >> port % WORD_BITS & 1;
}

/* As pvi_xen_port_add() does, but for Xen's part. */
static void own(unsigned port)
{
    pvi_xen.ports[port / WORD_BITS] |= 1ul << port % WORD_BITS;
}

static void reset(void)
{
    memset(&shared, 0, sizeof(shared));
    memset(&vcpu, 0, sizeof(vcpu));
    memset(&pvi_xen, 0, sizeof(pvi_xen));
    pvi_xen.shared = &shared;
    x = (struct pvi_xen_cpu){ .vcpu_info = &vcpu, .timer_port = TIMER };
    own(TIMER);
}

static unsigned take(void)
{
    unsigned found = pvi_xen_events_take(&x);

    EXPECT_EQ(0, vcpu.evtchn_upcall_pending);
    EXPECT_EQ(0, vcpu.evtchn_pending_sel);
    return found;
}

PVTEST(timer, "the timer's event is taken")
{
    reset();
    set(TIMER);
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, take());
    EXPECT(!pending(TIMER));
    EXPECT_EQ(0, take());
}

PVTEST(others, "an event of others is told and left, in any word")
{
    static const unsigned ports[] = { 1,         WORD_BITS - 1,
                                      WORD_BITS, TIMER - 1,
                                      TIMER + 1, WORD_BITS * WORD_BITS - 1 };

    for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        reset();
        set(ports[i]);
        EXPECT_EQ(PVOPS_ARRIVED_EVENT, take());
        EXPECT(pending(ports[i]));
    }
}

PVTEST(both, "two events in one word")
{
    reset();
    set(TIMER);
    set(TIMER + 1);
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE | PVOPS_ARRIVED_EVENT, take());
    EXPECT(!pending(TIMER));
    EXPECT(pending(TIMER + 1));
}

PVTEST(masked, "a masked event waits")
{
    reset();
    set(TIMER);
    set(2);
    shared.evtchn_mask[0] = 1ul << 2;
    shared.evtchn_mask[1] = 1ul << 3;
    EXPECT_EQ(0, take());
    EXPECT(pending(TIMER));
    EXPECT(pending(2));
}

PVTEST(nothing, "an upcall without an event, as after register_vcpu_info")
{
    reset();
    vcpu.evtchn_upcall_pending = 1;
    vcpu.evtchn_pending_sel = ~0ul;
    EXPECT_EQ(0, take());
}

PVTEST(no_timer, "port 0 is no timer")
{
    reset();
    x.timer_port = 0;
    set(0);
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, take());
    EXPECT(pending(0));
}

PVTEST(ipis, "each IPI by its port, several at once, in any word")
{
    static const unsigned ports[PVOPS_IPIS] = { 1, 0, WORD_BITS + 1,
                                                5 * WORD_BITS };

    reset();
    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        x.ipi_ports[i] = ports[i];
        if (ports[i])
            own(ports[i]);
    }
    set(1);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(0), take());
    set(WORD_BITS + 1);
    set(5 * WORD_BITS);
    set(TIMER);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(2) | PVOPS_ARRIVED_IPI(3) |
                  PVOPS_ARRIVED_DEADLINE,
              take());
    EXPECT_EQ(0, take());
}

PVTEST(ours, "an event of another VCPU's, in a word of ours: it is that one's")
{
    reset();
    own(TIMER + 1);
    own(2);
    set(TIMER + 1);
    set(2);
    EXPECT_EQ(0, take());
    EXPECT(pending(TIMER + 1));
    EXPECT(pending(2));
    set(3);
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, take());
}

PVTEST(elsewhere, "the upcall is the embedder's: IPIs alone are taken")
{
    reset();
    x.ipi_ports[1] = 7;
    own(7);
    set(7);
    set(TIMER);
    set(9);
    EXPECT_EQ(PVOPS_ARRIVED_IPI(1), pvi_xen_events_take_ipis(&x));
    EXPECT(pending(TIMER));
    EXPECT(pending(9));
    EXPECT(vcpu.evtchn_pending_sel != 0);
    EXPECT_EQ(0, pvi_xen_events_take_ipis(&x));
}
