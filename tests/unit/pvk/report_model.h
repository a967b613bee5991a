/* SPDX-License-Identifier: MIT */
/*
 * The machine that pvk's report is tried on: the model CPU with its KVM and its
 * Hyper-V (tests/unit/fake), hypercalls, VMware and Xen of its own. A fault is
 * an answer here, as it is on pvk.
 *
 * report_model_*() give intact interfaces; the members below damage them.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "report/report.h"

#include "cpu.h"
#include "hyperv_model.h"
#include "kvm.h"

struct report_model {
    bool kvm, hyperv, xen_pv;
    bool raised[2]; /* interrupts that wait */
    /* KVM: a bit for each hypercall that is served; what it answers. */
    uint32_t kvm_calls;
    long kvm_answer; /* instead of what is right, if it is not 0 */
    bool two_cpus, kick_lost, asleep;
    bool ipi_lost, flush_ignored, eoi_is_cheap, poll_stuck;
    /* A bit for each CPU whose translation is out of date. */
    unsigned stale;
    bool flush_lost;  /* a call that flushes answers, and does nothing */
    long kvm_unknown; /* answer to a hypercall that there is not */
    /* Hyper-V: status of every hypercall; a bit for each that is served. */
    unsigned hv_status;
    bool hv_none, hv_page, hv_takes_nonsense, hv_index_wrong;
    bool tsc_page_dead, assist_ignored, assist_never;
    bool timer_dead, timer_early, eoi_ignored, tpr_apart, crash_forgets;
    bool page_stale;
    int64_t page_off;
    /* VMware */
    bool vmware, vmware_calls, vmware_wrong;
    uint64_t vmware_hz;
    uint32_t vmware_time, vmware_apic_hz;
    /* Xen */
    bool xen, event_lost, xen_timer_dead, xen_timer_early, xen_status_wrong;
    bool xen_poll_fails, xen_unknown_served, xen_page_dead;
    bool xen_poll_early, xen_poll_late, xen_timer_stuck, xen_text_empty;
    bool xen_multicall_dead, xen_unmask_dead, xen_domu_is_dom0;
    unsigned xen_answer_to; /* this hypercall answers 'xen_answer' */
    long xen_answer;
    unsigned rearmed;
    uint32_t xen_features;
    uint64_t xen_missing; /* a bit for each hypercall that is -ENOSYS */
    int xen_state;
    long xen_up;
};

extern struct report_model model;

void report_model_bare(void);
void report_model_kvm(uint32_t features);
void report_model_hyperv(uint32_t eax, uint32_t ebx, uint32_t edx,
                         uint32_t hints);
void report_model_vmware(void);
void report_model_xen(bool pv);

/* All of what a whole one shows. */
#define MODEL_KVM      0x0103fafb
#define MODEL_HV_EAX   0xaaffu
#define MODEL_HV_EBX   0x200030u
#define MODEL_HV_EDX   0x80510u
#define MODEL_HV_HINTS 0xe2cu
#define MODEL_XEN_PVH  (1u << 0 | 1u << 2 | 1u << 8 | 1u << 9 | 1u << 16)

/* The last line of the report. */
extern char report_model_written[];
/* Run the report: how many rows are wrong. */
unsigned report_model_run(void);
/* The result of a row; fails the test if there is none. */
const struct report_try *report_model_row(const char *name);

/* report_model_calls.c: of the CPUs with these bits. */
void report_model_flush(uint64_t processors);

/* report_model_xen.c */
struct xen_shared {
    uint8_t bytes[4096];
};
extern struct xen_shared model_shared;
bool report_model_xen_call(unsigned number, const uintptr_t args[4],
                           long *out_result);
/* Time has gone on: the timer. */
void report_model_xen_time(void);

#endif /* REPORT_MODEL_H */
