/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on intact interfaces, which it finds right, and on damaged ones:
 * each bit shown with nothing behind it, each hypercall gone, each promise
 * broken in its own way. The damage must be found, at its row.
 *
 * Tried, each fails here: settle() that takes back what is wrong; a bit's needs
 * not looked at in judge(); PPM_MOST of 2000000.
 */
#include "report_model.h"

#include "apic_timer.h"
#include "cpu_private.h"
#include "pvtest.h"

#include "report/abi_hyperv.h"
#include "report/abi_kvm.h"

static void expect_intact(void)
{
    unsigned wrong = report_model_run();

    for (unsigned i = 0; i < report_result_count; i++) {
        if (report_results[i].verdict == REPORT_WRONG)
            FAIL("%s: %s (%u in all)", report_results[i].row->name,
                 report_results[i].how, wrong);
    }
    EXPECT(report_result_count > 10);
}

/* The row is wrong, and says 'how' in it. */
static void expect_wrong(const char *name, const char *how)
{
    const struct report_try *row;

    report_model_run();
    row = report_model_row(name);
    if (row->verdict != REPORT_WRONG || !strstr(row->how, how))
        FAIL("%s is %s: \"%s\", want wrong: \"%s\"", name,
             report_verdict_name(row->verdict), row->how, how);
}

static void whole_hyperv(void)
{
    report_model_hyperv(MODEL_HV_EAX, MODEL_HV_EBX, MODEL_HV_EDX,
                        MODEL_HV_HINTS);
}

PVTEST(intact, "nothing is wrong where nothing is")
{
    report_model_kvm(MODEL_KVM);
    expect_intact();
    whole_hyperv();
    expect_intact();
    report_model_hyperv(MODEL_HV_EAX, MODEL_HV_EBX, MODEL_HV_EDX | 1u << 19,
                        MODEL_HV_HINTS);
    expect_intact();
    report_model_vmware();
    expect_intact();
    report_model_xen(false);
    expect_intact();
#ifdef __x86_64__
    report_model_xen(true);
    expect_intact();
#endif
}

PVTEST(nothing_shown, "an interface that shows no bit has nothing wrong")
{
    report_model_kvm(0);
    expect_intact();
    report_model_hyperv(0, 0, 0, 0);
    expect_intact();
    report_model_bare();
    EXPECT_EQ(0, report_model_run());
    EXPECT_EQ(0, report_result_count);
}

/* Show a bit and those that it needs, in CPUID alone. */
static void show(report_bit bit)
{
    uint32_t leaf = 0x40000000 + (bit >> 16 & 0x7fff), *words;

    if (!bit)
        return;
    words = &fake_leaf_at(leaf)->eax;
    words[bit >> 8 & 3] |= 1u << (bit & 31);
}

static void expect_bits_found(const struct report_interface *interface,
                              void (*bare)(void))
{
    unsigned tried = 0;

    for (unsigned i = 0; i < interface->count; i++) {
        const struct report_row *row = &interface->rows[i];
        const struct report_try *found;

        if (row->kind != REPORT_BIT)
            continue;
        bare();
        show(row->where);
        show(row->by[0]);
        show(row->by[1]);
        report_model_run();
        found = report_model_row(row->name);
        if (row->why) {
            EXPECT_EQ(REPORT_UNTRIED, found->verdict);
        } else if (found->verdict != REPORT_WRONG) {
            FAIL("%s is shown, nothing is there: %s, \"%s\"", row->name,
                 report_verdict_name(found->verdict), found->how);
        }
        EXPECT(found->claimed);
        tried++;
    }
    EXPECT(tried > 1);
}

static void bare_kvm(void)
{
    report_model_kvm(0);
    model.kvm_calls = 0;
}

static void bare_hyperv(void)
{
    report_model_hyperv(0, 0, 0, 0);
    model.hv_page = model.hv_none = true;
    /* What flushes and IPIs by sparse sets are for. */
    show(BY(4, EAX, 2));
}

static void bare_vmware(void)
{
    report_model_vmware();
    model.vmware_calls = false;
    fake_leaf_at(0x40000010)->ecx = 0;
}

PVTEST(shown_not_served, "each bit shown with nothing behind it is found")
{
    expect_bits_found(&report_kvm, bare_kvm);
    expect_bits_found(&report_hyperv, bare_hyperv);
    expect_bits_found(&report_vmware, bare_vmware);
}

