/* SPDX-License-Identifier: MIT */
/*
 * The hypercalls of the report's machine, and the translation that they flush.
 */
#include "report_model.h"

#include "cpu_private.h"
#include "pvtest.h"

#include "report/abi_hyperv.h"
#include "report/abi_kvm.h"

/* What of the report has an address that is mapped and out of date. */
static uint32_t window[1024] __attribute__((aligned(4096)));

const void *machine_stale(unsigned cpu)
{
    model.stale |= 1u << cpu;
    return window;
}

bool machine_is_fresh(unsigned cpu)
{
    return !(model.stale >> cpu & 1);
}

const void *machine_nowhere(void)
{
    return window + 1024;
}

void report_model_flush(uint64_t processors)
{
    if (!model.flush_lost)
        model.stale &= ~(unsigned)processors;
}

bool machine_kvm(unsigned number, const uintptr_t args[4], long *out_result)
{
    struct kvm_pairing *pairing;

    if (!model.kvm)
        return false;
    fake_spend(fake.exit_ps);
    *out_result = model.kvm_answer;
    if (number >= 32) {
        *out_result = model.kvm_unknown;
        return true;
    }
    if (!(model.kvm_calls >> number & 1)) {
        *out_result = -KVM_ERROR_ENOSYS;
        return true;
    }
    if (*out_result)
        return true;
    if (number == KVM_CALL_KICK && args[1] == 1 && !model.kick_lost)
        model.asleep = false;
    if (number == KVM_CALL_IPI) {
        *out_result = 1;
        model.raised[0] |= !model.ipi_lost;
    } else if (number == KVM_CALL_MAP_GPA) {
        *out_result = -KVM_ERROR_EINVAL;
    } else if (number == KVM_CALL_PAIRING) {
        pairing = (struct kvm_pairing *)args[0];
        pairing->sec = 1700000000;
        pairing->tsc = fake_tsc();
    }
    return true;
}

bool machine_has_hyperv_page(void)
{
    return model.hv_page;
}

/* Which VPs a flush is for: where the words of its input say so. */
static uint64_t flushed_by(unsigned number, const uint64_t *words)
{
    uint64_t here = (uintptr_t)window;

    switch (number) {
    case HV_CALL_FLUSH_SPACE:
        return words[2];
    case HV_CALL_FLUSH_LIST:
        return words[3] == here ? words[2] : 0;
    case HV_CALL_FLUSH_SPACE_EX:
        return words[3] & 1 ? words[4] : 0;
    case HV_CALL_FLUSH_LIST_EX:
        return words[5] == here && (words[3] & 1) ? words[4] : 0;
    default:
        return 0;
    }
}

/* Calls of which the report looks at the answer. */
static unsigned answer(unsigned number, uint64_t output)
{
    switch (number) {
    case HV_CALL_POST_MESSAGE:
    case HV_CALL_SIGNAL_EVENT:
    case HV_CALL_START_VP:
        return model.hv_takes_nonsense ? 0 : HV_STATUS_INPUT;
    case HV_CALL_VP_INDEX:
        *(uint32_t *)fake_page_at(output) = model.hv_index_wrong;
        return 0;
    case HV_CALL_CAPABILITIES:
        *(uint64_t *)fake_page_at(output) = 0;
        return 0;
    default:
        return 0;
    }
}

bool machine_hyperv(uint64_t control, uint64_t input, uint64_t output,
                    uint64_t *out_result)
{
    unsigned number = control & 0xffff;

    fake_spend(fake.exit_ps);
    *out_result = model.hv_status;
    if (model.hv_none || number == HV_CALL_NONE)
        *out_result = HV_STATUS_CODE;
    if (*out_result)
        return true;
    *out_result = control & UINT64_C(0xfff00000000);
    if (number == HV_CALL_IPI || number == HV_CALL_IPI_EX)
        model.raised[0] |= !model.ipi_lost;
    if (!(control & HV_CALL_FAST)) {
        if (input)
            report_model_flush(flushed_by(number, fake_page_at(input)));
        *out_result |= answer(number, output);
    }
    return true;
}

bool machine_vmware(enum machine_vmware way, uint32_t r[4])
{
    fake_spend(fake.exit_ps);
    if (way != MACHINE_PORT && (!model.vmware_calls || way == MACHINE_VMMCALL))
        return false;
    if (!model.vmware)
        return true;
    switch (r[ECX]) {
    case 10:
        r[EAX] = 6;
        r[EBX] = 0x564d5868;
        if (model.vmware_wrong && way != MACHINE_PORT)
            r[EBX] = 0;
        break;
    case 23:
        r[EAX] = model.vmware_time;
        r[EBX] = 0;
        break;
    case 45:
        r[EAX] = (uint32_t)model.vmware_hz;
        r[EBX] = (uint32_t)(model.vmware_hz >> 32);
        r[ECX] = model.vmware_apic_hz;
        break;
    case 68:
        r[EAX] = 0x80000000;
        break;
    default:
        r[EAX] = UINT32_MAX;
    }
    return true;
}
