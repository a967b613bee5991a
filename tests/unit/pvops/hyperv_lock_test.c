/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a lock under Hyper-V: asleep by the idle MSR until a kick, else
 * with a note after as many tries as are asked for.
 *
 * Tried: the idle MSR read with interrupts on, or though the word has changed,
 * or without its bit; a note each time, never, or for UINT32_MAX; the count
 * carried over to another word; the kick left out: each fails here.
 */
#include "hyperv_vps.h"

#include <x86/system.h>

#include "hyperv.h"

enum { RETRIES = 3000 };

#define EAX_NO_IDLE (FAKE_HV_EAX & ~HV_MSR_GUEST_IDLE_AVAILABLE)

static uint32_t word, other_word;

static void start(uint32_t eax, uint32_t retries)
{
    vps_reset(eax, FAKE_HV_EDX, FAKE_HV_HINTS, vps_in_disorder);
    fake_leaf(0x40000004, FAKE_HV_HINTS, retries, 0, 0);
    vps_start();
}

static unsigned notes(void)
{
    return fake_hyperv.calls[HVCALL_NOTIFY_LONG_SPIN_WAIT];
}

static void expect_off(void)
{
    EXPECT(!fake_system.interrupts);
}

PVTEST(idle, "interrupts off, only while the word is the same")
{
    start(FAKE_HV_EAX, RETRIES);
    fake_hyperv.at_idle = expect_off;
    pvops_lock_wait(&word, word);
    EXPECT_EQ(1, fake_hyperv.idles);
    EXPECT(fake_system.interrupts);
    pvops_lock_wait(&word, word + 1);
    EXPECT_EQ(1, fake_hyperv.idles);
    EXPECT_EQ(0, notes());
    fake_system.interrupts = false;
    pvops_lock_wait(&word, word);
    EXPECT(!fake_system.interrupts);
    EXPECT_EQ(2, fake_hyperv.idles);
    fake_system.interrupts = true;
    vps_stop();
}

PVTEST(kick, "is an interrupt of the library's own, which is nothing else")
{
    unsigned arrived[VPS];

    start(FAKE_HV_EAX, RETRIES);
    for (unsigned i = 0; i < VPS; i++) {
        pvops_lock_kick(i);
        for (unsigned k = 0; k < VPS; k++)
            EXPECT_EQ(i == k, fake_hyperv.vps[k].raised[FLUSH_VECTOR]);
        vps_take(arrived);
        EXPECT_EQ(0, arrived[i]);
    }
    vps_stop();
}

PVTEST(no_vector, "who cannot be kicked does not sleep")
{
    vps_reset(FAKE_HV_EAX, FAKE_HV_EDX, FAKE_HV_HINTS, vps_as_ours);
    machine.cpu_options.flush_vector = 0;
    vps_start();
    pvops_lock_wait(&word, word);
    pvops_lock_kick(1);
    EXPECT_EQ(0, fake_hyperv.idles);
    EXPECT_EQ(0, fake_hyperv.calls[HVCALL_SEND_IPI]);
    vps_stop();
}

PVTEST(notes_of_long_waits, "one for each so many tries for one word")
{
    start(EAX_NO_IDLE, RETRIES);
    for (unsigned i = 0; i < 2; i++)
        pvops_lock_wait(&word, word);
    EXPECT_EQ(0, notes());
    pvops_lock_wait(&word, word);
    EXPECT_EQ(1, notes());
    EXPECT(fake_hyperv.long_spin >= RETRIES);
    pvops_lock_wait(&word, word);
    pvops_lock_wait(&word, word);
    /* Another lock: from the beginning. */
    pvops_lock_wait(&other_word, other_word);
    EXPECT_EQ(1, notes());
    /* It is over: no more of the tries. */
    for (unsigned i = 0; i < 100; i++)
        pvops_lock_wait(&word, word + 1);
    EXPECT_EQ(1, notes());
    EXPECT_EQ(0, fake_hyperv.idles);
    pvops_lock_kick(1);
    EXPECT_EQ(0, fake_hyperv.calls[HVCALL_SEND_IPI]);
    vps_stop();
}

PVTEST(often, "fewer tries than one look takes")
{
    start(EAX_NO_IDLE, 1);
    pvops_lock_wait(&word, word);
    EXPECT_EQ(1, notes());
    EXPECT_EQ(1, fake_hyperv.long_spin);
    vps_stop();
}

/* The model fails at a note to who wants none. */
PVTEST(never, "0 and UINT32_MAX: nobody wants to know; nor without hypercalls")
{
    static const uint32_t ebx[] = { 0, UINT32_MAX };

    for (unsigned i = 0; i < 2; i++) {
        start(EAX_NO_IDLE, ebx[i]);
        EXPECT_EQ(0, pvi_hyperv.retries);
        for (unsigned k = 0; k < 10000; k++)
            pvops_lock_wait(&word, word);
        vps_stop();
    }
    start(EAX_NO_IDLE & ~HV_MSR_HYPERCALL_AVAILABLE, 1);
    pvops_lock_wait(&word, word);
    EXPECT_EQ(0, notes());
    vps_stop();
}
