/* SPDX-License-Identifier: MIT */
/*
 * Xen's probes.
 */
#ifndef PVK_REPORT_XEN_H
#define PVK_REPORT_XEN_H

#include "report/abi_xen.h"
#include "report/report.h"

/* A feature of XENVER_get_features. */
#define XEN_FEATURE(bit) BY(REPORT_FEATURE_LEAF, EAX, bit)
/* A hypercall's command, for 'where'. */
#define XEN_CALL(number, command) ((number) | ((command) + 1u) << 16)

/* xen_calls.c */
bool xen_call(unsigned number, uintptr_t one, uintptr_t two, uintptr_t three,
              long *out_result);
/* Absent if -ENOSYS, wrong if it must be there; else false and nothing. */
bool xen_is_missing(struct report_try *try, long result, bool must);
void probe_xen_asked(struct report_try *try);   /* a NULL, an unknown command */
void probe_xen_must(struct report_try *try);    /* the same; -ENOSYS is wrong */
void probe_xen_count_0(struct report_try *try); /* (NULL, 0) */
void probe_xen_zero(struct report_try *try);    /* a zeroed structure */
void probe_xen_assist(struct report_try *try);
void probe_xen_in_use(struct report_try *try);
void probe_xen_version(struct report_try *try);
void probe_xen_pagesize(struct report_try *try);
void probe_xen_grant(struct report_try *try);
void probe_xen_param(struct report_try *try);
void probe_xen_flush(struct report_try *try);
void probe_xen_unknown(struct report_try *try);

/* xen_events.c */
void probe_xen_event(struct report_try *try);
void probe_xen_unbound(struct report_try *try);
void probe_xen_virq(struct report_try *try);
void probe_xen_status(struct report_try *try);

/* xen_time.c */
void probe_xen_time(struct report_try *try);
void probe_xen_wall(struct report_try *try);
void probe_xen_runstate(struct report_try *try);
void probe_xen_is_up(struct report_try *try);
void probe_xen_timer(struct report_try *try);
void probe_xen_poll(struct report_try *try);
void probe_xen_leaf_3(struct report_try *try);

/* xen_features.c */
bool xen_bit(uint32_t base, report_bit bit);
void probe_xen_translated(struct report_try *try);
void probe_xen_dom0(struct report_try *try);
void probe_xen_mapped(struct report_try *try);
void probe_xen_page(struct report_try *try);
void probe_xen_vcpu_id(struct report_try *try);

#endif /* PVK_REPORT_XEN_H */
