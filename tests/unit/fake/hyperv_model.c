/* SPDX-License-Identifier: MIT */
/*
 * The model's Hyper-V.
 */
#include "hyperv_model.h"

#include <string.h>

#include "cpu_private.h"
#include "pvtest.h"

#include "tlb.h"

#include "abi/cpuid.h"
#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include "abi/lapic.h"

struct fake_hyperv fake_hyperv;

static struct fake_msr *msr_of(uint32_t msr)
{
    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (fake.msrs[i].msr == msr)
            return &fake.msrs[i];
    }
    FAIL("the model wants MSR 0x%x, which is not there", msr);
}

/* Of each VP: from VP index on, and from EOI to the last timer. */
static bool is_of_vp(uint32_t msr)
{
    return msr == HV_X64_MSR_VP_INDEX ||
           (msr >= HV_X64_MSR_EOI &&
            msr < HV_X64_MSR_STIMER0_CONFIG + 2 * HV_SYNIC_STIMER_COUNT);
}

static void save_vp(struct fake_vp *vp)
{
    unsigned n = 0;

    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (!is_of_vp(fake.msrs[i].msr))
            continue;
        if (n == FAKE_VP_MSRS)
            FAIL("the model has room for %u MSRs of a VP", FAKE_VP_MSRS);
        vp->msrs[n++] = fake.msrs[i].value;
    }
    vp->apic_lvt = fake.apic_lvt;
    vp->apic_initial = fake.apic_initial;
    vp->apic_start_ps = fake.apic_start_ps;
    vp->apic_spurious = fake.apic_spurious;
    memcpy(vp->apic_in_service, fake.apic_in_service,
           sizeof(vp->apic_in_service));
}

void fake_hyperv_switch(unsigned number)
{
    struct fake_vp *vp = &fake_hyperv.vps[number];
    unsigned n = 0;

    save_vp(fake_hyperv.vp);
    fake_hyperv.vp = vp;
    for (unsigned i = 0; i < fake.msr_count; i++) {
        if (is_of_vp(fake.msrs[i].msr))
            fake.msrs[i].value = vp->msrs[n++];
        if (fake.msrs[i].msr == HV_X64_MSR_VP_INDEX)
            fake.msrs[i].value = fake_hyperv.vp_index[number];
    }
    fake.apic_lvt = vp->apic_lvt;
    fake.apic_initial = vp->apic_initial;
    fake.apic_start_ps = vp->apic_start_ps;
    fake.apic_spurious = vp->apic_spurious;
    memcpy(fake.apic_in_service, vp->apic_in_service,
           sizeof(vp->apic_in_service));
    fake_tlb.cpu = number;
}

void fake_hyperv_raise(unsigned number, unsigned vector)
{
    if (vector < 16)
        FAIL("vector %u is an exception's", vector);
    if (!fake_hyperv.at_raise || !fake_hyperv.at_raise(number, vector))
        fake_hyperv.vps[number].raised[vector] = true;
}

static void raise_vector(unsigned vector)
{
    fake_hyperv_raise((unsigned)(fake_hyperv.vp - fake_hyperv.vps), vector);
}

static void os_id_written(struct fake_msr *msr)
{
    if (msr->value)
        return;
    fake_hyperv.hypercall = NULL;
    msr_of(HV_X64_MSR_HYPERCALL)->value &=
        ~(uint64_t)HV_X64_MSR_HYPERCALL_ENABLE;
}

/* VMCALL, RET. Without an id the enable bit does not stay. */
static void hypercall_written(struct fake_msr *msr)
{
    uint8_t code[] = { 0x0f, 0x01, 0xc1, 0xc3 };

    if (fake_hyperv.amd)
        code[2] = 0xd9;
    /* KVM's, where it has Xen's hypercalls too. */
    if (fake_hyperv.odd_page)
        code[0] = 0x0d;

    fake_hyperv.hypercall = NULL;
    if (!msr_of(HV_X64_MSR_GUEST_OS_ID)->value)
        msr->value &= ~(uint64_t)HV_X64_MSR_HYPERCALL_ENABLE;
    if (!(msr->value & HV_X64_MSR_HYPERCALL_ENABLE))
        return;
    fake_hyperv.hypercall = fake_page_at(msr->value & ~(uint64_t)0xfff);
    memcpy(fake_hyperv.hypercall, code, sizeof(code));
}

static void simp_written(struct fake_msr *msr)
{
    if (msr->value & HV_SYNIC_SIMP_ENABLE)
        memset(fake_page_at(msr->value & HV_SYNIC_SIMP_PAGE), 0, 4096);
}

static void sint_written(struct fake_msr *msr)
{
    if ((msr->value & HV_SYNIC_SINT_VECTOR) < 16 &&
        !(msr->value & HV_SYNIC_SINT_MASKED))
        FAIL("SINT %u with an exception's vector: #GP",
             msr->msr - HV_X64_MSR_SINT0);
}