PVTEST(needs, "a bit without those that it makes no sense without")
{
    report_model_kvm(1u << 9 | 1u << 5);
    EXPECT_EQ(0, report_model_run());
    fake_leaf_at(0x40000001)->eax = 1u << 9;
    expect_wrong("KVM_FEATURE_PV_TLB_FLUSH", "without KVM_FEATURE_STEAL_TIME");
    report_model_kvm(1u << 24);
    expect_wrong("KVM_FEATURE_CLOCKSOURCE_STABLE",
                 "without KVM_FEATURE_CLOCKSOURCE2");
    report_model_hyperv(1u << 11, 0, 0, 0);
    expect_wrong("HV_ACCESS_FREQUENCY_MSRS", "without HV_FREQUENCY_MSRS");
    report_model_hyperv(0, 0, 0, 1u << 2);
    expect_wrong("HV_REMOTE_TLB_FLUSH_RECOMMENDED", "without HV_MSR_HYPERCALL");
}

PVTEST(leaves, "the hypervisor bit, the maximum leaf")
{
    report_model_kvm(0);
    fake_leaf_at(1)->ecx = 0;
    expect_wrong("hypervisor-bit", "bit 31 is clear");
    report_model_kvm(0);
    fake_leaf_at(0x40000000)->eax = 0;
    expect_wrong("maximum-leaf", "0x40000001 is needed");
    whole_hyperv();
    fake_leaf_at(0x40000000)->eax = 0x40000003;
    expect_wrong("maximum-leaf", "0x40000005 is needed");
    whole_hyperv();
    fake_leaf_at(0x40000001)->eax = 0;
    expect_wrong("HV_CPUID_INTERFACE", "Hv#1");
    report_model_kvm(0);
    fake_leaf_at(0x40000000)->eax = 0x40000010;
    fake_leaf(0x40000010, 1000000, 1000000, 0, 0);
    expect_wrong("timing leaf", "500000 ppm off");
    fake_leaf(0x40000010, 0, 0, 0, 0);
    expect_wrong("timing leaf", "TSC is 0");
}

PVTEST(served_not_claimed, "what answers without its bit is listed")
{
    report_model_kvm(MODEL_KVM);
    fake_leaf_at(0x40000001)->eax = 0;
    EXPECT_EQ(0, report_model_run());
    EXPECT_EQ(REPORT_UNCLAIMED,
              report_model_row("MSR_KVM_STEAL_TIME")->verdict);
    EXPECT_EQ(REPORT_UNCLAIMED, report_model_row("KVM_HC_SEND_IPI")->verdict);
    report_model_kvm(0);
    bare_kvm();
    report_model_run();
    EXPECT_EQ(REPORT_ABSENT, report_model_row("MSR_KVM_STEAL_TIME")->verdict);
    EXPECT_EQ(REPORT_ABSENT, report_model_row("KVM_HC_SEND_IPI")->verdict);
}

/* Damage to KVM's page, at each RDTSC. */
static void odd(void)
{
    if (fake.pvclock)
        fake.pvclock->version |= 1;
}

static void back(void)
{
    if (fake.pvclock)
        fake.pvclock->system_time -= 100000;
}

static void drift(void)
{
    if (fake.pvclock)
        fake.pvclock->system_time += 10;
}

static void never_written(void)
{
    if (fake.pvclock)
        fake.pvclock->version = 0;
}

PVTEST(kvm_clock, "a page that is odd, steps back, drifts, is wrong, is dead")
{
    static const struct {
        void (*damage)(void);
        const char *how;
    } tries[] = {
        { odd, "version stays odd" },
        { back, "steps back" },
        { drift, "the clock goes on by" },
        { never_written, "never written" },
    };

    for (unsigned i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        report_model_kvm(MODEL_KVM);
        fake.at_rdtsc = tries[i].damage;
        expect_wrong("KVM_FEATURE_CLOCKSOURCE2", tries[i].how);
        report_model_kvm(1);
        fake.at_rdtsc = tries[i].damage;
        expect_wrong("KVM_FEATURE_CLOCKSOURCE", tries[i].how);
    }
    report_model_kvm(MODEL_KVM);
    fake.pvclock_hz = (uint64_t)fake.tsc_hz * 2;
    expect_wrong("KVM_FEATURE_CLOCKSOURCE2", "1000000 ppm off");
    report_model_kvm(MODEL_KVM);
    fake.pvclock_flags = 0;
    EXPECT_EQ(0, report_model_run());
    EXPECT(strstr(report_model_row("KVM_FEATURE_CLOCKSOURCE_STABLE")->how,
                  "flag is clear"));
    report_model_kvm(MODEL_KVM);
    fake_kvm.wall_refused = true;
    expect_wrong("MSR_KVM_WALL_CLOCK_NEW", "never written");
    report_model_kvm(MODEL_KVM);
    fake_kvm.unix_ns = UINT64_C(6000000000);
    expect_wrong("MSR_KVM_WALL_CLOCK_NEW", "s since 1970");
}

