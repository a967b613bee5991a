/* SPDX-License-Identifier: MIT */
/*
 * KVM's rows. Names as in Linux's headers.
 */
#include "report/kvm.h"
#include "report/other.h"

static void probe_features(struct report_try *try)
{
    /* Bits that have no row: newer than this table, or nonsense. */
    const uint32_t known = 0x0103fafb | 1u << 2 | 1u << 10;
    uint32_t r[4];

    try_leaf(try, 1, 0, r);
    if (r[EAX] & ~known)
        try_right(try, "EAX 0x%x; not known here: 0x%x", r[EAX],
                  r[EAX] & ~known);
    else
        try_right(try, "EAX 0x%x, EDX 0x%x", r[EAX], r[EDX]);
}

/* clang-format off */
static const struct report_row rows[] = {
    { "KVM_CPUID_SIGNATURE", REPORT_LEAF, true, 0, { 0 }, probe_signature,
      NULL },
    { "KVM_CPUID_FEATURES", REPORT_LEAF, true, 1, { 0 }, probe_features, NULL },
    { "timing leaf", REPORT_LEAF, true, 0x10, { 0 }, probe_timing, NULL },
    { "KVM_FEATURE_CLOCKSOURCE", REPORT_BIT, true, KVM_BIT(0), { 0 },
      probe_kvm_clock_old, NULL },
    { "KVM_FEATURE_NOP_IO_DELAY", REPORT_BIT, false, KVM_BIT(1), { 0 }, NULL,
      "a hint: ports need no delay" },
    { "KVM_FEATURE_MMU_OP", REPORT_BIT, false, KVM_BIT(2), { 0 }, NULL,
      "gone from KVM and from guests; show it no more" },
    { "KVM_FEATURE_CLOCKSOURCE2", REPORT_BIT, true, KVM_BIT(3), { 0 },
      probe_kvm_clock, NULL },
    { "KVM_FEATURE_ASYNC_PF", REPORT_BIT, false, KVM_BIT(4), { 0 },
      probe_gated, NULL },
    { "KVM_FEATURE_STEAL_TIME", REPORT_BIT, true, KVM_BIT(5), { 0 },
      probe_kvm_steal, NULL },
    { "KVM_FEATURE_PV_EOI", REPORT_BIT, true, KVM_BIT(6), { 0 },
      probe_kvm_eoi, NULL },
    { "KVM_FEATURE_PV_UNHALT", REPORT_BIT, true, KVM_BIT(7), { 0 },
      probe_kvm_kick, NULL },
    { "KVM_FEATURE_PV_TLB_FLUSH", REPORT_BIT, true, KVM_BIT(9),
      { KVM_BIT(5) }, probe_kvm_flush, NULL },
    { "KVM_FEATURE_ASYNC_PF_VMEXIT", REPORT_BIT, false, KVM_BIT(10),
      { KVM_BIT(4) }, NULL, "for a hypervisor in the guest" },
    { "KVM_FEATURE_PV_SEND_IPI", REPORT_BIT, true, KVM_BIT(11), { 0 },
      probe_kvm_ipi, NULL },
    { "KVM_FEATURE_POLL_CONTROL", REPORT_BIT, true, KVM_BIT(12), { 0 },
      probe_kvm_poll, NULL },
    { "KVM_FEATURE_PV_SCHED_YIELD", REPORT_BIT, true, KVM_BIT(13), { 0 },
      probe_kvm_yield, NULL },
    { "KVM_FEATURE_ASYNC_PF_INT", REPORT_BIT, false, KVM_BIT(14),
      { KVM_BIT(4) }, probe_gated, NULL },
    { "KVM_FEATURE_MSI_EXT_DEST_ID", REPORT_BIT, false, KVM_BIT(15), { 0 },
      NULL, "wants a device whose MSI goes to an APIC id over 255" },
    { "KVM_FEATURE_HC_MAP_GPA_RANGE", REPORT_BIT, false, KVM_BIT(16), { 0 },
      probe_kvm_map_gpa, NULL },
    { "KVM_FEATURE_MIGRATION_CONTROL", REPORT_BIT, false, KVM_BIT(17), { 0 },
      probe_gated, NULL },
    { "KVM_FEATURE_CLOCKSOURCE_STABLE", REPORT_BIT, true, KVM_BIT(24),
      { KVM_BIT(3) }, probe_kvm_stable, NULL },
    { "KVM_HINTS_REALTIME", REPORT_BIT, true, BY(1, EDX, 0), { 0 }, NULL,
      "a hint: a virtual CPU has a real one to itself" },
    { "MSR_KVM_WALL_CLOCK", REPORT_MSR, true, KVM_MSR_WALL_OLD,
      { KVM_BIT(0) }, probe_kvm_wall, NULL },
    { "MSR_KVM_SYSTEM_TIME", REPORT_MSR, true, KVM_MSR_TIME_OLD,
      { KVM_BIT(0) }, probe_msr, NULL },
    { "MSR_KVM_WALL_CLOCK_NEW", REPORT_MSR, true, KVM_MSR_WALL,
      { KVM_BIT(3) }, probe_kvm_wall, NULL },
    { "MSR_KVM_SYSTEM_TIME_NEW", REPORT_MSR, true, KVM_MSR_TIME,
      { KVM_BIT(3) }, probe_msr, NULL },
    { "MSR_KVM_ASYNC_PF_EN", REPORT_MSR, false, KVM_MSR_ASYNC_PF_EN,
      { KVM_BIT(4) }, probe_same, NULL },
    { "MSR_KVM_STEAL_TIME", REPORT_MSR, true, KVM_MSR_STEAL,
      { KVM_BIT(5) }, probe_msr, NULL },
    { "MSR_KVM_PV_EOI_EN", REPORT_MSR, true, KVM_MSR_EOI, { KVM_BIT(6) },
      probe_msr, NULL },
    { "MSR_KVM_POLL_CONTROL", REPORT_MSR, true, KVM_MSR_POLL,
      { KVM_BIT(12) }, probe_same, NULL },
    { "MSR_KVM_ASYNC_PF_INT", REPORT_MSR, false, KVM_MSR_ASYNC_PF_INT,
      { KVM_BIT(4), KVM_BIT(14) }, probe_same, NULL },
    { "MSR_KVM_ASYNC_PF_ACK", REPORT_MSR, false, KVM_MSR_ASYNC_PF_ACK,
      { KVM_BIT(4), KVM_BIT(14) }, probe_msr, NULL },
    { "MSR_KVM_MIGRATION_CONTROL", REPORT_MSR, false, KVM_MSR_MIGRATION,
      { KVM_BIT(17) }, probe_same, NULL },
    { "KVM_HC_VAPIC_POLL_IRQ", REPORT_CALL, false, KVM_CALL_POLL_IRQ, { 0 },
      NULL, "no guest uses it" },
    { "KVM_HC_MMU_OP", REPORT_CALL, false, KVM_CALL_MMU_OP, { KVM_BIT(2) },
      NULL, "gone from KVM and from guests" },
    { "KVM_HC_KICK_CPU", REPORT_CALL, true, KVM_CALL_KICK, { KVM_BIT(7) },
      probe_kvm_kick, NULL },
    { "KVM_HC_CLOCK_PAIRING", REPORT_CALL, false, KVM_CALL_PAIRING, { 0 },
      probe_kvm_pairing, NULL },
    { "KVM_HC_SEND_IPI", REPORT_CALL, true, KVM_CALL_IPI, { KVM_BIT(11) },
      probe_kvm_ipi, NULL },
    { "KVM_HC_SCHED_YIELD", REPORT_CALL, true, KVM_CALL_YIELD,
      { KVM_BIT(13) }, probe_kvm_yield, NULL },
    { "KVM_HC_MAP_GPA_RANGE", REPORT_CALL, false, KVM_CALL_MAP_GPA,
      { KVM_BIT(16) }, probe_kvm_map_gpa, NULL },
    { "KVM_HC_KICK_CPU, another CPU", REPORT_CALL, true, KVM_CALL_KICK,
      { KVM_BIT(7) }, probe_kvm_kick_other, NULL },
    { "KVM_HC_SEND_IPI, another CPU", REPORT_CALL, true, KVM_CALL_IPI,
      { KVM_BIT(11) }, probe_kvm_ipi_other, NULL },
    { "KVM_HC_SCHED_YIELD, another CPU", REPORT_CALL, true, KVM_CALL_YIELD,
      { KVM_BIT(13) }, probe_kvm_yield_other, NULL },
    { "unknown hypercall", REPORT_CALL, false, KVM_CALL_NONE, { 0 },
      probe_kvm_unknown, NULL },
};
/* clang-format on */

const struct report_interface report_kvm = {
    .name = "kvm",
    .signature = "KVMKVMKVM\0\0\0",
    .hypervisor = PVOPS_HYPERVISOR_KVM,
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .least_leaves = 1,
};
