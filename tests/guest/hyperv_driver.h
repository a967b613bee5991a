/* SPDX-License-Identifier: MIT */
/*
 * A driver of Hyper-V's as a kernel may have one, say for VMBus: it makes
 * hypercalls, and takes messages at two SINTs, one behind a vector of its own
 * and one that comes by the library. The messages are those of two synthetic
 * timers of its own, since no VMBus is there to send any. For the two guests
 * that let it meet the library: hyperv-driver-first and hyperv-driver-later.
 */
#ifndef HYPERV_DRIVER_H
#define HYPERV_DRIVER_H

#include <embedder.h>

#include "start/insn.h"

#include "abi/hyperv.h"
#include "abi/hyperv_hypercall.h"
#include "abi/hyperv_synic.h"

enum {
    DRIVER_OS_ID = 0x1234,
    DRIVER_SINT = 2, /* VMBus's in other kernels */
    EVENT_SINT = 3,
    TIMES = 3,
    NO_SUCH_CALL = 0xfff,
    INVALID_HYPERCALL_CODE = 2,
};

static struct hv_message_page *messages;
static void *hypercall_page;
static volatile unsigned own_messages, event_messages;

static uint64_t x86_rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
    return (uint64_t)hi << 32 | lo;
}

/* The status of a hypercall without operands. */
static unsigned hypercall(uint32_t code)
{
#ifdef __x86_64__
    uint64_t result;
    register uint64_t output __asm__("r8") = 0;

    __asm__ volatile("call *%[page]"
                     : "=a"(result), "+r"(output)
                     : [page] "r"(hypercall_page), "c"((uint64_t)code), "d"(0)
                     : "r9", "r10", "r11", "memory", "cc");
#else
    uint32_t result = code, high = 0;

    __asm__ volatile("call *%[page]"
                     : "+a"(result), "+d"(high)
                     : [page] "m"(hypercall_page), "b"(0), "c"(0), "S"(0),
                       "D"(0)
                     : "memory", "cc");
#endif
    return (unsigned)result & HV_STATUS_MASK;
}

/* A message is taken out of its slot; who waits behind it is let in. */
static bool take(unsigned sint)
{
    struct hv_message *slot = &messages->sint_message[sint];

    if (*(volatile uint32_t *)&slot->message_type != HVMSG_TIMER_EXPIRED)
        return false;
    *(volatile uint32_t *)&slot->message_type = HVMSG_NONE;
    x86_fence();
    if (*(volatile uint8_t *)&slot->message_flags & HV_MESSAGE_PENDING)
        x86_wrmsr(HV_X64_MSR_EOM, 0);
    return true;
}

static void driver_take(void)
{
    event_messages += take(EVENT_SINT);
}

__attribute__((interrupt)) static void on_driver(struct interrupt_frame *f)
{
    (void)f;
    own_messages += take(DRIVER_SINT);
    *lapic(LAPIC_EOI) = 0;
}

static void driver_gates(void)
{
    set_gate(DRIVER_VECTOR, (uintptr_t)on_driver);
}

static void driver_synic_setup(void *page)
{
    x86_wrmsr(HV_X64_MSR_SIMP, (uintptr_t)page | HV_SYNIC_SIMP_ENABLE);
    x86_wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_SCONTROL_ENABLE);
    messages = page;
}

/* Its SINTs and its timers 0 and 1, in whosever page. */
static void driver_sints_setup(void)
{
    x86_wrmsr(HV_X64_MSR_SINT0 + DRIVER_SINT, DRIVER_VECTOR);
    x86_wrmsr(HV_X64_MSR_SINT0 + EVENT_SINT, EVENT_VECTOR);
    x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG,
              HV_STIMER_AUTOENABLE | DRIVER_SINT << HV_STIMER_SINT_SHIFT);
    x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG + 2,
              HV_STIMER_AUTOENABLE | EVENT_SINT << HV_STIMER_SINT_SHIFT);
}

