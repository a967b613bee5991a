/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on Hyper-V's promises, each broken in its own way: clocks,
 * timers, MSRs, hypercalls.
 *
 * Tried, each fails here: known() without is_refusal(); no report_stale_judge()
 * in flush(); a page that is not marked before its MSR; the run time's limit of
 * before, 10 s in 10 ms.
 */
#include "report_model_expect.h"

#include "pvtest.h"

#include "cpu_private.h"
#include "report/abi_hyperv.h"

static uint64_t twice(void)
{
    return fake.now_ps / 50000;
}

static uint64_t backwards(void)
{
    return UINT64_C(1) << 40 | (UINT64_C(1000000000) - fake.now_ps / 100000);
}

static uint64_t too_fast(void)
{
    return fake.now_ps / 100000 * 10;
}

static uint64_t stuck(void)
{
    return 5;
}

PVTEST(hyperv_clocks, "counter, page, frequencies, run time")
{
    whole_hyperv();
    fake_add_msr(HV_MSR_REF_COUNT)->read = twice;
    expect_wrong("HV_MSR_TIME_REF_COUNT", "where the TSC says");
    whole_hyperv();
    fake_add_msr(HV_MSR_REF_COUNT)->read = backwards;
    expect_wrong("HV_MSR_TIME_REF_COUNT", "steps back");
    whole_hyperv();
    model.page_off = 100000;
    expect_wrong("HV_MSR_REFERENCE_TSC", "away from the counter");
    whole_hyperv();
    model.page_stale = true;
    expect_wrong("HV_MSR_REFERENCE_TSC", "away from the counter");
    whole_hyperv();
    fake_msr(HV_MSR_TSC_HZ, (uint64_t)fake.tsc_hz / 2);
    expect_wrong("HV_X64_MSR_TSC_FREQUENCY", "500000 ppm off");
    whole_hyperv();
    fake_msr(HV_MSR_TSC_HZ, 0);
    expect_wrong("HV_X64_MSR_TSC_FREQUENCY", "is 0");
    whole_hyperv();
    fake_msr(HV_MSR_APIC_HZ, 0);
    expect_wrong("HV_X64_MSR_APIC_FREQUENCY", "is 0");
    whole_hyperv();
    fake_add_msr(HV_MSR_RUNTIME)->read = stuck;
    expect_wrong("HV_MSR_VP_RUNTIME", "stands still");
    whole_hyperv();
    fake_add_msr(HV_MSR_RUNTIME)->read = backwards;
    expect_wrong("HV_MSR_VP_RUNTIME", "steps back");
    whole_hyperv();
    fake_add_msr(HV_MSR_RUNTIME)->read = too_fast;
    expect_wrong("HV_MSR_VP_RUNTIME", "goes on by");
    whole_hyperv();
    model.tsc_page_dead = true;
    expect_wrong("HV_MSR_REFERENCE_TSC", "never written");
}

PVTEST(hyperv_timers, "timers that never fire, or early")
{
    whole_hyperv();
    model.timer_dead = true;
    expect_wrong("HV_MSR_SYNTIMER", "did not fire");
    report_model_hyperv(MODEL_HV_EAX, MODEL_HV_EBX, MODEL_HV_EDX | 1u << 19,
                        MODEL_HV_HINTS);
    model.timer_dead = true;
    expect_wrong("HV_STIMER_DIRECT_MODE", "did not fire");
    whole_hyperv();
    model.timer_early = true;
    expect_wrong("HV_MSR_SYNTIMER", "early");
}

PVTEST(hyperv_msrs, "MSRs that do not do what they are for")
{
    whole_hyperv();
    model.eoi_ignored = true;
    expect_wrong("HV_X64_MSR_EOI", "interrupt 2 does not come");
    whole_hyperv();
    model.assist_ignored = true;
    expect_wrong("HV_X64_MSR_VP_ASSIST_PAGE", "interrupt 2 does not come");
    whole_hyperv();
    model.assist_never = true; /* which is no promise */
    expect_intact();
    whole_hyperv();
    model.tpr_apart = true;
    expect_wrong("HV_X64_MSR_TPR", "by the APIC 0x0");
    whole_hyperv();
    model.crash_forgets = true;
    expect_wrong("HV_X64_MSR_CRASH_P0", "stored reads");
    whole_hyperv();
    fake_msr(HV_MSR_VP_INDEX, 5000);
    expect_wrong("HV_X64_MSR_VP_INDEX", "0x1388");
    whole_hyperv();
    fake_msr(HV_MSR_HYPERCALL, 0);
    expect_wrong("HV_X64_MSR_HYPERCALL", "cannot be enabled");
}

PVTEST(hyperv_calls, "hypercalls that fail, or do not do what they say")
{
    static const char *const rows[] = {
        "HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE",
        "HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST",
        "HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX",
        "HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX",
        "HVCALL_SEND_IPI",
        "HVCALL_SEND_IPI_EX",
        "HVCALL_NOTIFY_LONG_SPIN_WAIT",
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        whole_hyperv();
        model.hv_status = HV_STATUS_INPUT;
        expect_wrong(rows[i], "status 3");
        whole_hyperv();
        model.hv_none = true;
        expect_wrong(rows[i], "no such hypercall");
    }
    whole_hyperv();
    model.ipi_lost = true;
    expect_wrong("HVCALL_SEND_IPI", "does not arrive");
    expect_wrong("HVCALL_SEND_IPI_EX", "does not arrive");
    for (unsigned i = 0; i < 4; i++) {
        whole_hyperv();
        model.flush_lost = true;
        expect_wrong(rows[i], "the old translation is used");
    }
    for (unsigned i = 0; i < 3; i++) {
        static const char *const takers[] = { "HVCALL_POST_MESSAGE",
                                              "HVCALL_SIGNAL_EVENT",
                                              "HVCALL_START_VP" };

        whole_hyperv();
        model.hv_takes_nonsense = true;
        expect_wrong(takers[i], "nonsense is answered with status 0");
    }
    whole_hyperv();
    model.hv_index_wrong = true;
    expect_wrong("HVCALL_GET_VP_INDEX_FROM_APIC_ID", "VP 1, this one is 0");
    whole_hyperv();
    model.hv_status = HV_STATUS_DENIED;
    expect_wrong("HVCALL_POST_MESSAGE", "access denied");
}
