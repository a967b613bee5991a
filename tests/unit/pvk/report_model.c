/* SPDX-License-Identifier: MIT */
/*
 * The report's machine on the host.
 */
#include "report_model.h"

#include <string.h>

#include "apic_timer.h"
#include "cpu_private.h"
#include "pvtest.h"

#include "abi/hyperv_hypercall.h"
#include "report/abi_hyperv.h"
#include "report/abi_kvm.h"

struct report_model model;

enum machine_eoi machine_eoi;
volatile uint32_t *machine_eoi_word;
volatile unsigned machine_eoi_words;
volatile unsigned machine_count[2];

static uint8_t hypercall_page[4096] __attribute__((aligned(4096)));
static bool silent;

void machine_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    struct x86_cpuid r = fake.xen_pv ? x86_cpuid_xen_pv(leaf, subleaf)
                                     : x86_cpuid(leaf, subleaf);

    /* An exit, where everything else that is one costs as much. */
    if (model.eoi_is_cheap)
        fake_spend(8 * fake.exit_ps);
    memcpy(out, &r, sizeof(r));
}

uint64_t machine_tsc(void)
{
    return x86_rdtsc();
}

bool machine_is_xen_pv(void)
{
    return fake.xen_pv;
}

unsigned machine_cpus(void)
{
    return model.two_cpus ? 2 : 1;
}

static bool there_is(uint32_t msr)
{
    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (fake.msrs[i].msr == msr)
            return !fake.xen_pv;
    }
    return false;
}

void machine_rearm(void)
{
    model.rearmed++;
}

static bool in_service(void)
{
    uint32_t any = 0;

    for (unsigned i = 0; i < 8; i++)
        any |= fake.apic_in_service[i];
    return any != 0;
}

/* Hyper-V's EOI by a bit of the assist page. */
static uint32_t *assist;

static void assist_delivered(void)
{
    if (assist && !model.assist_never)
        *assist |= 1;
}

static void assist_before(void)
{
    if (!assist || model.assist_ignored)
        return;
    if (in_service() && !(*assist & 1) && !model.assist_never)
        fake_apic_eoi();
    *assist &= ~1u;
}

static void stale_page(void)
{
    if (!fake.hv_page)
        return;
    fake.hv_page->tsc_offset += model.page_off;
    if (model.page_stale)
        fake.hv_page->tsc_scale = fake.hv_page->tsc_scale / 2;
}

bool machine_rdmsr(uint32_t msr, uint64_t *out_value)
{
    if (!there_is(msr))
        return false;
    *out_value = x86_rdmsr(msr);
    return true;
}

bool machine_wrmsr(uint32_t msr, uint64_t value)
{
    if (!there_is(msr))
        return false;
    /* An exit: KVM looks at the word of its EOI. */
    if (fake_apic_timer.before)
        fake_apic_timer.before();
    if (msr == HV_MSR_EOI && !in_service())
        return true;
    if (msr == KVM_MSR_POLL && model.poll_stuck)
        return true;
    if (msr == HV_MSR_EOI && model.eoi_ignored)
        return true;
    if (msr == HV_MSR_REF_TSC && model.tsc_page_dead)
        return true;
    if (msr >= HV_MSR_CRASH_P0 && msr < HV_MSR_CRASH_CTL && model.crash_forgets)
        return true;
    x86_wrmsr(msr, value);
    if (msr == HV_MSR_REF_TSC)
        stale_page();
    if (msr == HV_MSR_ASSIST)
        assist = value & HV_ENABLE ? fake_page_at(value & HV_PAGE) : NULL;
    if (msr == KVM_MSR_STEAL && fake_kvm.steal && !model.flush_ignored) {
        if (fake_kvm.steal->preempted & 2)
            report_model_flush(1);
        fake_kvm.steal->preempted = 0;
    }
    return true;
}

bool machine_xen(unsigned number, const uintptr_t args[4], long *out_result)
{
    fake_spend(fake.exit_ps);
    return model.xen && report_model_xen_call(number, args, out_result);
}