/* In 3 and 4 ms. */
static void driver_ask(void)
{
    uint64_t now = x86_rdmsr(HV_X64_MSR_TIME_REF_COUNT);

    x86_wrmsr(HV_X64_MSR_STIMER0_COUNT, now + 30000);
    x86_wrmsr(HV_X64_MSR_STIMER0_COUNT + 2, now + 40000);
}

/* Deadlines and messages of both kinds, in turn; each must come once. */
static void both_work(const char *name)
{
    deadlines = own_messages = event_messages = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        uint64_t give_up = pvops_time_now_ns() + (uint64_t)2000 * MS;

        pvops_time_set_deadline(pvops_time_now_ns() + 5 * MS);
        driver_ask();
        pvops_irq_enable();
        while ((deadlines <= i || own_messages <= i || event_messages <= i) &&
               pvops_time_now_ns() < give_up)
            ;
        pvops_irq_disable();
    }
    if (deadlines == TIMES && own_messages == TIMES && event_messages == TIMES)
        guest_pass(name);
    else
        guest_fail(name, "%u deadlines, %u and %u messages of %u", deadlines,
                   own_messages, event_messages, (unsigned)TIMES);
    check("hypercall-answers",
          hypercall(NO_SUCH_CALL) == INVALID_HYPERCALL_CODE,
          hypercall(NO_SUCH_CALL));
}

/* What the library may write, as it is now. */
enum { SAVED = 5 + HV_SYNIC_SINT_COUNT + HV_SYNIC_STIMER_COUNT };

static void save(uint64_t *out_msrs)
{
    unsigned n = 0;

    out_msrs[n++] = x86_rdmsr(HV_X64_MSR_GUEST_OS_ID);
    out_msrs[n++] = x86_rdmsr(HV_X64_MSR_HYPERCALL);
    out_msrs[n++] = x86_rdmsr(HV_X64_MSR_SCONTROL);
    out_msrs[n++] = x86_rdmsr(HV_X64_MSR_SIMP);
    out_msrs[n++] = x86_rdmsr(HV_X64_MSR_SIEFP);
    for (unsigned i = 0; i < HV_SYNIC_SINT_COUNT; i++)
        out_msrs[n++] = x86_rdmsr(HV_X64_MSR_SINT0 + i);
    for (unsigned i = 0; i < HV_SYNIC_STIMER_COUNT; i++)
        out_msrs[n++] = x86_rdmsr(HV_X64_MSR_STIMER0_CONFIG + 2 * i);
}

static void check_same(const char *name, const uint64_t *before)
{
    uint64_t after[SAVED];

    save(after);
    for (unsigned i = 0; i < SAVED; i++) {
        if (before[i] != after[i]) {
            guest_fail(name, "MSR %u of those saved was %x, is %x", i,
                       (unsigned)before[i], (unsigned)after[i]);
            return;
        }
    }
    guest_pass(name);
}

/* False, with a SKIP: the driver lacks what it needs here. */
static bool has_driver(const char *name)
{
    const uint32_t needs = HV_MSR_HYPERCALL_AVAILABLE | HV_MSR_SYNIC_AVAILABLE |
                           HV_MSR_SYNTIMER_AVAILABLE |
                           HV_MSR_TIME_REF_COUNT_AVAILABLE;
    struct x86_cpuid r = { 0, 0, 0, 0 };

    if (!guest_boot.xen_pv && x86_cpuid(1, 0).ecx >> 31)
        r = x86_cpuid(0x40000000, 0);
    if (r.eax < 0x40000003 ||
        x86_cpuid(0x40000001, 0).eax != HV_INTERFACE_HV1 ||
        (x86_cpuid(0x40000003, 0).eax & needs) != needs) {
        guest_skip(name, "no Hyper-V with synthetic timers");
        return false;
    }
    *lapic(LAPIC_SPURIOUS) = LAPIC_ENABLED;
    return true;
}

#endif /* HYPERV_DRIVER_H */