static void no_steal(void)
{
    fake_kvm.steal = NULL;
}

static void odd_steal(void)
{
    if (fake_kvm.steal)
        fake_kvm.steal->version |= 1;
}

PVTEST(kvm_areas, "areas that are not written, an EOI that is not seen")
{
    report_model_kvm(MODEL_KVM);
    fake_remove_msr(KVM_MSR_STEAL);
    fake_add_msr(KVM_MSR_STEAL);
    fake.at_rdtsc = no_steal;
    expect_wrong("KVM_FEATURE_STEAL_TIME", "never written");
    report_model_kvm(MODEL_KVM);
    fake.at_rdtsc = odd_steal;
    expect_wrong("KVM_FEATURE_STEAL_TIME", "stays odd");
    report_model_kvm(MODEL_KVM);
    model.flush_ignored = true;
    expect_wrong("KVM_FEATURE_PV_TLB_FLUSH", "stays: 0x2");
    report_model_kvm(MODEL_KVM);
    fake_kvm.skips_eoi = false;
    expect_wrong("KVM_FEATURE_PV_EOI", "never set");
    /* In hardware an EOI is no exit. */
    report_model_kvm(MODEL_KVM);
    fake_kvm.skips_eoi = false;
    model.eoi_is_cheap = true;
    expect_intact();
    report_model_kvm(MODEL_KVM);
    fake_apic_timer.before = NULL; /* the cleared bit is not looked at */
    expect_wrong("KVM_FEATURE_PV_EOI", "interrupt 2 does not come");
    report_model_kvm(MODEL_KVM);
    model.poll_stuck = true;
    expect_wrong("KVM_FEATURE_POLL_CONTROL", "stored reads");
}

PVTEST(kvm_calls, "hypercalls that fail, or do not do what they say")
{
    static const char *const rows[] = {
        "KVM_HC_KICK_CPU",
        "KVM_HC_SEND_IPI",
        "KVM_HC_SCHED_YIELD",
        "KVM_HC_MAP_GPA_RANGE",
    };

    for (unsigned i = 0; i < 4; i++) {
        report_model_kvm(MODEL_KVM);
        model.kvm_answer = -1;
        expect_wrong(rows[i], "answers -1");
        report_model_kvm(MODEL_KVM);
        model.kvm_calls = 0;
        expect_wrong(rows[i], "-ENOSYS");
        report_model_kvm(MODEL_KVM);
        model.kvm = false;
        expect_wrong(rows[i], "faults");
    }
    report_model_kvm(MODEL_KVM);
    model.ipi_lost = true;
    expect_wrong("KVM_FEATURE_PV_SEND_IPI", "does not arrive");
    report_model_kvm(MODEL_KVM);
    model.kvm_unknown = 0;
    expect_wrong("unknown hypercall", "answers 0");
}

static uint64_t twice(void)
{
    return fake.now_ps / 50000;
}

static uint64_t backwards(void)
{
    return UINT64_C(1) << 40 | (UINT64_C(1000000000) - fake.now_ps / 100000);
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
    whole_hyperv();
    model.hv_status = HV_STATUS_DENIED;
    expect_wrong("HVCALL_POST_MESSAGE", "access denied");
}

PVTEST(vmware, "frequency, instruction, time")
{
    report_model_vmware();
    model.vmware_hz = 1000000000;
    expect_wrong("VMWARE_CMD_GETHZ", "500000 ppm off");
    report_model_vmware();
    model.vmware_hz = 0;
    expect_wrong("VMWARE_CMD_GETHZ", "is 0");
    report_model_vmware();
    model.vmware_wrong = true;
    expect_wrong("CPUID_VMWARE_FEATURES_ECX_VMCALL", "not 0x564d5868");
    report_model_vmware();
    model.vmware_calls = false;
    expect_wrong("CPUID_VMWARE_FEATURES_ECX_VMCALL", "faults");
    report_model_vmware();
    fake_leaf_at(0x40000010)->ecx = 1;
    expect_wrong("CPUID_VMWARE_FEATURES_ECX_VMMCALL", "vendor");
    report_model_vmware();
    model.vmware = false;
    expect_wrong("VMWARE_CMD_GETVERSION", "not 0x564d5868");
    report_model_vmware();
    model.vmware_time = 17;
    expect_wrong("VMWARE_CMD_GETTIME", "since 1970");
    report_model_vmware();
    fake_leaf_at(0x40000010)->eax = 1000000;
    expect_wrong("VMWARE_CPUID_FEATURES", "500000 ppm off");
}

