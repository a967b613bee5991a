/* SPDX-License-Identifier: MIT */
/*
 * pvk's report on intact interfaces, which it finds right, and on damage that
 * each can have: bits shown with nothing behind them, or without what they
 * need, leaves, another CPU that is not reached. The damage must be found, at
 * its row. report_kvm_test.c, report_hyperv_test.c and report_other_test.c have
 * what is broken in its own way.
 *
 * Tried, each fails here: settle() that takes back what is wrong; a bit's needs
 * not looked at in judge(); PPM_MOST of 2000000; REPORT_RIGHT before
 * REPORT_UNTRIED; XEN_CPUID_SIGNATURE without a probe; an unclaimed row that is
 * wrong; no plain() in put_member().
 */
#include "report_model_expect.h"

#include "pvtest.h"

#include "report/abi_hyperv.h"

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

/* What says "right" has looked, and says what it saw. */
static void expect_all_looked(void)
{
    expect_intact();
    for (unsigned i = 0; i < report_result_count; i++) {
        const struct report_try *try = &report_results[i];

        if (!try->said)
            FAIL("%s: nobody has said anything", try->row->name);
        if (try->verdict == REPORT_RIGHT && !try->how[0])
            FAIL("%s is right, and nothing was seen", try->row->name);
        if (try->row->kind == REPORT_LEAF && try->claimed &&
            try->verdict == REPORT_UNTRIED)
            FAIL("%s: nobody looks at it", try->row->name);
    }
}

PVTEST(right_is_said, "nothing is right because nobody looked")
{
    struct report_try none = { .how = "" };

    EXPECT_EQ(REPORT_UNTRIED, none.verdict);
    EXPECT_STR("untried", report_verdict_name(REPORT_UNTRIED));
    EXPECT_STR("right", report_verdict_name(REPORT_RIGHT));
    EXPECT_STR("wrong", report_verdict_name(REPORT_WRONG));
    EXPECT_STR("dearer", report_verdict_name(REPORT_DEARER));
    EXPECT_STR("absent", report_verdict_name(REPORT_ABSENT));
    EXPECT_STR("unclaimed", report_verdict_name(REPORT_UNCLAIMED));
    report_model_kvm(MODEL_KVM);
    expect_all_looked();
    whole_hyperv();
    expect_all_looked();
    report_model_vmware();
    expect_all_looked();
    report_model_xen(false);
    expect_all_looked();
}

PVTEST(json, "words of a hypervisor's own do not end a string")
{
    const struct report_row row = { .name = "row" };
    const struct report_try try = {
        .interface = &report_xen,
        .row = &row,
        .how = "a \"b\" \\ c\n\x1b[2J",
    };

    report_print_json(&try);
    EXPECT(strstr(report_model_written, "\"how\":\"a ?b? ? c??[2J\"}\n"));
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
    fake_leaf(0x40000010, 2000000, 0, 0, 0);
    expect_wrong("timing leaf", "the APIC timer's frequency is 0");
}

PVTEST(served_not_claimed, "what answers without its bit is listed")
{
    report_model_kvm(MODEL_KVM);
    fake_leaf_at(0x40000001)->eax = 0;
    model.kvm_answer = -1; /* a guest that sees no bit does not care */
    report_model_run();
    EXPECT_EQ(REPORT_UNCLAIMED, report_model_row("KVM_HC_KICK_CPU")->verdict);
    EXPECT_EQ(REPORT_UNCLAIMED, report_model_row("KVM_HC_SEND_IPI")->verdict);
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
    /* No bit stands for it: it may be missing. */
    EXPECT_EQ(REPORT_ABSENT, report_model_row("KVM_HC_CLOCK_PAIRING")->verdict);
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
    model.ipi_lost = true;
    expect_wrong("KVM_HC_SEND_IPI, another CPU", "does not arrive");
    model.ipi_lost = false;
    model.kick_lost = true;
    expect_wrong("KVM_FEATURE_PV_UNHALT", "it sleeps on");
    /* And it is not waited for by those who come behind. */
    EXPECT_STR("the other CPU sleeps on",
               report_model_row("KVM_HC_SEND_IPI, another CPU")->how);
    model.asleep = model.kick_lost = false;
    model.kvm_calls &= ~(1u << 11);
    expect_wrong("KVM_HC_SCHED_YIELD, another CPU", "answers -1000");
    whole_hyperv();
    model.two_cpus = true;
    model.ipi_lost = true;
    expect_wrong("HVCALL_SEND_IPI, another CPU", "does not arrive");
    model.hv_status = HV_STATUS_INPUT;
    expect_wrong("flush hypercall, another CPU", "status 3");
    whole_hyperv();
    model.two_cpus = model.flush_lost = true;
    expect_wrong("flush hypercall, another CPU", "the old translation is used");
}
