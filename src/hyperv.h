/* SPDX-License-Identifier: MIT */
/*
 * What the files of the hyperv backend share.
 */
#ifndef PVOPS_HYPERV_H
#define PVOPS_HYPERV_H

#include "internal.h"

struct hv_vp_set;

enum pvi_hyperv_timer {
    PVI_HYPERV_TIMER_NONE = 0, /* lapic.c's, or the embedder's own */
    PVI_HYPERV_TIMER_DIRECT,   /* a synthetic timer with a vector */
    PVI_HYPERV_TIMER_MESSAGE,  /* a synthetic timer with a SINT */
};

/* backend/hyperv.c: what the leaves say, and what of it failed since. */
struct pvi_hyperv {
    uint32_t hints;
    uint32_t ebx;       /* of HV_CPUID_FEATURES */
    uint32_t retries;   /* of a lock until the hypervisor is told; 0: never */
    bool has_apic_msrs; /* EOI, ICR and VP assist page may be used */
    bool apic_by_msr;   /* they are: as recommended, or as the only way */
};
extern struct pvi_hyperv pvi_hyperv;

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
    uint64_t found_assist;
    struct hv_message *slot;          /* of 'sint', in message mode */
    struct hv_vp_assist_page *assist; /* NULL: every EOI is required */
    void *operands;                   /* of hypercalls; NULL: no page */
    pvops_paddr operands_paddr;
    const volatile uint32_t *spins_on; /* hyperv_lock.c */
    uint32_t spins, spins_told;
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
/* Whether hypercalls can be made, from the boot CPU's set-up to its teardown.
 */
bool pvi_hyperv_can_call(void);
/* Its result. 'in' and 'out': as <x86/hyperv_call.h> says. */
uint64_t pvi_hyperv_call(uint64_t control, uint64_t in, uint64_t out);
/*
 * Whether that result is a success. If not, 'hint' is forgotten: 'what' is done
 * without the hypervisor from then on.
 */
bool pvi_hyperv_called(uint64_t result, const char *what, uint32_t hint);

/*
 * hyperv_vp.c: this CPU's VP index, and the page for its operands. VP indexes
 * are neither ours nor the APIC's numbers.
 */
void pvi_hyperv_vp_setup(struct pvops_cpu *cpu);
/* Sets by VP index can be written: those of hypercalls, which are offered. */
bool pvi_hyperv_has_vps(void);
/* The mask of a set; false if an index is beyond it. */
bool pvi_hyperv_vp_mask(const struct pvops_cpus *cpus, uint64_t *out_mask);
/* The sparse form, of how many banks; 0: empty, or an index is beyond it. */
unsigned pvi_hyperv_vp_set(const struct pvops_cpus *cpus,
                           struct hv_vp_set *out_set);

/* hyperv_apic.c: EOI; the assist page; after the APIC's set-up. */
void pvi_hyperv_eoi(struct pvops_cpu *cpu);
void pvi_hyperv_apic_setup(struct pvops_cpu *cpu);
void pvi_hyperv_apic_teardown(struct pvops_cpu *cpu);

/* hyperv_ipi.c: 'vector' to one CPU; the ops, where a bit is set for them. */
void pvi_hyperv_send(struct pvops_cpu *target, unsigned vector);
void pvi_hyperv_ipi_install(void);
/* hyperv_flush.c */
void pvi_hyperv_flush_install(void);
/* hyperv_lock.c */
extern const struct pvi_op pvi_ops_hyperv[];
void pvi_hyperv_lock_install(void);

/* hyperv_start.c: pvi_backend.start */
enum pvops_status pvi_hyperv_start(const struct pvops_start *start);

#endif /* PVOPS_HYPERV_H */