static void config_written(struct fake_msr *msr)
{
    unsigned timer = (msr->msr - HV_X64_MSR_STIMER0_CONFIG) / 2;
    uint64_t now = msr->value;

    if (now & 0xfffffffffff0e000)
        FAIL("timer %u: reserved bits of 0x%llx", timer,
             (unsigned long long)now);
    if (fake_hyperv.vp->stimer[timer].config & HV_STIMER_ENABLE)
        FAIL("timer %u is changed while it runs: undefined", timer);
    if (!(now & HV_STIMER_DIRECT_MODE) && !(now >> HV_STIMER_SINT_SHIFT))
        now &= ~(uint64_t)HV_STIMER_ENABLE;
    fake_hyperv.vp->stimer[timer].config = msr->value = now;
}

static void count_written(struct fake_msr *msr)
{
    unsigned timer = (msr->msr - HV_X64_MSR_STIMER0_COUNT) / 2;
    uint64_t *config = &fake_hyperv.vp->stimer[timer].config;

    fake_hyperv.vp->stimer[timer].count = msr->value;
    fake_hyperv.vp->stimer[timer].queued = false;
    if (!msr->value)
        *config &= ~(uint64_t)HV_STIMER_ENABLE;
    else if (*config & HV_STIMER_AUTOENABLE)
        *config |= HV_STIMER_ENABLE;
    msr_of(HV_X64_MSR_STIMER0_CONFIG + 2 * timer)->value = *config;
}

/* False: the message has to wait, and the slot says so. */
static bool deliver(unsigned timer, unsigned sint)
{
    uint64_t simp = msr_of(HV_X64_MSR_SIMP)->value;
    uint64_t source = msr_of(HV_X64_MSR_SINT0 + sint)->value;
    struct hv_timer_message_payload payload = { .timer_index = timer };
    struct hv_message *slot;

    if (!(simp & HV_SYNIC_SIMP_ENABLE) ||
        !(msr_of(HV_X64_MSR_SCONTROL)->value & HV_SYNIC_SCONTROL_ENABLE))
        return false;
    slot = (struct hv_message *)fake_page_at(simp & HV_SYNIC_SIMP_PAGE) + sint;
    if (slot->message_type != HVMSG_NONE) {
        slot->message_flags |= HV_MESSAGE_PENDING;
        return false;
    }
    memset(slot, 0, sizeof(*slot));
    slot->message_type = HVMSG_TIMER_EXPIRED;
    slot->payload_size = sizeof(payload);
    memcpy(slot->payload, &payload, sizeof(payload));
    if (!(source & HV_SYNIC_SINT_MASKED))
        raise_vector(source & HV_SYNIC_SINT_VECTOR);
    return true;
}

static void send_queued(void)
{
    for (unsigned i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
        uint64_t config = fake_hyperv.vp->stimer[i].config;

        if (fake_hyperv.vp->stimer[i].queued &&
            deliver(i, config >> HV_STIMER_SINT_SHIFT & 15))
            fake_hyperv.vp->stimer[i].queued = false;
    }
}

static void expire(unsigned timer)
{
    uint64_t config = fake_hyperv.vp->stimer[timer].config;

    fake_hyperv.vp->stimer[timer].config &= ~(uint64_t)HV_STIMER_ENABLE;
    msr_of(HV_X64_MSR_STIMER0_CONFIG + 2 * timer)->value =
        fake_hyperv.vp->stimer[timer].config;
    if (config & HV_STIMER_DIRECT_MODE)
        raise_vector(config >> HV_STIMER_APIC_VECTOR_SHIFT & 0xff);
    else
        fake_hyperv.vp->stimer[timer].queued = true;
    send_queued();
}

static void eom_written(struct fake_msr *msr)
{
    msr->value = 0;
    fake_hyperv.eoms++;
    send_queued();
}

static void eoi_written(struct fake_msr *msr)
{
    if (msr->value)
        FAIL("EOI of 0x%llx: reserved bits", (unsigned long long)msr->value);
    fake_hyperv.msr_eois++;
    fake_apic_eoi();
}

/* The format is the xAPIC's; which VP has which number is its place here. */
static void icr_written(struct fake_msr *msr)
{
    uint32_t to = (uint32_t)(msr->value >> HV_ICR_DESTINATION_SHIFT);

    if (msr->value & 0x00ffffffffffff00 || to >= FAKE_VPS)
        FAIL("ICR 0x%llx", (unsigned long long)msr->value);
    fake_hyperv.msr_icrs++;
    fake_hyperv_raise(to, msr->value & 0xff);
    msr->value = 0;
}

static void assist_written(struct fake_msr *msr)
{
    if (msr->value & HV_VP_ASSIST_ENABLE)
        memset(fake_page_at(msr->value & ~(uint64_t)0xfff), 0, 4);
}

static uint64_t idle_read(void)
{
    fake_hyperv.idles++;
    if (fake_hyperv.at_idle)
        fake_hyperv.at_idle();
    return 0;
}

static void crash_written(struct fake_msr *msr)
{
    if (!(msr->value & HV_CRASH_CTL_NOTIFY))
        return;
    fake_hyperv.crashes++;
    for (unsigned i = 0; i < HV_X64_MSR_CRASH_PARAMS; i++)
        fake_hyperv.crash[i] = msr_of(HV_X64_MSR_CRASH_P0 + i)->value;
}

