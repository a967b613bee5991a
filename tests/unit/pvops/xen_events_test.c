/* SPDX-License-Identifier: MIT */
/*
 * Taking events out of shared_info: the timer's, and what is left for others.
 *
 * Tried: evtchn_mask not looked at: masked fails. The timer's bit not cleared:
 *        timer and both fail. The selector left as it was: timer, others, both,
 *        masked and nothing fail, and xen_hvm_test's deadline, early, others.
 */
#include "pvtest.h"

#include <string.h>

#include "xen.h"

enum { WORD_BITS = 8 * sizeof(long), TIMER = WORD_BITS + 3 };

static struct shared_info shared;
static struct vcpu_info vcpu;

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

static void reset(void)
{
    memset(&shared, 0, sizeof(shared));
    memset(&vcpu, 0, sizeof(vcpu));
}

static unsigned take(void)
{
    unsigned found = pvi_xen_events_take(&shared, &vcpu, TIMER);

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
    set(0);
    EXPECT_EQ(PVOPS_ARRIVED_EVENT, pvi_xen_events_take(&shared, &vcpu, 0));
    EXPECT(pending(0));
}
