/* SPDX-License-Identifier: MIT */
/*
 * What the files of the hyperv backend share.
 */
#ifndef PVOPS_HYPERV_H
#define PVOPS_HYPERV_H

#include "internal.h"

enum pvi_hyperv_timer {
    PVI_HYPERV_TIMER_NONE = 0, /* lapic.c's, or the embedder's own */
    PVI_HYPERV_TIMER_DIRECT,   /* a synthetic timer with a vector */
    PVI_HYPERV_TIMER_MESSAGE,  /* a synthetic timer with a SINT */
};

/* pvops_cpu.private_; what was found is written back by the teardown. */
struct pvi_hyperv_cpu {
    enum pvi_hyperv_timer timer;
    unsigned stimer; /* which of the four */
    unsigned sint;
    bool control_ours; /* SCONTROL and SIMP were written */
    bool page_ours;
    bool os_id_ours; /* the boot CPU's: the guest OS id was written */
    bool hypercall_ours;
    unsigned given_sint; /* by the embedder; boot CPU */
    uint64_t found_sint;
    uint64_t found_control;
    uint64_t found_page;
    uint64_t found_hypercall;
    struct hv_message *slot; /* of 'sint', in message mode */
};

_Static_assert(sizeof(struct pvi_hyperv_cpu) <=
                   sizeof(((struct pvops_cpu *)0)->private_),
               "private_ is too small");

static inline struct pvi_hyperv_cpu *pvi_hyperv_cpu(struct pvops_cpu *cpu)
{
    return (struct pvi_hyperv_cpu *)(void *)cpu->private_;
}

/*
 * hyperv_stimer.c: a synthetic timer for this CPU's deadlines. False if there
 * is none to be had, and nothing was changed then. The boot CPU's is logged.
 */
bool pvi_hyperv_stimer_setup(struct pvops_cpu *cpu);
/* The same for a CPU that has none: nothing. */
void pvi_hyperv_stimer_teardown(struct pvops_cpu *cpu);
/* This CPU's, once it is set up. */
void pvi_hyperv_stimer_set(struct pvops_cpu *cpu, uint64_t at_ns);
void pvi_hyperv_stimer_stop(struct pvops_cpu *cpu);
/* Empty its message slot: before the EOI. */
void pvi_hyperv_stimer_take(struct pvops_cpu *cpu);

/*
 * hyperv_hypercall.c: the guest OS id and the hypercall page; the boot CPU's.
 *
 * Errors: PVOPS_E_INVALID, with a log line: what the embedder said that it has
 *         is not what the hypervisor says.
 */
enum pvops_status pvi_hyperv_hypercall_setup(struct pvops_cpu *cpu);
void pvi_hyperv_hypercall_teardown(struct pvops_cpu *cpu);

#endif /* PVOPS_HYPERV_H */