static void add(uint32_t msr, uint64_t value, void (*write)(struct fake_msr *))
{
    struct fake_msr *at = fake_add_msr(msr);

    at->value = value;
    at->write_one_of = write;
}

static void add_synic(bool timers)
{
    add(HV_X64_MSR_SCONTROL, 0, NULL);
    add(HV_X64_MSR_SIMP, 0, simp_written);
    add(HV_X64_MSR_SIEFP, 0, NULL);
    add(HV_X64_MSR_EOM, 0, eom_written);
    for (unsigned i = 0; i < HV_SYNIC_SINT_COUNT; i++)
        add(HV_X64_MSR_SINT0 + i, HV_SYNIC_SINT_MASKED, sint_written);
    for (unsigned i = 0; timers && i < HV_SYNIC_STIMER_COUNT; i++) {
        add(HV_X64_MSR_STIMER0_CONFIG + 2 * i, 0, config_written);
        add(HV_X64_MSR_STIMER0_COUNT + 2 * i, 0, count_written);
    }
}

void fake_hyperv_setup(uint32_t eax, uint32_t edx, uint32_t hints)
{
    memset(&fake_hyperv, 0, sizeof(fake_hyperv));
    fake_hyperv.vp = &fake_hyperv.vps[0];
    for (unsigned i = 0; i < FAKE_VPS; i++)
        fake_hyperv.vp_index[i] = i;
    fake_hypervisor(CPUID_HYPERVISOR, 0x40000005, HV_CPUID_SIGNATURE);
    fake_leaf(0x40000001, HV_INTERFACE_HV1, 0, 0, 0);
    fake_leaf(0x40000003, eax, FAKE_HV_EBX, 0, edx);
    fake_leaf(0x40000004, hints, 0x1fff, 0, 0);
    if (eax & HV_MSR_TIME_REF_COUNT_AVAILABLE)
        fake_hyperv_counter();
    if (eax & HV_MSR_REFERENCE_TSC_AVAILABLE)
        fake_hyperv_page();
    if (eax & HV_MSR_SYNIC_AVAILABLE)
        add_synic(eax & HV_MSR_SYNTIMER_AVAILABLE);
    if (eax & HV_MSR_APIC_ACCESS_AVAILABLE) {
        add(HV_X64_MSR_EOI, 0, eoi_written);
        add(HV_X64_MSR_ICR, 0, icr_written);
        add(HV_X64_MSR_VP_ASSIST_PAGE, 0, assist_written);
    }
    if (eax & HV_MSR_GUEST_IDLE_AVAILABLE)
        fake_add_msr(HV_X64_MSR_GUEST_IDLE)->read = idle_read;
    if (eax & HV_MSR_HYPERCALL_AVAILABLE) {
        add(HV_X64_MSR_GUEST_OS_ID, 0, os_id_written);
        add(HV_X64_MSR_HYPERCALL, 0, hypercall_written);
    }
    if (eax & HV_MSR_VP_INDEX_AVAILABLE)
        add(HV_X64_MSR_VP_INDEX, 0, NULL);
    if (eax & HV_ACCESS_FREQUENCY_MSRS && edx & HV_FREQUENCY_MSRS_AVAILABLE) {
        fake_msr(HV_X64_MSR_TSC_FREQUENCY, (uint64_t)fake.tsc_hz);
        fake_msr(HV_X64_MSR_APIC_FREQUENCY, 1000000000);
    }
    if (edx & HV_GUEST_CRASH_MSR_AVAILABLE) {
        for (unsigned i = 0; i < HV_X64_MSR_CRASH_PARAMS; i++)
            add(HV_X64_MSR_CRASH_P0 + i, 0, NULL);
        add(HV_X64_MSR_CRASH_CTL, 0, crash_written);
    }
    for (unsigned i = 0; i < FAKE_VPS; i++)
        save_vp(&fake_hyperv.vps[i]);
}

unsigned fake_hyperv_wait(uint64_t ns)
{
    fake_spend(ns * 1000);
    for (unsigned i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
        if (fake_hyperv.vp->stimer[i].config & HV_STIMER_ENABLE &&
            msr_of(HV_X64_MSR_TIME_REF_COUNT)->read() >=
                fake_hyperv.vp->stimer[i].count)
            expire(i);
    }
    for (unsigned vector = 256; vector-- != 0;) {
        if (!fake_hyperv.vp->raised[vector])
            continue;
        fake_hyperv.vp->raised[vector] = false;
        if (fake_apic_interrupt((uint8_t)vector))
            return vector;
    }
    return 0;
}

void fake_hyperv_save(struct fake_hyperv_msrs *out_msrs)
{
    memset(out_msrs, 0, sizeof(*out_msrs));
    for (unsigned i = 0; i < fake.msr_count; i++) {
        uint32_t msr = fake.msrs[i].msr;

        if (msr < 0x40000000 || msr > 0x4000ffff || fake.msrs[i].read)
            continue;
        out_msrs->list[out_msrs->count].msr = msr;
        out_msrs->list[out_msrs->count++].value = fake.msrs[i].value;
    }
}
