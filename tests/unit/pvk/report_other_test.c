/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on VMware's and Xen's promises, each broken in its own way.
 *
 * Tried, each fails here: ask() that takes any answer; no look at the poll's
 * time; a wall clock read once; no machine_rearm().
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
    model.vmware_apic_hz = 0;
    expect_wrong("VMWARE_CMD_GETHZ", "the APIC timer's frequency is 0");
    report_model_vmware();
    model.vmware_apic_hz = 33000000;
    expect_wrong("VMWARE_CMD_GETHZ", "APIC timer 33000000 Hz");
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

/* Rows that are right by what they answer to these arguments. */
PVTEST(xen_answers, "any answer but the one that Xen has for it")
{
    static const struct {
        const char *row;
        unsigned number;
        bool pv;
    } rows[] = {
        { "__HYPERVISOR_mmu_update", 1, true },
        { "__HYPERVISOR_set_gdt", 2, false },
        { "__HYPERVISOR_fpu_taskswitch", 5, true },
        { "__HYPERVISOR_platform_op", 7, false },
        { "XENMEM_current_reservation", 12, false },
        { "__HYPERVISOR_multicall", 13, false },
        { "__HYPERVISOR_set_timer_op", 15, false },
        { "XENVER_extraversion", 17, false },
        { "XENVER_get_features", 17, false },
        { "__HYPERVISOR_console_io", 18, false },
        { "GNTTABOP_get_version", 20, false },
        { "__HYPERVISOR_vm_assist", 21, false },
        { "VCPUOP_set_periodic_timer", 24, false },
        { "VCPUOP_stop_periodic_timer", 24, false },
        { "VCPUOP_stop_singleshot_timer", 24, false },
        { "__HYPERVISOR_mmuext_op", 26, true },
        { "MMUEXT_INVLPG_LOCAL", 26, true },
        { "SCHEDOP_yield", 29, false },
        { "__HYPERVISOR_callback_op", 30, true },
        { "EVTCHNOP_unmask", 32, false },
        { "EVTCHNOP_bind_vcpu", 32, false },
        { "__HYPERVISOR_physdev_op", 33, false },
        { "HVMOP_flush_tlbs", 34, false },
        { "__HYPERVISOR_sysctl", 35, false },
        { "__HYPERVISOR_xenpmu_op", 40, false },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
#ifndef __x86_64__
        if (rows[i].pv)
            continue;
#endif
        report_model_xen(rows[i].pv);
        model.xen_answer_to = rows[i].number;
        model.xen_answer = -7; /* -E2BIG: nobody has it for these */
        expect_wrong(rows[i].row, "-7");
    }
}

PVTEST(xen_effects, "calls that answer 0, and do nothing")
{
    report_model_xen(false);
    model.xen_text_empty = true;
    expect_wrong("XENVER_extraversion", "writes nothing");
    report_model_xen(false);
    model.xen_multicall_dead = true;
    expect_wrong("__HYPERVISOR_multicall", "its calls answer");
    report_model_xen(false);
    model.xen_unmask_dead = true;
    expect_wrong("EVTCHNOP_unmask", "is masked");
    report_model_xen(false);
    model.xen_timer_stuck = true;
    expect_wrong("VCPUOP_stop_singleshot_timer", "its event comes");
    report_model_xen(false);
    model.xen_timer_dead = true;
    expect_wrong("__HYPERVISOR_set_timer_op", "no event");
    expect_wrong("VCPUOP_set_periodic_timer", "no event 1");
    report_model_xen(false);
    model.flush_lost = true;
    expect_wrong("HVMOP_flush_tlbs", "the old translation is used");
    report_model_xen(false);
    model.xen_poll_early = true;
    expect_wrong("SCHEDOP_poll", "1 ms, and back after");
    report_model_xen(false);
    model.xen_poll_late = true;
    expect_wrong("SCHEDOP_poll", "ms");
    report_model_xen(false);
    fake_leaf_at(0x40000004)->ecx = 9;
    expect_wrong("XEN_HVM_CPUID_DOMID", "domain 0x9");
    report_model_xen(false);
    fake_leaf_at(0x40000001)->eax = 4 << 16 | 16;
    expect_wrong("XENVER_version", "leaf 1 says");
#ifdef __x86_64__
    for (unsigned i = 0; i < 2; i++) {
        report_model_xen(true);
        model.flush_lost = true;
        expect_wrong(i ? "MMUEXT_TLB_FLUSH_ALL" : "MMUEXT_INVLPG_LOCAL",
                     "the old translation is used");
    }
#endif
}

PVTEST(xen_dom0, "dom0's bit, and what only dom0 may")
{
    report_model_xen(false);
    EXPECT_EQ(0, report_model_run());
    EXPECT_EQ(REPORT_ABSENT, report_model_row("XENFEAT_dom0")->verdict);
    EXPECT_EQ(REPORT_RIGHT,
              report_model_row("__HYPERVISOR_platform_op")->verdict);
    report_model_xen(false);
    model.xen_features |= 1u << 11;
    expect_intact();
    EXPECT_EQ(REPORT_RIGHT, report_model_row("XENFEAT_dom0")->verdict);
    model.xen_domu_is_dom0 = true;
    expect_wrong("XENFEAT_dom0", "platform_op answers -1 to dom0");
    expect_wrong("__HYPERVISOR_console_io", "this domain is dom0");
    expect_wrong("XENVER_build_id", "to dom0");
    model.xen_missing = 1u << 7;
    expect_wrong("XENFEAT_dom0", "platform_op answers -38");
    /* The reverse: no bit, and dom0's call is served. */
    report_model_xen(false);
    model.xen_answer_to = 7;
    model.xen_answer = 1;
    expect_wrong("__HYPERVISOR_platform_op", "a domain that is not dom0");
}

static uint32_t *wall(void)
{
    enum { WORD = sizeof(uintptr_t) };

    return (uint32_t *)(model_shared.bytes + 2048 + 2 * 8 * WORD * WORD);
}

/* Xen writes the wall clock, and is done while its row is being tried. */
static void odd_for_a_while(void)
{
    const struct report_try *now = &report_results[report_result_count];
    static unsigned looks;

    if (now->row && !strcmp(now->row->name, "shared_info wall clock") &&
        ++looks == 3)
        wall()[0]++;
}

PVTEST(xen_wall, "an odd version is read again, one that stays odd is wrong")
{
    report_model_xen(false);
    wall()[0] = 3;
    expect_wrong("shared_info wall clock", "stays odd");
    report_model_xen(false);
    wall()[0] = 3;
    fake.at_rdtsc = odd_for_a_while;
    report_model_run();
    EXPECT_EQ(REPORT_RIGHT,
              report_model_row("shared_info wall clock")->verdict);
    EXPECT_EQ(4, wall()[0]);
}

PVTEST(xen_rearms, "pvk's own deadline is set again behind each timer probe")
{
    report_model_xen(false);
    expect_intact();
    /* Two rows for the periodic timer, three of a single shot. */
    EXPECT_EQ(5, model.rearmed);
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
