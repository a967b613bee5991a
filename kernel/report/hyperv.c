/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's rows. Names as in Linux's and the TLFS's headers; what says
 * "_AVAILABLE" there is without it.
 */
#include "report/hyperv.h"
#include "report/other.h"

/* clang-format off */
#define ROW(kind, name, used, where, one, two, probe, why)                     \
    { name, REPORT_##kind, used, where, { one, two }, probe, why },

static const struct report_row rows[] = {
    ROW(LEAF, "HV_CPUID_SIGNATURE", 1, 0, 0, 0, probe_signature, NULL)
    ROW(LEAF, "HV_CPUID_INTERFACE", 1, 1, 0, 0, probe_hv_interface, NULL)
    ROW(LEAF, "HV_CPUID_VERSION", 0, 2, 0, 0, probe_hv_version, NULL)
    ROW(LEAF, "HV_CPUID_FEATURES", 1, 3, 0, 0, probe_leaf, NULL)
    ROW(LEAF, "HV_CPUID_RECOMMENDATIONS", 1, 4, 0, 0, probe_leaf, NULL)
    ROW(LEAF, "HV_CPUID_LIMITS", 0, 5, 0, 0, probe_hv_limits, NULL)
    ROW(LEAF, "HV_CPUID_HARDWARE", 0, 6, 0, 0, probe_leaf, NULL)
    ROW(LEAF, "HV_CPUID_CPU_MANAGEMENT", 0, 7, 0, 0, probe_leaf, NULL)
    ROW(LEAF, "HV_CPUID_NESTED_FEATURES", 0, 0xa, 0, 0, probe_leaf, NULL)
    ROW(LEAF, "timing leaf", 1, 0x10, 0, 0, probe_timing, NULL)
    ROW(BIT, "HV_MSR_VP_RUNTIME", 0, HV_EAX(0), 0, 0, probe_hv_runtime, NULL)
    ROW(BIT, "HV_MSR_TIME_REF_COUNT", 1, HV_EAX(1), 0, 0, probe_hv_count, NULL)
    ROW(BIT, "HV_MSR_SYNIC", 1, HV_EAX(2), 0, 0, probe_gated, NULL)
    ROW(BIT, "HV_MSR_SYNTIMER", 1, HV_EAX(3),
        HV_EAX(1), 0, probe_hv_timer_message, NULL)
    ROW(BIT, "HV_MSR_APIC_ACCESS", 1, HV_EAX(4), 0, 0, probe_hv_apic, NULL)
    ROW(BIT, "HV_MSR_HYPERCALL", 1, HV_EAX(5), 0, 0, probe_hv_page, NULL)
    ROW(BIT, "HV_MSR_VP_INDEX", 1, HV_EAX(6), 0, 0, probe_hv_vp_index, NULL)
    ROW(BIT, "HV_MSR_RESET", 0, HV_EAX(7),
        0, 0, NULL, "it would reset the machine")
    ROW(BIT, "HV_MSR_STAT_PAGES", 0, HV_EAX(8),
        0, 0, NULL, "Microsoft's own tools use it")
    ROW(BIT, "HV_MSR_REFERENCE_TSC", 1, HV_EAX(9),
        HV_EAX(1), 0, probe_hv_tsc_page, NULL)
    ROW(BIT, "HV_MSR_GUEST_IDLE", 1, HV_EAX(10),
        0, 0, NULL, "reading it idles until an interrupt comes")
    ROW(BIT, "HV_ACCESS_FREQUENCY_MSRS", 1, HV_EAX(11),
        HV_EDX(8), 0, probe_hv_tsc_hz, NULL)
    ROW(BIT, "HV_MSR_GUEST_DEBUG", 0, HV_EAX(12), 0, 0, NULL, "a debugger's")
    ROW(BIT, "HV_ACCESS_REENLIGHTENMENT", 0, HV_EAX(13),
        0, 0, probe_gated, NULL)
    ROW(BIT, "HV_ACCESS_TSC_INVARIANT", 0, HV_EAX(15), 0, 0, probe_gated, NULL)
    ROW(BIT, "HV_CREATE_PARTITIONS", 0, HV_EBX(0),
        0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_ACCESS_PARTITION_ID", 0, HV_EBX(1),
        0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_ACCESS_MEMORY_POOL", 0, HV_EBX(2),
        0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_POST_MESSAGES", 0, HV_EBX(4), HV_EAX(5), 0, probe_hv_post_bit, NULL)
    ROW(BIT, "HV_SIGNAL_EVENTS", 0, HV_EBX(5), HV_EAX(5), 0, probe_hv_signal_bit, NULL)
    ROW(BIT, "HV_CREATE_PORT", 0, HV_EBX(6), 0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_CONNECT_PORT", 0, HV_EBX(7), 0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_ACCESS_STATS", 0, HV_EBX(8), 0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_DEBUGGING", 0, HV_EBX(11), 0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_CPU_MANAGEMENT", 0, HV_EBX(12),
        0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_ACCESS_VSM", 0, HV_EBX(16),
        0, 0, NULL, "would change this guest's trust levels")
    ROW(BIT, "HV_ACCESS_VP_REGISTERS", 0, HV_EBX(17),
        HV_EAX(5), 0, NULL, "tried at its hypercalls")
    ROW(BIT, "HV_ENABLE_EXTENDED_HYPERCALLS", 0, HV_EBX(20),
        HV_EAX(5), 0, NULL, "tried at its hypercall")
    ROW(BIT, "HV_START_VIRTUAL_PROCESSOR", 1, HV_EBX(21),
        HV_EAX(5), 0, NULL, "tried at its hypercalls")
    ROW(BIT, "HV_X64_MWAIT", 0, HV_EDX(0),
        0, 0, NULL, "no guest asks for it here")
    ROW(BIT, "HV_X64_GUEST_DEBUGGING", 0, HV_EDX(1), 0, 0, NULL, "a debugger's")
    ROW(BIT, "HV_X64_PERF_MONITOR", 0, HV_EDX(2),
        0, 0, NULL, "the processor's counters")
    ROW(BIT, "HV_X64_CPU_DYNAMIC_PARTITIONING", 0, HV_EDX(3),
        0, 0, NULL, "CPUs that come and go")
    ROW(BIT, "HV_X64_HYPERCALL_XMM_INPUT", 0, HV_EDX(4),
        HV_EAX(5), 0, NULL, "needs SSE in the kernel")
    ROW(BIT, "HV_X64_GUEST_IDLE_STATE", 0, HV_EDX(5), 0, 0, NULL, "a hint")
    ROW(BIT, "HV_FREQUENCY_MSRS", 1, HV_EDX(8),
        HV_EAX(11), 0, probe_hv_apic_hz, NULL)
    ROW(BIT, "HV_GUEST_CRASH_MSR", 1, HV_EDX(10), 0, 0, probe_hv_crash_bit, NULL)
    ROW(BIT, "HV_DEBUG_MSRS", 0, HV_EDX(11), 0, 0, NULL, "a debugger's")
    ROW(BIT, "HV_EXT_GVA_RANGES_FLUSH", 0, HV_EDX(14),
        HV_EAX(5), 0, NULL, "more pages in an entry")
    ROW(BIT, "HV_X64_HYPERCALL_XMM_OUTPUT", 0, HV_EDX(15),
        HV_EAX(5), 0, NULL, "needs SSE in the kernel")
    ROW(BIT, "HV_SINT_POLLING_MODE", 0, HV_EDX(17),
        HV_EAX(2), 0, NULL, "no guest needs it")
    ROW(BIT, "HV_HYPERCALL_MSR_LOCK", 0, HV_EDX(18),
        HV_EAX(5), 0, NULL, "locked until reset")
    ROW(BIT, "HV_STIMER_DIRECT_MODE", 1, HV_EDX(19),
        HV_EAX(3), 0, probe_hv_timer_direct, NULL)
    ROW(BIT, "HV_AS_SWITCH_RECOMMENDED", 0, HV_HINT(0),
        HV_EAX(5), 0, NULL, "would change the address space")
    ROW(BIT, "HV_LOCAL_TLB_FLUSH_RECOMMENDED", 0, HV_HINT(1),
        HV_EAX(5), 0, NULL, "a hint; its hypercalls are tried")
    ROW(BIT, "HV_REMOTE_TLB_FLUSH_RECOMMENDED", 1, HV_HINT(2),
        HV_EAX(5), 0, probe_hv_flush, NULL)
    ROW(BIT, "HV_APIC_ACCESS_RECOMMENDED", 1, HV_HINT(3),
        HV_EAX(4), 0, NULL, "a hint; the MSRs are tried")
    ROW(BIT, "HV_SYSTEM_RESET_RECOMMENDED", 0, HV_HINT(4),
        HV_EAX(7), 0, NULL, "it would reset the machine")
    ROW(BIT, "HV_RELAXED_TIMING_RECOMMENDED", 0, HV_HINT(5),
        0, 0, NULL, "a hint: no watchdog by the clock")
    ROW(BIT, "HV_DMA_REMAPPING_RECOMMENDED", 0, HV_HINT(6),
        0, 0, NULL, "a hint")
    ROW(BIT, "HV_INTERRUPT_REMAPPING_RECOMMENDED", 0, HV_HINT(7),
        0, 0, NULL, "a hint")
    ROW(BIT, "HV_DEPRECATING_AEOI_RECOMMENDED", 0, HV_HINT(9),
        0, 0, NULL, "a hint: SINTs without AutoEOI")
    ROW(BIT, "HV_CLUSTER_IPI_RECOMMENDED", 1, HV_HINT(10),
        HV_EAX(5), 0, probe_hv_ipi, NULL)
    ROW(BIT, "HV_EX_PROCESSOR_MASKS_RECOMMENDED", 1, HV_HINT(11),
        HV_EAX(5), 0, probe_hv_ex_bit, NULL)
    ROW(BIT, "HV_NESTED_HYPERVISOR", 0, HV_HINT(12),
        0, 0, NULL, "what it runs in itself")
    ROW(BIT, "HV_INT_FOR_MBEC", 0, HV_HINT(13),
        0, 0, NULL, "a root partition's")
    ROW(BIT, "HV_ENLIGHTENED_VMCS_RECOMMENDED", 0, HV_HINT(14),
        0, 0, NULL, "for a hypervisor in the guest")
    ROW(BIT, "HV_USE_DIRECT_LOCAL_FLUSH", 0, HV_HINT(17),
        0, 0, NULL, "a hint: flush by instructions")
    ROW(BIT, "HV_NO_NONARCH_CORESHARING", 0, HV_HINT(18),
        0, 0, NULL, "a promise about cores")
    ROW(MSR, "HV_X64_MSR_GUEST_OS_ID", 1, HV_MSR_OS_ID,
        HV_EAX(5), 0, probe_hv_os_id, NULL)
    ROW(MSR, "HV_X64_MSR_HYPERCALL", 1, HV_MSR_HYPERCALL,
        HV_EAX(5), 0, probe_hv_page, NULL)
    ROW(MSR, "HV_X64_MSR_VP_INDEX", 1, HV_MSR_VP_INDEX,
        HV_EAX(6), 0, probe_hv_vp_index, NULL)
    ROW(MSR, "HV_X64_MSR_RESET", 0, HV_MSR_RESET,
        HV_EAX(7), 0, probe_hv_reset, NULL)
    ROW(MSR, "HV_X64_MSR_VP_RUNTIME", 0, HV_MSR_RUNTIME,
        HV_EAX(0), 0, probe_hv_runtime, NULL)
    ROW(MSR, "HV_X64_MSR_TIME_REF_COUNT", 1, HV_MSR_REF_COUNT,
        HV_EAX(1), 0, probe_hv_count, NULL)
    ROW(MSR, "HV_X64_MSR_REFERENCE_TSC", 1, HV_MSR_REF_TSC,
        HV_EAX(9), 0, probe_msr, NULL)
    ROW(MSR, "HV_X64_MSR_TSC_FREQUENCY", 1, HV_MSR_TSC_HZ,
        HV_EAX(11), HV_EDX(8), probe_hv_tsc_hz, NULL)
    ROW(MSR, "HV_X64_MSR_APIC_FREQUENCY", 1, HV_MSR_APIC_HZ,
        HV_EAX(11), HV_EDX(8), probe_hv_apic_hz, NULL)
    ROW(MSR, "HV_X64_MSR_EOI", 1, HV_MSR_EOI, HV_EAX(4), 0, probe_hv_eoi, NULL)
    ROW(MSR, "HV_X64_MSR_ICR", 1, HV_MSR_ICR, HV_EAX(4), 0, probe_hv_icr, NULL)
    ROW(MSR, "HV_X64_MSR_TPR", 0, HV_MSR_TPR, HV_EAX(4), 0, probe_hv_tpr, NULL)
    ROW(MSR, "HV_X64_MSR_VP_ASSIST_PAGE", 1, HV_MSR_ASSIST,
        HV_EAX(4), 0, probe_hv_assist, NULL)
    ROW(MSR, "HV_X64_MSR_SCONTROL", 1, HV_MSR_SCONTROL,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SVERSION", 0, HV_MSR_SVERSION,
        HV_EAX(2), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_SIEFP", 0, HV_MSR_SIEFP,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SIMP", 1, HV_MSR_SIMP, HV_EAX(2), 0, probe_msr, NULL)
    ROW(MSR, "HV_X64_MSR_EOM", 1, HV_MSR_EOM, HV_EAX(2), 0, probe_hv_eom, NULL)
    ROW(MSR, "HV_X64_MSR_SINT0", 0, HV_MSR_SINT0 + 0,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT1", 0, HV_MSR_SINT0 + 1,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT2", 0, HV_MSR_SINT0 + 2,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT3", 0, HV_MSR_SINT0 + 3,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT4", 0, HV_MSR_SINT0 + 4,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT5", 0, HV_MSR_SINT0 + 5,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT6", 0, HV_MSR_SINT0 + 6,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT7", 0, HV_MSR_SINT0 + 7,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT8", 0, HV_MSR_SINT0 + 8,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT9", 0, HV_MSR_SINT0 + 9,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT10", 0, HV_MSR_SINT0 + 10,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT11", 0, HV_MSR_SINT0 + 11,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT12", 0, HV_MSR_SINT0 + 12,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT13", 0, HV_MSR_SINT0 + 13,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT14", 0, HV_MSR_SINT0 + 14,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_SINT15", 1, HV_MSR_SINT0 + 15,
        HV_EAX(2), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER0_CONFIG", 1, HV_MSR_TIMER_CONFIG + 0,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER0_COUNT", 1, HV_MSR_TIMER_COUNT + 0,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER1_CONFIG", 1, HV_MSR_TIMER_CONFIG + 2,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER1_COUNT", 1, HV_MSR_TIMER_COUNT + 2,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER2_CONFIG", 1, HV_MSR_TIMER_CONFIG + 4,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER2_COUNT", 1, HV_MSR_TIMER_COUNT + 4,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER3_CONFIG", 1, HV_MSR_TIMER_CONFIG + 6,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_STIMER3_COUNT", 1, HV_MSR_TIMER_COUNT + 6,
        HV_EAX(3), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_GUEST_IDLE", 1, HV_MSR_IDLE,
        HV_EAX(10), 0, NULL, "reading it idles until an interrupt comes")
    ROW(MSR, "HV_X64_MSR_CRASH_P0", 1, HV_MSR_CRASH_P0 + 0,
        HV_EDX(10), 0, probe_hv_crash, NULL)
    ROW(MSR, "HV_X64_MSR_CRASH_P1", 1, HV_MSR_CRASH_P0 + 1,
        HV_EDX(10), 0, probe_hv_crash, NULL)
    ROW(MSR, "HV_X64_MSR_CRASH_P2", 1, HV_MSR_CRASH_P0 + 2,
        HV_EDX(10), 0, probe_hv_crash, NULL)
    ROW(MSR, "HV_X64_MSR_CRASH_P3", 1, HV_MSR_CRASH_P0 + 3,
        HV_EDX(10), 0, probe_hv_crash, NULL)
    ROW(MSR, "HV_X64_MSR_CRASH_P4", 1, HV_MSR_CRASH_P0 + 4,
        HV_EDX(10), 0, probe_hv_crash, NULL)
    ROW(MSR, "HV_X64_MSR_CRASH_CTL", 1, HV_MSR_CRASH_CTL,
        HV_EDX(10), 0, probe_msr, NULL)
    ROW(MSR, "HV_X64_MSR_REENLIGHTENMENT_CONTROL", 0, HV_MSR_REENLIGHTENMENT,
        HV_EAX(13), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_TSC_EMULATION_CONTROL", 0, HV_MSR_TSC_EMULATION,
        HV_EAX(13), 0, probe_same, NULL)
    ROW(MSR, "HV_X64_MSR_TSC_EMULATION_STATUS", 0, HV_MSR_TSC_STATUS,
        HV_EAX(13), 0, NULL, NULL)
    ROW(MSR, "HV_X64_MSR_TSC_INVARIANT_CONTROL", 0, HV_MSR_TSC_INVARIANT,
        HV_EAX(15), 0, NULL, NULL)
    ROW(CALL, "HVCALL_SWITCH_VIRTUAL_ADDRESS_SPACE", 0, HV_CALL_SWITCH_SPACE,
        HV_HINT(0), 0, NULL, "would change the address space")
    ROW(CALL, "HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE", 1, HV_CALL_FLUSH_SPACE,
        HV_HINT(2), HV_EAX(5), probe_hv_flush, NULL)
    ROW(CALL, "HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST", 1, HV_CALL_FLUSH_LIST,
        HV_HINT(2), HV_EAX(5), probe_hv_flush_list, NULL)
    ROW(CALL, "HVCALL_NOTIFY_LONG_SPIN_WAIT", 1, HV_CALL_SPIN_WAIT,
        HV_EAX(5), 0, probe_hv_spin_wait, NULL)
    ROW(CALL, "HVCALL_SEND_IPI", 1, HV_CALL_IPI,
        HV_HINT(10), HV_EAX(5), probe_hv_ipi, NULL)
    ROW(CALL, "HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX", 1, HV_CALL_FLUSH_SPACE_EX,
        HV_HINT(2), HV_HINT(11), probe_hv_flush_ex, NULL)
    ROW(CALL, "HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX", 1, HV_CALL_FLUSH_LIST_EX,
        HV_HINT(2), HV_HINT(11), probe_hv_flush_list_ex, NULL)
    ROW(CALL, "HVCALL_SEND_IPI_EX", 1, HV_CALL_IPI_EX,
        HV_HINT(10), HV_HINT(11), probe_hv_ipi_ex, NULL)
    ROW(CALL, "HVCALL_GET_VP_REGISTERS", 0, HV_CALL_GET_REGISTERS,
        HV_EBX(17), 0, probe_hv_known, NULL)
    ROW(CALL, "HVCALL_SET_VP_REGISTERS", 0, HV_CALL_SET_REGISTERS,
        HV_EBX(17), 0, probe_hv_known, NULL)
    ROW(CALL, "HVCALL_POST_MESSAGE", 0, HV_CALL_POST_MESSAGE,
        HV_EBX(4), 0, probe_hv_known, NULL)
    ROW(CALL, "HVCALL_SIGNAL_EVENT", 0, HV_CALL_SIGNAL_EVENT,
        HV_EBX(5), 0, probe_hv_known, NULL)
    ROW(CALL, "HVCALL_START_VP", 1, HV_CALL_START_VP,
        HV_EBX(21), 0, probe_hv_known, NULL)
    ROW(CALL, "HVCALL_GET_VP_INDEX_FROM_APIC_ID", 1, HV_CALL_VP_INDEX,
        HV_EBX(21), 0, probe_hv_index_call, NULL)
    ROW(CALL, "HVCALL_FLUSH_GUEST_ADDRESS_SPACE", 0, HV_CALL_FLUSH_GPA_SPACE,
        HV_HINT(12), 0, NULL, "for a hypervisor in the guest")
    ROW(CALL, "HVCALL_FLUSH_GUEST_ADDRESS_LIST", 0, HV_CALL_FLUSH_GPA_LIST,
        HV_HINT(12), 0, NULL, "for a hypervisor in the guest")
    ROW(CALL, "HV_EXT_CALL_QUERY_CAPABILITIES", 0, HV_CALL_CAPABILITIES,
        HV_EBX(20), 0, probe_hv_capabilities, NULL)
    ROW(MSR, "HV_X64_MSR_ICR, another CPU", 1, HV_MSR_ICR, HV_EAX(4), 0,
        probe_hv_icr_other, NULL)
    ROW(CALL, "HVCALL_SEND_IPI, another CPU", 1, HV_CALL_IPI, HV_HINT(10),
        HV_EAX(5), probe_hv_ipi_other, NULL)
    ROW(CALL, "flush hypercall, another CPU", 1, HV_CALL_FLUSH_SPACE,
        HV_HINT(2), HV_EAX(5), probe_hv_flush_other, NULL)
    ROW(CALL, "unknown hypercall", 0, HV_CALL_NONE,
        HV_EAX(5), 0, probe_hv_unknown, NULL)
};
/* clang-format on */

const struct report_interface report_hyperv = {
    .name = "hyperv",
    .signature = "Microsoft Hv",
    .hypervisor = PVOPS_HYPERVISOR_HYPERV,
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .least_leaves = 5,
};
