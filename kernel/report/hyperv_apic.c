/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's MSRs of a virtual processor: those in the place of the APIC's
 * registers, the assist page, its index; the hypercall page and the crash's.
 */
#include "report/hyperv.h"

enum {
    WAIT_US = 20000,
    APIC_EOI = 0xb0,
    APIC_TPR = 0x80,
    ICR_DESTINATION = 56, /* shift */
    TPR = 0x20,
};

static void eoi_by_msr(void)
{
    machine_wrmsr(HV_MSR_EOI, 0);
}

static void eoi_by_apic(void)
{
    machine_apic_write(APIC_EOI, 0);
}

/* Two interrupts: the second comes only if the first has ended. */
void probe_hv_eoi(struct report_try *try)
{
    if (!try->claimed) {
        if (machine_wrmsr(HV_MSR_EOI, 0))
            try_unclaimed(try, "WRMSR answers");
        else
            try_absent(try);
        return;
    }
    if (!try_write(try, HV_MSR_EOI, 0))
        return;
    machine_eoi = MACHINE_EOI_MSR;
    machine_count[0] = machine_count[1] = 0;
    for (unsigned i = 1; i <= 2; i++) {
        if (!machine_apic_self(MACHINE_VECTOR)) {
            try_untried(try, "no local APIC that could interrupt");
            break;
        }
        if (!machine_wait(i, report_ticks(WAIT_US))) {
            try_wrong(try, "interrupt %u does not come: its EOI was not seen",
                      i);
            eoi_by_apic();
            break;
        }
    }
    machine_eoi = MACHINE_EOI_APIC;
    try_right(try, "it ends an interrupt");
    if (try->verdict == REPORT_RIGHT)
        try_cost(try, eoi_by_msr, eoi_by_apic);
}

/* By the APIC's id, which is in xAPIC's place whatever the mode. */
static uint64_t icr_self(void)
{
    return (uint64_t)machine_apic_id() << ICR_DESTINATION | MACHINE_VECTOR;
}

static void ipi_by_msr(void)
{
    machine_wrmsr(HV_MSR_ICR, icr_self());
}

static void ipi_by_apic(void)
{
    machine_apic_self(MACHINE_VECTOR);
}

void probe_hv_icr(struct report_try *try)
{
    uint64_t value;

    if (!try_read(try, HV_MSR_ICR, &value) || !try->claimed)
        return;
    machine_count[0] = machine_count[1] = 0;
    if (!try_write(try, HV_MSR_ICR, icr_self()))
        return;
    if (!machine_wait(1, report_ticks(WAIT_US)))
        try_wrong(try, "to this CPU: it does not arrive");
    try_right(try, "to this CPU: it arrives");
    if (try->verdict == REPORT_RIGHT)
        try_cost(try, ipi_by_msr, ipi_by_apic);
    machine_wait(~0u, report_ticks(1000));
}

/* What is stored is the APIC's own, seen by both. */
void probe_hv_tpr(struct report_try *try)
{
    uint64_t old, now = 0;
    uint32_t apic = TPR;

    if (!try_read(try, HV_MSR_TPR, &old) || !try->claimed ||
        !try_write(try, HV_MSR_TPR, TPR))
        return;
    machine_rdmsr(HV_MSR_TPR, &now);
    machine_apic_read(APIC_TPR, &apic);
    if (now != TPR || (apic & 0xff) != TPR)
        try_wrong(try, "0x20 stored reads 0x%llx, by the APIC 0x%x",
                  (unsigned long long)now, (unsigned)apic);
    try_right(try, "what it says is the APIC's");
    machine_wrmsr(HV_MSR_TPR, old);
}

void probe_hv_apic(struct report_try *try)
{
    uint64_t value;

    if (!machine_wrmsr(HV_MSR_EOI, 0))
        try_wrong(try, "storing to HV_X64_MSR_EOI faults");
    else if (!machine_rdmsr(HV_MSR_ICR, &value))
        try_wrong(try, "HV_X64_MSR_ICR faults");
    else if (!machine_rdmsr(HV_MSR_TPR, &value))
        try_wrong(try, "HV_X64_MSR_TPR faults");
    try_right(try, "3 MSRs answer");
}

void probe_hv_assist(struct report_try *try)
{
    static volatile uint32_t page[1024] __attribute__((aligned(4096)));
    uint64_t old, now = 0, mine = machine_paddr((const void *)page) | HV_ENABLE;

    if (!try_read(try, HV_MSR_ASSIST, &old) || !try->claimed)
        return;
    if (!try_write(try, HV_MSR_ASSIST, mine))
        return;
    page[0] = 0;
    machine_rdmsr(HV_MSR_ASSIST, &now);
    if (now != mine)
        try_wrong(try, "0x%llx stored reads 0x%llx", (unsigned long long)mine,
                  (unsigned long long)now);
    else
        try_eoi_word(try, page, false);
    machine_wrmsr(HV_MSR_ASSIST, old);
}

void probe_hv_vp_index(struct report_try *try)
{
    uint32_t limits[4];
    uint64_t index;

    if (!try_read(try, HV_MSR_VP_INDEX, &index) || !try->claimed)
        return;
    try_leaf(try, 5, 0, limits);
    /* Linux lays its masks out for 4096; leaf 5 EAX is the most, if it is. */
    if (index >= 4096 || (limits[EAX] && index >= limits[EAX]))
        try_wrong(try, "0x%llx, of 0x%x at most", (unsigned long long)index,
                  (unsigned)limits[EAX]);
    try_right(try, "%llu", (unsigned long long)index);
}

void probe_hv_crash(struct report_try *try)
{
    uint64_t old, now = 0;
    const uint64_t mark = UINT64_C(0x1122334455667788);
    uint32_t msr = try->row->where;

    if (!try_read(try, msr, &old) || !try->claimed ||
        !try_write(try, msr, mark))
        return;
    machine_rdmsr(msr, &now);
    if (now != mark)
        try_wrong(try, "0x%llx stored reads 0x%llx", (unsigned long long)mark,
                  (unsigned long long)now);
    try_right(try, "keeps what is stored");
    machine_wrmsr(msr, old);
}

/* Set-up has enabled it, unless it could not. */
void probe_hv_page(struct report_try *try)
{
    uint64_t value, id = 0;

    if (!try_read(try, HV_MSR_HYPERCALL, &value) || !try->claimed)
        return;
    machine_rdmsr(HV_MSR_OS_ID, &id);
    if (!(value & HV_ENABLE) && !id)
        try_untried(try, "libpvops took another interface, and enabled none");
    else if (!(value & HV_ENABLE))
        try_wrong(try, "reads 0x%llx: the page cannot be enabled",
                  (unsigned long long)value);
    else if (!machine_has_hyperv_page())
        try_untried(try, "somebody else's page");
    else
        try_right(try, "the page is at 0x%llx",
                  (unsigned long long)(value & HV_PAGE));
}
