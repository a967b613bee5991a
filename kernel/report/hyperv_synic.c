/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's synthetic timers, timer 0 of this CPU, both ways: by an interrupt
 * of its own (direct mode), and by a message to SINT 4. The library's, which is
 * the last, stays as it is.
 */
#include "core/divide.h"
#include "report/hyperv.h"

enum {
    SINT = 4,
    DUE = 20000, /* 2 ms */
    WAIT_US = 300000,
};

static uint8_t messages[4096] __attribute__((aligned(4096)));

/* It fires once, not early. */
static void fires(struct report_try *try, uint64_t config)
{
    uint64_t now = 0, then = 0;
    uint32_t rest;

    machine_count[0] = machine_count[1] = 0;
    if (!hv_read_count(&now)) {
        try_untried(try, "without the counter no time can be named");
        return;
    }
    if (!machine_wrmsr(HV_MSR_TIMER_CONFIG, config) ||
        !machine_wrmsr(HV_MSR_TIMER_COUNT, now + DUE) ||
        !machine_wrmsr(HV_MSR_TIMER_CONFIG, config | HV_TIMER_ENABLE)) {
        try_wrong(try, "storing to its MSRs faults");
        return;
    }
    if (!machine_wait(1, report_ticks(WAIT_US))) {
        try_wrong(try, "set to 2 ms, it did not fire in 300 ms");
        return;
    }
    hv_read_count(&then);
    if (then < now + DUE)
        try_wrong(try, "it fired %llu00 ns early",
                  (unsigned long long)(now + DUE - then));
    else
        try_right(try, "it fired %llu us behind its time",
                  (unsigned long long)divide(then - now - DUE, 10, &rest));
}

static bool is_free(struct report_try *try, uint64_t *out_config)
{
    if (!try_read(try, HV_MSR_TIMER_CONFIG, out_config))
        return false;
    if (*out_config & HV_TIMER_ENABLE) {
        try_untried(try, "timer 0 is in use");
        return false;
    }
    return true;
}

static void put_back(uint64_t config)
{
    machine_wrmsr(HV_MSR_TIMER_COUNT, 0);
    machine_wrmsr(HV_MSR_TIMER_CONFIG, config);
}

void probe_hv_timer_direct(struct report_try *try)
{
    uint64_t config;

    if (!is_free(try, &config))
        return;
    fires(try, HV_TIMER_DIRECT | MACHINE_VECTOR << HV_TIMER_VECTOR);
    put_back(config);
}

static void by_message(struct report_try *try)
{
    const volatile uint32_t *type;
    const volatile uint8_t *page = machine_hyperv_messages();
    uint64_t sint;

    if (!page)
        page = messages;
    type = (const volatile uint32_t *)(page + SINT * HV_MESSAGE_BYTES);
    if (!try_read(try, HV_MSR_SINT0 + SINT, &sint))
        return;
    if (!(sint & HV_SINT_MASKED)) {
        try_untried(try, "SINT 4 is in use");
        return;
    }
    machine_wrmsr(HV_MSR_SINT0 + SINT, MACHINE_VECTOR);
    fires(try, (uint64_t)SINT << HV_TIMER_SINT);
    if (try->verdict == REPORT_RIGHT && *type != HV_MESSAGE_TIMER)
        try_wrong(try, "the interrupt came, the message's type is 0x%x",
                  (unsigned)*type);
    put_back(0);
    *(volatile uint32_t *)(uintptr_t)type = 0;
    machine_wrmsr(HV_MSR_EOM, 0);
    machine_wrmsr(HV_MSR_SINT0 + SINT, sint);
}

void probe_hv_timer_message(struct report_try *try)
{
    uint64_t config, control, simp;

    if (!is_free(try, &config))
        return;
    if (!try_has(try, HV_EAX(2))) {
        if (!try_has(try, HV_EDX(19)))
            try_wrong(try, "without HV_MSR_SYNIC or direct mode nothing comes");
        try_right(try, "its MSRs read; no messages without HV_MSR_SYNIC");
        return;
    }
    if (!try_read(try, HV_MSR_SCONTROL, &control) ||
        !try_read(try, HV_MSR_SIMP, &simp))
        return;
    if (!(simp & HV_ENABLE) &&
        !try_write(try, HV_MSR_SIMP, machine_paddr(messages) | HV_ENABLE))
        return;
    if ((simp & HV_ENABLE) && !machine_hyperv_messages()) {
        try_untried(try, "somebody's message page is in use");
    } else {
        machine_wrmsr(HV_MSR_SCONTROL, control | 1);
        by_message(try);
    }
    machine_wrmsr(HV_MSR_SCONTROL, control);
    machine_wrmsr(HV_MSR_SIMP, simp);
    machine_wrmsr(HV_MSR_TIMER_CONFIG, config);
}

void probe_hv_eom(struct report_try *try)
{
    if (try_write(try, HV_MSR_EOM, 0) && try->claimed)
        try_right(try, "can be stored to");
}