uint64_t machine_paddr(const void *address)
{
    uint64_t paddr = (uintptr_t)address;

    for (unsigned i = 0; i < FAKE_PAGES; i++) {
        if (fake.pages[i].page && fake.pages[i].paddr == paddr)
            return paddr;
    }
    fake_page(paddr, (void *)(uintptr_t)address);
    return paddr;
}

/* An interrupt begins, is counted, and ends. */
static void deliver(unsigned vector)
{
    if (vector != MACHINE_VECTOR && vector != MACHINE_VECTOR_2)
        FAIL("an interrupt at vector 0x%x", vector);
    if (fake_apic_timer.delivered)
        fake_apic_timer.delivered();
    machine_count[vector - MACHINE_VECTOR]++;
    if (machine_eoi == MACHINE_EOI_WORD && (*machine_eoi_word & 1)) {
        *machine_eoi_word &= ~1u;
        machine_eoi_words++;
        return;
    }
    if (machine_eoi == MACHINE_EOI_MSR)
        machine_wrmsr(HV_MSR_EOI, 0);
    else
        fake_apic_eoi();
}

static void look(void)
{
    unsigned vector;

    if (fake_apic_timer.before)
        fake_apic_timer.before();
    if (model.hyperv) {
        vector = fake_hyperv_wait(1000);
        if (vector && !model.timer_dead)
            deliver(vector);
        else if (vector)
            fake_apic_eoi();
    }
    for (unsigned i = 0; i < 2; i++) {
        if (!model.raised[i] || in_service())
            continue;
        model.raised[i] = false;
        if (fake_apic_interrupt((uint8_t)(MACHINE_VECTOR + i)))
            deliver(MACHINE_VECTOR + i);
    }
    report_model_xen_time();
}

bool machine_wait(unsigned count, uint64_t ticks)
{
    uint64_t start = fake_tsc();

    if (model.timer_early && model.hyperv) {
        machine_count[0]++;
        return true;
    }
    do {
        look();
        fake_spend(100000000); /* 100 us */
    } while (machine_count[0] + machine_count[1] < count &&
             fake_tsc() - start < ticks);
    return machine_count[0] + machine_count[1] >= count;
}

bool machine_apic_read(unsigned offset, uint32_t *out_value)
{
    if (offset != 0x80)
        FAIL("the APIC's register 0x%x", offset);
    *out_value = 0;
    if (there_is(HV_MSR_TPR) && !model.tpr_apart)
        *out_value = (uint32_t)x86_rdmsr(HV_MSR_TPR);
    return true;
}

bool machine_apic_write(unsigned offset, uint32_t value)
{
    (void)value;
    if (offset != 0xb0)
        FAIL("the APIC's register 0x%x", offset);
    fake_spend(fake.exit_ps);
    if (in_service())
        fake_apic_eoi();
    return true;
}

bool machine_apic_self(unsigned vector)
{
    fake_spend(fake.exit_ps);
    model.raised[vector - MACHINE_VECTOR] = true;
    return true;
}

uint32_t machine_apic_id(void)
{
    return 0;
}

unsigned machine_other(void)
{
    return model.two_cpus && !model.asleep;
}

uint32_t machine_apic_of(unsigned cpu)
{
    return cpu;
}

void machine_rdmsr_on(unsigned cpu, struct machine_msr *msr)
{
    msr->value = cpu;
}

bool machine_sleeps(unsigned cpu, uint64_t ticks)
{
    (void)cpu;
    (void)ticks;
    model.asleep = true;
    return true;
}

bool machine_is_awake(uint64_t ticks)
{
    (void)ticks;
    return !model.asleep;
}

void *machine_hyperv_messages(void)
{
    return NULL;
}

char report_model_written[REPORT_LINE + 1];

void report_write(const char *text, size_t length)
{
    snprintf(report_model_written, sizeof(report_model_written), "%.*s",
             (int)length, text);
    if (!silent)
        fwrite(text, 1, length, stdout);
}

