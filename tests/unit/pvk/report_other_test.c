/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on VMware's and Xen's promises, each broken in its own way.
 */
#include "report_model_expect.h"

#include "pvtest.h"

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
