/* SPDX-License-Identifier: MIT */
/*
 * A synthetic timer of Hyper-V's as this CPU's one-shot deadline: in direct
 * mode by a vector, else by messages through a SINT of the SynIC.
 *
 * Of what there is more than one of, the last free one is taken, because a
 * driver that does not look takes the first: timer 3, then 2, 1, 0; SINT 15
 * down to 1. AutoEOI is never used, so that whoever handles the interrupt need
 * not know.
 *
 * A synthetic timer counts in units of 100 ns since the machine was made, the
 * library's clock from its set-up: count_at() converts.
 */
#include "hyperv.h"

#include "abi/hyperv.h"
#include "abi/hyperv_synic.h"
#include "clock/features.h"
#include <x86/insn.h>

#define NS_PER_COUNT 100u

static uint32_t config_msr(const struct pvi_hyperv_cpu *h)
{
    return HV_X64_MSR_STIMER0_CONFIG + 2 * h->stimer;
}

static uint32_t count_msr(const struct pvi_hyperv_cpu *h)
{
    return HV_X64_MSR_STIMER0_COUNT + 2 * h->stimer;
}

static uint32_t sint_msr(const struct pvi_hyperv_cpu *h)
{
    return HV_X64_MSR_SINT0 + h->sint;
}

/* Rounded up, so that no deadline comes early by the rounding. */
static uint64_t counts(uint64_t ns)
{
    uint32_t rest;
    uint64_t n = x86_div(ns, NS_PER_COUNT, &rest);

    return rest ? n + 1 : n;
}

/*
 * The reference counter when pvops_time_now_ns() is 'at_ns'; never 0, which
 * would stop the timer. Where the clock is the counter or its page it is plain
 * arithmetic, elsewhere it costs an exit.
 */
static uint64_t count_at(uint64_t at_ns)
{
    const struct pvops_clock *clock = &pvi.clock;
    uint64_t now_ns, count;

    if (clock->kind == PVOPS_CLOCK_HYPERV_PAGE ||
        clock->kind == PVOPS_CLOCK_HYPERV_COUNTER) {
        count = at_ns + clock->page_ns < at_ns ? counts(UINT64_MAX)
                                               : counts(at_ns + clock->page_ns);
    } else {
        now_ns = pvops_time_table.now_ns();
        count = x86_rdmsr(HV_X64_MSR_TIME_REF_COUNT);
        if (at_ns > now_ns)
            count += counts(at_ns - now_ns);
    }
    return count ? count : 1;
}

void pvi_hyperv_stimer_set(struct pvops_cpu *cpu, uint64_t at_ns)
{
    x86_wrmsr(count_msr(pvi_hyperv_cpu(cpu)), count_at(at_ns));
}

void pvi_hyperv_stimer_stop(struct pvops_cpu *cpu)
{
    x86_wrmsr(count_msr(pvi_hyperv_cpu(cpu)), 0);
}

/*
 * The hypervisor may want to know that the slot is empty, and says so by a flag
 * that it may set until then: so the flag is read after the slot was emptied,
 * which a locked instruction makes the order for the hypervisor too.
 */
void pvi_hyperv_stimer_take(struct pvops_cpu *cpu)
{
    struct hv_message *slot = pvi_hyperv_cpu(cpu)->slot;
    uint64_t *header = (uint64_t *)(void *)slot;
    uint64_t now = x86_load64(header), was;

    if ((uint32_t)now == HVMSG_NONE)
        return;
    do {
        was = now;
        now = x86_cmpxchg64(header, was, was & ~(uint64_t)UINT32_MAX);
    } while (now != was);
    if (*(volatile uint8_t *)&slot->message_flags & HV_MESSAGE_PENDING)
        x86_wrmsr(HV_X64_MSR_EOM, 0);
}

/* What is missing for any synthetic timer, or NULL. */
static const char *missing(void)
{
    uint32_t features = pvi.info.features[PVI_HYPERV_EAX];

    if (!(features & HV_MSR_SYNTIMER_AVAILABLE))
        return "no synthetic timers";
    if (!(features & HV_MSR_TIME_REF_COUNT_AVAILABLE))
        return "no reference counter for its timers";
    /* In direct mode too: abi/hyperv_synic.h. */
    if (!(features & HV_MSR_SYNIC_AVAILABLE))
        return "no SynIC for its timers";
    return NULL;
}

/* One that nobody uses; false if all are in use. */
static bool find_stimer(struct pvi_hyperv_cpu *h)
{
    for (h->stimer = HV_SYNIC_STIMER_COUNT; h->stimer-- != 0;) {
        if (x86_rdmsr(config_msr(h)) == 0)
            return true;
    }
    return false;
}

/* The embedder's choice, else the last that is masked; SINT 0 is not for us. */
static bool find_sint(struct pvi_hyperv_cpu *h)
{
    unsigned first = 1, last = HV_SYNIC_SINT_COUNT - 1;

    if (pvi.resources.hyperv_timer_sint)
        first = last = pvi.resources.hyperv_timer_sint;
    if (last >= HV_SYNIC_SINT_COUNT)
        return false;
    for (h->sint = last; h->sint >= first; h->sint--) {
        h->found_sint = x86_rdmsr(sint_msr(h));
        if ((h->found_sint & HV_SYNIC_SINT_MASKED) &&
            !(h->found_sint & HV_SYNIC_SINT_POLLING))
            return true;
    }
    return false;
}

/* The library's: of the boot CPU, where its drivers look for it. */
static void *own_page(struct pvops_cpu *cpu)
{
    void *page = cpu->index == 0 ? pvi_page(PVI_PAGE_MESSAGE) : NULL;

    return page ? page : pvi_cpu_page(cpu, PVI_CPU_PAGE_MESSAGE);
}