void report_model_bare(void)
{
    memset(&model, 0, sizeof(model));
    fake_reset();
    fake.cheap_ps = 100000;
    fake_apic(1000000000, true);
    fake_apic_timer_reset();
    machine_eoi = MACHINE_EOI_APIC;
    model.kvm_unknown = -KVM_ERROR_ENOSYS;
}

void report_model_kvm(uint32_t features)
{
    report_model_bare();
    model.kvm = true;
    model.kvm_calls = 1u << 5 | 1u << 9 | 1u << 10 | 1u << 11 | 1u << 12;
    fake_kvm_reset(0x40000000, features);
    fake_kvm.unix_ns = UINT64_C(1795350896123456789);
    fake_kvm.skips_eoi = true;
    fake.pvclock_flags = 1;
    for (uint32_t msr = KVM_MSR_ASYNC_PF_EN; msr <= KVM_MSR_MIGRATION; msr++) {
        static const uint8_t bits[] = { 4, 5, 6, 12, 14, 14, 17 };

        if (features >> bits[msr - KVM_MSR_ASYNC_PF_EN] & 1)
            fake_add_msr(msr);
    }
    if (features >> 12 & 1)
        fake_msr(KVM_MSR_POLL, 1);
}

static uint64_t run_time(void)
{
    return fake.now_ps / 100000;
}

void report_model_hyperv(uint32_t eax, uint32_t ebx, uint32_t edx,
                         uint32_t hints)
{
    report_model_bare();
    model.hyperv = true;
    fake_hyperv_setup(eax, edx, hints);
    fake_leaf_at(0x40000003)->ebx = ebx;
    fake_leaf(0x40000002, 20348, 10 << 16, 0, 0);
    fake_leaf(0x40000005, 64, 64, 0, 0);
    if (eax & 1)
        fake_add_msr(HV_MSR_RUNTIME)->read = run_time;
    if (eax >> 2 & 1)
        fake_msr(HV_MSR_SVERSION, 1);
    assist = NULL;
    if (eax >> 4 & 1) {
        fake_apic_timer.delivered = assist_delivered;
        fake_apic_timer.before = assist_before;
        fake_add_msr(HV_MSR_ICR);
        fake_add_msr(HV_MSR_TPR);
        fake_add_msr(HV_MSR_ASSIST);
    }
    if (eax >> 7 & 1)
        fake_add_msr(HV_MSR_RESET);
    for (uint32_t msr = HV_MSR_REENLIGHTENMENT;
         eax >> 13 & 1 && msr <= HV_MSR_TSC_STATUS; msr++)
        fake_add_msr(msr);
    if (eax >> 15 & 1)
        fake_add_msr(HV_MSR_TSC_INVARIANT);
    if (eax >> 5 & 1) {
        x86_wrmsr(HV_MSR_OS_ID, HV_GUEST_OS_ID_OPEN_SOURCE);
        x86_wrmsr(HV_MSR_HYPERCALL, machine_paddr(hypercall_page) | HV_ENABLE);
        model.hv_page = true;
    }
}

void report_model_vmware(void)
{
    report_model_bare();
    model.vmware = model.vmware_calls = true;
    model.vmware_hz = 2000000000;
    model.vmware_time = 1795350896;
    model.vmware_apic_hz = 66000000;
    fake_hypervisor(0x40000000, 0x40000010, "VMwareVMware");
    fake_leaf(0x40000010, 2000000, 66000, 2, 0);
}

unsigned report_model_run(void)
{
    static struct pvops_info info;
    unsigned wrong = 0;

    report_clock.tsc_hz = (uint64_t)fake.tsc_hz;
    report_clock.source = "the model";
    silent = true;
    report_run(&info, REPORT_WHOLE);
    silent = false;
    for (unsigned i = 0; i < report_result_count; i++)
        wrong += report_results[i].verdict == REPORT_WRONG;
    return wrong;
}

const struct report_try *report_model_row(const char *name)
{
    for (unsigned i = 0; i < report_result_count; i++) {
        if (!strcmp(report_results[i].row->name, name))
            return &report_results[i];
    }
    FAIL("the report has no row %s", name);
}
