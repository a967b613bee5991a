/* SPDX-License-Identifier: MIT */
/*
 * Probes that need a second CPU.
 */
#ifndef PVK_REPORT_OTHER_H
#define PVK_REPORT_OTHER_H

#include "report/report.h"

void probe_kvm_ipi_other(struct report_try *try);
void probe_kvm_yield_other(struct report_try *try);
void probe_kvm_kick_other(struct report_try *try);
void probe_hv_ipi_other(struct report_try *try);
void probe_hv_icr_other(struct report_try *try);
void probe_hv_flush_other(struct report_try *try);

#endif /* PVK_REPORT_OTHER_H */