/*
 * The message page: the embedder's, if it is enabled already, else ours. NULL:
 * the reason is in '*out_why'.
 */
static struct hv_message_page *find_page(struct pvops_cpu *cpu,
                                         const char **out_why)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    void *page = cpu->index == 0 ? pvi.resources.hyperv_message_page : NULL;
    bool enabled;

    h->found_page = x86_rdmsr(HV_X64_MSR_SIMP);
    h->found_control = x86_rdmsr(HV_X64_MSR_SCONTROL);
    enabled = h->found_page & HV_SYNIC_SIMP_ENABLE;
    if (enabled && !page) {
        *out_why = "the message page's owner did not say so";
    } else if (page && (!enabled || (h->found_page & HV_SYNIC_SIMP_PAGE) !=
                                        pvops_host_paddr(page))) {
        *out_why = "your message page is not the enabled one";
        page = NULL;
    } else if (!page) {
        *out_why = "no pages were given";
        page = own_page(cpu);
        h->page_ours = page != NULL;
    }
    return (struct hv_message_page *)page;
}

static void write_page(struct pvops_cpu *cpu, struct hv_message_page *page)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);

    x86_clear(page, sizeof(*page));
    x86_wrmsr(HV_X64_MSR_SIMP, (h->found_page & ~HV_SYNIC_SIMP_PAGE) |
                                   pvops_host_paddr(page) |
                                   HV_SYNIC_SIMP_ENABLE);
    if (cpu->index == 0)
        pvi.resources.hyperv_message_page = page;
}

/* A SINT with the deadline vector; else why not, and nothing was changed. */
static const char *message_setup(struct pvops_cpu *cpu)
{
    const uint64_t ours =
        HV_SYNIC_SINT_VECTOR | HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_AUTO_EOI;
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    struct hv_message_page *page;
    const char *why = NULL;

    page = find_page(cpu, &why);
    if (!page)
        return why;
    if (!find_sint(h)) {
        h->page_ours = false;
        return pvi.resources.hyperv_timer_sint ? "the chosen SINT is in use"
                                               : "no SINT is free";
    }
    if (h->page_ours)
        write_page(cpu, page);
    if (!(h->found_control & HV_SYNIC_SCONTROL_ENABLE)) {
        h->control_ours = true;
        x86_wrmsr(HV_X64_MSR_SCONTROL,
                  h->found_control | HV_SYNIC_SCONTROL_ENABLE);
    }
    h->slot = &page->sint_message[h->sint];
    x86_wrmsr(sint_msr(h), (h->found_sint & ~ours) | cpu->deadline_vector);
    return NULL;
}

/* Which mode, or why neither. */
static const char *mode_setup(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    const char *why = missing();

    if (why)
        return why;
    if (!find_stimer(h))
        return "all synthetic timers are in use";
    if (pvi.info.features[PVI_HYPERV_EDX] & HV_STIMER_DIRECT_MODE_AVAILABLE) {
        h->timer = PVI_HYPERV_TIMER_DIRECT;
        x86_wrmsr(config_msr(h), HV_STIMER_DIRECT_MODE | HV_STIMER_AUTOENABLE |
                                     (uint32_t)cpu->deadline_vector
                                         << HV_STIMER_APIC_VECTOR_SHIFT);
        return NULL;
    }
    why = message_setup(cpu);
    if (why)
        return why;
    h->timer = PVI_HYPERV_TIMER_MESSAGE;
    x86_wrmsr(config_msr(h),
              HV_STIMER_AUTOENABLE | h->sint << HV_STIMER_SINT_SHIFT);
    return NULL;
}

bool pvi_hyperv_stimer_setup(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    const char *why = mode_setup(cpu);

    if (cpu->index != 0) {
        if (why && !missing())
            pvi_log(PVOPS_LOG_INFO,
                    "hyperv: CPU %u: %s: deadlines by the local APIC",
                    cpu->index, why);
        return !why;
    }
    pvi.resources.hyperv_timer_sint = 0;
    if (why) {
        pvi_log(PVOPS_LOG_INFO, "hyperv: %s: deadlines by the local APIC", why);
    } else if (h->timer == PVI_HYPERV_TIMER_DIRECT) {
        pvi_log(PVOPS_LOG_INFO, "hyperv: deadlines by synthetic timer %u",
                h->stimer);
    } else {
        pvi.resources.hyperv_timer_sint = h->sint;
        pvi_log(PVOPS_LOG_INFO,
                "hyperv: no direct timers: deadlines by messages of synthetic "
                "timer %u to SINT %u",
                h->stimer, h->sint);
    }
    return !why;
}

void pvi_hyperv_stimer_teardown(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);

    if (cpu->index == 0)
        pvi.resources.hyperv_timer_sint = h->given_sint;
    if (h->timer == PVI_HYPERV_TIMER_NONE)
        return;
    pvi_hyperv_stimer_stop(cpu);
    x86_wrmsr(config_msr(h), 0);
    if (h->timer == PVI_HYPERV_TIMER_MESSAGE) {
        x86_wrmsr(sint_msr(h), h->found_sint);
        pvi_hyperv_stimer_take(cpu);
    }
    if (h->control_ours)
        x86_wrmsr(HV_X64_MSR_SCONTROL, h->found_control);
    if (h->page_ours) {
        x86_wrmsr(HV_X64_MSR_SIMP, h->found_page);
        if (cpu->index == 0)
            pvi.resources.hyperv_message_page = NULL;
    }
    h->timer = PVI_HYPERV_TIMER_NONE;
}
