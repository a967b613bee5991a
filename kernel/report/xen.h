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
/*
 * Right is 0, or what answers_of() in xen_calls.c has for the row; -EPERM only
 * to a domain that is not dom0.
 */
void probe_xen_asked(struct report_try *try);   /* no address or command */
void probe_xen_must(struct report_try *try);    /* the same; -ENOSYS is wrong */
void probe_xen_count_0(struct report_try *try); /* (NULL, 0) */
void probe_xen_zero(struct report_try *try);    /* a zeroed structure */
void probe_xen_assist(struct report_try *try);
void probe_xen_in_use(struct report_try *try);
void probe_xen_physid(struct report_try *try);
void probe_xen_unknown(struct report_try *try);

/* xen_effects.c: of hypercalls that do something, or tell something */
void probe_xen_version(struct report_try *try);
void probe_xen_pagesize(struct report_try *try);
void probe_xen_features(struct report_try *try);
void probe_xen_text(struct report_try *try); /* a XENVER that fills a buffer */
void probe_xen_build_id(struct report_try *try);
void probe_xen_pages(struct report_try *try); /* a XENMEM that counts pages */
void probe_xen_multicall(struct report_try *try);
void probe_xen_grant(struct report_try *try);
void probe_xen_grant_version(struct report_try *try);
void probe_xen_param(struct report_try *try);
void probe_xen_flush(struct report_try *try);
void probe_xen_flush_tlbs(struct report_try *try);

/* xen_events.c */
void probe_xen_event(struct report_try *try);
void probe_xen_unbound(struct report_try *try);
void probe_xen_virq(struct report_try *try);
void probe_xen_status(struct report_try *try);
void probe_xen_unmask(struct report_try *try);
void probe_xen_bind_vcpu(struct report_try *try);
/* This domain, told by its number, has VIRQ_TIMER's port. */
void probe_xen_domid(struct report_try *try);
bool xen_is_pending(unsigned port);
void xen_clear_pending(unsigned port);

/* xen_timer.c */
void probe_xen_timer(struct report_try *try);
void probe_xen_stop(struct report_try *try);
void probe_xen_timer_op(struct report_try *try);
void probe_xen_periodic(struct report_try *try);

/* xen_time.c */
const volatile struct report_pvclock *xen_time_page(void);
void probe_xen_time(struct report_try *try);
void probe_xen_wall(struct report_try *try);
void probe_xen_runstate(struct report_try *try);
void probe_xen_is_up(struct report_try *try);
void probe_xen_poll(struct report_try *try);
void probe_xen_leaf_3(struct report_try *try);

/* xen_features.c */
bool xen_bit(uint32_t base, report_bit bit);
bool xen_is_dom0(const struct report_try *try);
void probe_xen_translated(struct report_try *try);
void probe_xen_dom0(struct report_try *try);
void probe_xen_platform(struct report_try *try);
void probe_xen_leaf_1(struct report_try *try);
void probe_xen_mapped(struct report_try *try);
void probe_xen_page(struct report_try *try);
void probe_xen_vcpu_id(struct report_try *try);

#endif /* PVK_REPORT_XEN_H */