PVTEST(xen_missing, "hypercalls that every domain needs")
{
    static const unsigned numbers[] = { 12, 17, 24, 29, 32, 34 };

    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        report_model_xen(false);
        model.xen_missing = UINT64_C(1) << numbers[i];
        if (!report_model_run())
            FAIL("hypercall %u is -ENOSYS, and nothing is wrong", numbers[i]);
    }
    report_model_xen(false);
    model.xen_missing = UINT64_C(1) << 20;
    expect_intact();
    EXPECT_EQ(REPORT_ABSENT, report_model_row("GNTTABOP_query_size")->verdict);
}

static void xen_back(void)
{
    struct report_pvclock *time =
        (struct report_pvclock *)(model_shared.bytes + 32);

    time->system_time -= 1000;
}

PVTEST(xen_promises, "time, timer, events, features that are not so")
{
    struct report_pvclock *time =
        (struct report_pvclock *)(model_shared.bytes + 32);

    report_model_xen(false);
    time->version = 3;
    expect_wrong("vcpu_time_info", "stays odd");
    report_model_xen(false);
    time->mul /= 2;
    expect_wrong("vcpu_time_info", "ppm off");
    report_model_xen(false);
    fake.at_rdtsc = xen_back;
    expect_wrong("vcpu_time_info", "steps back");
    report_model_xen(false);
    model.xen_timer_dead = true;
    expect_wrong("VCPUOP_set_singleshot_timer", "no event");
    report_model_xen(false);
    model.xen_timer_early = true;
    expect_wrong("VCPUOP_set_singleshot_timer", "early");
    report_model_xen(false);
    model.event_lost = true;
    expect_wrong("EVTCHNOP_send", "is clear");
    report_model_xen(false);
    model.xen_status_wrong = true;
    expect_wrong("EVTCHNOP_status", "status 0");
    report_model_xen(false);
    model.xen_state = 2;
    expect_wrong("VCPUOP_get_runstate_info", "state is 2");
    report_model_xen(false);
    model.xen_up = 0;
    expect_wrong("VCPUOP_is_up", "answers 0");
    report_model_xen(false);
    model.xen_poll_fails = true;
    expect_wrong("SCHEDOP_poll", "answers -22");
    report_model_xen(false);
    model.xen_unknown_served = true;
    expect_wrong("unknown hypercall", "answers 0");
    report_model_xen(false);
    model.xen_page_dead = true;
    expect_wrong("XEN_CPUID_HYPERCALL", "not written");
    report_model_xen(false);
    model.xen_features |= 1u << 17;
    expect_wrong("XENFEAT_direct_mapped", "and not");
    report_model_xen(false);
    fake_leaf(0x40000003, 0, 0, 4000000, 0);
    expect_wrong("XEN_CPUID_TIME", "1000000 ppm off");
#ifdef __x86_64__
    report_model_xen(true);
    model.xen_features |= 1u << 2;
    expect_wrong("XENFEAT_auto_translated_physmap", "in a PV domain");
#endif
}

PVTEST(another_cpu, "untried with one CPU; found lost with two")
{
    report_model_kvm(MODEL_KVM);
    report_model_run();
    EXPECT_EQ(REPORT_UNTRIED,
              report_model_row("KVM_HC_KICK_CPU, another CPU")->verdict);
    EXPECT_STR("one CPU",
               report_model_row("KVM_HC_SEND_IPI, another CPU")->how);
    model.two_cpus = true;
    expect_intact();
    model.kick_lost = true;
    expect_wrong("KVM_HC_KICK_CPU, another CPU", "sleeps on");
    model.ipi_lost = true;
    expect_wrong("KVM_HC_SEND_IPI, another CPU", "does not arrive");
    model.kvm_answer = -1;
    expect_wrong("KVM_HC_SCHED_YIELD, another CPU", "answers -1");
    whole_hyperv();
    model.two_cpus = true;
    model.ipi_lost = true;
    expect_wrong("HVCALL_SEND_IPI, another CPU", "does not arrive");
    model.hv_status = HV_STATUS_INPUT;
    expect_wrong("flush hypercall, another CPU", "status 3");
}
