/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's probes.
 */
#ifndef PVK_REPORT_HYPERV_H
#define PVK_REPORT_HYPERV_H

#include "report/abi_hyperv.h"
#include "report/report.h"

/* Bits: privileges of leaf 3, features of its EDX, hints of leaf 4. */
#define HV_EAX(bit)  BY(3, EAX, bit)
#define HV_EBX(bit)  BY(3, EBX, bit)
#define HV_EDX(bit)  BY(3, EDX, bit)
#define HV_HINT(bit) BY(4, EAX, bit)

/* hyperv_leaves.c */
void probe_hv_interface(struct report_try *try);
void probe_hv_version(struct report_try *try);
void probe_hv_limits(struct report_try *try);
void probe_hv_os_id(struct report_try *try);
void probe_hv_reset(struct report_try *try);
void probe_hv_crash_bit(struct report_try *try);

/* hyperv_time.c */
void probe_hv_count(struct report_try *try);
void probe_hv_tsc_page(struct report_try *try);
void probe_hv_tsc_hz(struct report_try *try);
void probe_hv_apic_hz(struct report_try *try);
void probe_hv_runtime(struct report_try *try);
bool hv_read_count(uint64_t *out_value);

/* hyperv_synic.c */
void probe_hv_timer_message(struct report_try *try);
void probe_hv_timer_direct(struct report_try *try);
void probe_hv_eom(struct report_try *try);

/* hyperv_apic.c */
void probe_hv_eoi(struct report_try *try);
void probe_hv_icr(struct report_try *try);
void probe_hv_tpr(struct report_try *try);
void probe_hv_apic(struct report_try *try);
void probe_hv_assist(struct report_try *try);
void probe_hv_vp_index(struct report_try *try);
void probe_hv_crash(struct report_try *try);
void probe_hv_page(struct report_try *try);

/* hyperv_calls.c */
void probe_hv_flush(struct report_try *try);
void probe_hv_flush_list(struct report_try *try);
void probe_hv_flush_ex(struct report_try *try);
void probe_hv_flush_list_ex(struct report_try *try);
void probe_hv_ipi(struct report_try *try);
void probe_hv_ipi_ex(struct report_try *try);
void probe_hv_ex_bit(struct report_try *try);
void probe_hv_post_bit(struct report_try *try);
void probe_hv_signal_bit(struct report_try *try);
void probe_hv_spin_wait(struct report_try *try);
/* Nonsense is refused, but not as a hypercall that there is not. */
void probe_hv_known(struct report_try *try);
void probe_hv_capabilities(struct report_try *try);
void probe_hv_index_call(struct report_try *try);
void probe_hv_unknown(struct report_try *try);

#endif /* PVK_REPORT_HYPERV_H */
