/* SPDX-License-Identifier: MIT */
/*
 * What the files of Xen share; grouped by file. Also read by assembly.
 */
#ifndef PVOPS_XEN_H
#define PVOPS_XEN_H

#include <pvops/offsets.h>

/* struct pvi_xen_cpu in pvops_cpu.private_, for assembly. */
#define PVI_OFF_xen_cr3 (PVOPS_OFF_xen_vcpu_info + 64)

#ifndef __ASSEMBLER__

#include "abi/xen.h"
#include "internal.h"

#include <x86/percpu.h>

/* PV: the kernel's segments. libxenshim.a runs it in ring 0. */
#if PVOPS_XENSHIM
#define PVI_XEN_PV_CS __HYPERVISOR_CS
#define PVI_XEN_PV_SS __HYPERVISOR_DS32
#else
#define PVI_XEN_PV_CS FLAT_RING3_CS64
#define PVI_XEN_PV_SS FLAT_RING3_SS64
#endif

/* What Xen refused with, for "(-%u)". */
static inline unsigned pvi_xen_errno(long result)
{
    return (unsigned)-result;
}

/* pvops_cpu.private_ */
struct pvi_xen_cpu {
    uintptr_t cr3; /* PV: the active root, the guest's own address */
    struct vcpu_info *vcpu_info;
    uint64_t deadline_ns; /* PVI_NO_DEADLINE: none */
    uint64_t stolen_start_ns;
    uint32_t timer_port; /* 0: no timer of Xen's */
    bool timer_yours;    /* the port was bound by the embedder */
    bool timer_op;       /* by set_timer_op, not by set_singleshot_timer */
    bool runstate;       /* Xen tells the time in each state */
    bool registered;     /* xen_vcpu_info here is the VCPU's */
    bool periodic;       /* PV: its ticks were stopped here */
    bool upcall;         /* events come at this CPU's event vector */
    bool upcall_eoi;     /* HVM: they come through the local APIC */
    uint32_t ipi_ports[PVOPS_IPIS]; /* xen_smp.c; 0: it is no event */
    uint32_t kick_port;             /* of pvops_lock_wait(); 0: none */
};

static inline struct pvi_xen_cpu *pvi_xen_cpu(struct pvops_cpu *cpu)
{
    return (struct pvi_xen_cpu *)(void *)cpu->private_;
}

/* NULL before set-up; the boot CPU's segment may lead nowhere until then. */
static inline struct pvops_cpu *pvi_xen_this_cpu(void)
{
    return pvi.stage < PVI_STAGE_BOOT_CPU ? NULL : pvi_this_cpu();
}

/* xen_events.c: who has what Xen has once. */
struct pvi_xen {
    volatile struct shared_info *shared; /* NULL: not mapped */
    bool upcall_yours;                   /* the embedder's */
    bool vcpu_info_yours;                /* VCPU 0's is, too */
    uint32_t features;                   /* 1u << XENFEAT_* */
    bool several; /* a second VCPU was started here, or set up */
    bool many;    /* PV: there may be more than struct pvops_cpus has bits */
    /* Ports that the library bound, of every VCPU. */
    unsigned long ports[8 * sizeof(long)];
    /* What Xen writes each VCPU's vcpu_info to for good: NULL: not here. */
    struct pvops_cpu *for_good[PVOPS_MAX_CPUS];
};
extern struct pvi_xen pvi_xen;

/* Version and features into the log, what the embedder has into pvi_xen. */
void pvi_xen_setup(void);

/* Before a set-up. */
void pvi_xen_cpu_clear(struct pvops_cpu *cpu);

/*
 * Find or make this VCPU's vcpu_info. 'frame' is Xen's number of the frame
 * that pvops_cpu.xen_vcpu_info is in; 'prefer_own': register that one even if
 * shared_info has a place.
 */
enum pvops_status pvi_xen_vcpu_info_setup(struct pvops_cpu *cpu, uint64_t frame,
                                          bool prefer_own);

/* VCPU 0's before its set-up; NULL: none. */
struct vcpu_info *pvi_xen_vcpu_info_0(void);

/*
 * The upcall's events: this VCPU's timer and IPIs are taken, others stay
 * pending for the embedder's drivers. Returns PVOPS_ARRIVED_*, DEADLINE for the
 * timer.
 */
unsigned pvi_xen_events_take(const struct pvi_xen_cpu *x);

/* Of this VCPU's IPIs only, where the upcall is the embedder's. */
unsigned pvi_xen_events_take_ipis(const struct pvi_xen_cpu *x);

/* A port that the library takes from now on; 'mask': it makes no upcall. */
void pvi_xen_port_add(uint32_t port, bool mask);
/* No more; it is closed, but if it was 'yours'. */
void pvi_xen_port_remove(uint32_t port, bool yours);
/* Whether it was pending, which it is no more. */
bool pvi_xen_port_take(uint32_t port);

/*
 * xen_timer.c: VIRQ_TIMER of this VCPU as the deadline. False, with a log
 * line, and nothing was changed: Xen has none to give.
 */
bool pvi_xen_timer_setup(struct pvops_cpu *cpu);
void pvi_xen_timer_teardown(struct pvops_cpu *cpu);
PVOPS_OP_CALL void pvi_xen_time_set_deadline(uint64_t at_ns);
PVOPS_OP_CALL void pvi_xen_time_cancel_deadline(void);
PVOPS_OP_CALL unsigned pvi_xen_time_arrived(unsigned vector);

/* xen_time.c: wall clock by shared_info, stolen time by the run state. */
void pvi_xen_stolen_setup(struct pvops_cpu *cpu);
PVOPS_OP_CALL uint64_t pvi_xen_time_wall_ns(void);
PVOPS_OP_CALL uint64_t pvi_xen_time_stolen_ns(void);

/* xen_hvm_smp.c: after pvi_xen_smp_setup(); what VCPUs forget, and their
 * beginning. */
void pvi_xen_hvm_smp_setup(void);
enum pvops_status pvi_xen_hvm_start(const struct pvops_start *start);

/*
 * xen_smp.c: IPIs as events, and an event to wake a VCPU with. 'events': they
 * come at its event vector, or at the embedder's upcall.
 */
void pvi_xen_smp_setup(void);
void pvi_xen_smp_cpu_setup(struct pvops_cpu *cpu, bool events);
void pvi_xen_smp_cpu_teardown(struct pvops_cpu *cpu);

#if defined(__x86_64__) && PVOPS_FULL

/* x86/xen_64.S: through pvi_xen_pv_vcpu_info; on the boot CPU, until... */
extern const struct pvi_body pvi_bodies_xen_pv[];
extern struct vcpu_info *pvi_xen_pv_vcpu_info;
extern uintptr_t pvi_xen_pv_cr3;
extern const uint64_t *pvi_xen_pv_m2p;
uintptr_t pvi_xen_pv_boot_save_flags(void);
void pvi_xen_pv_boot_disable(void);
void pvi_xen_pv_boot_enable(void);
uintptr_t pvi_xen_pv_boot_read_cr2(void);
uintptr_t pvi_xen_pv_boot_read_cr3(void);
/*
 * ... the segment leads to pvops_cpu, with its own vcpu_info: then this is set.
 * A flag costs no more where code runs at any address (rom/) than elsewhere; a
 * function's address does.
 */
extern bool pvi_xen_pv_by_segment;
uintptr_t pvi_xen_pv_save_flags(void);
void pvi_xen_pv_disable(void);
void pvi_xen_pv_enable(void);
uintptr_t pvi_xen_pv_read_cr2(void);
uintptr_t pvi_xen_pv_read_cr3(void);
pvops_pte pvi_xen_pv_read_entry(const pvops_pte *entry);
pvops_pte pvi_xen_pv_make_entry(pvops_pte value);
pvops_pte pvi_xen_pv_entry_value(pvops_pte stored);
void pvi_xen_pv_entry(void);
void pvi_xen_pv_iret(void);
void pvi_xen_pv_sysret(void);
void pvi_xen_pv_swapgs(void);
void pvi_xen_pv_failsafe(void);
/* Called by pvi_xen_pv_failsafe(): rcx, r11, ds, es, fs, gs, rip, cs, ... */
PVOPS_NORETURN void pvi_xen_pv_failed(const uint64_t *frame);

/* xen_pv_mmu.c */
struct start_info;
enum pvops_status pvi_xen_pv_mmu_setup(const struct start_info *start);
/* Xen's number of each of the guest's frames; ~0: there is none. */
extern const uint64_t *pvi_xen_pv_p2m;
extern uint64_t pvi_xen_pv_frames;
PVOPS_NORETURN void pvi_xen_pv_no_page(uint64_t frame);
static inline uint64_t pvi_xen_pv_mfn(uint64_t frame)
{
    uint64_t mfn = UINT64_MAX;

    if (frame < pvi_xen_pv_frames)
        mfn = pvi_xen_pv_p2m[frame];
    if (mfn == UINT64_MAX)
        pvi_xen_pv_no_page(frame);
    return mfn;
}
/* What CR3 has, by Xen's emulation. */
uintptr_t pvi_xen_pv_loaded_root(void);
/* The active root of this CPU. */
uintptr_t pvi_xen_pv_active_root(void);
PVOPS_OP_CALL void pvi_xen_pv_write_cr3(uintptr_t root);
PVOPS_OP_CALL void pvi_xen_pv_write_entry(pvops_pte *entry, pvops_pte value);
PVOPS_OP_CALL void pvi_xen_pv_write_root(pvops_pte *entry, pvops_pte value);
PVOPS_OP_CALL void pvi_xen_pv_modify_entry(pvops_pte *entry, pvops_pte value);
PVOPS_OP_CALL void pvi_xen_pv_flush_page(uintptr_t address);
PVOPS_OP_CALL void pvi_xen_pv_flush_range(uintptr_t address, size_t pages);
PVOPS_OP_CALL void pvi_xen_pv_flush_asid(unsigned asid);
PVOPS_OP_CALL void pvi_xen_pv_flush_all(void);

/* xen_pv_tables.c */
PVOPS_OP_CALL void pvi_xen_pv_alloc_table(uintptr_t level, uintptr_t table);
PVOPS_OP_CALL void pvi_xen_pv_release_table(uintptr_t level, uintptr_t table);
/* Each mapping of the page that the library knows of: writable, or not. */
void pvi_xen_pv_protect(const void *page, bool writable);
/* The builder's root, which is one page; NO frame once it was released. */
extern uint64_t pvi_xen_pv_built_root;

/* xen_pv_smp.c */
void pvi_xen_pv_smp_setup(void);
enum pvops_status pvi_xen_pv_start(const struct pvops_start *start);
PVOPS_NORETURN void pvi_xen_pv_park(unsigned index, uintptr_t *word,
                                    uintptr_t bit);

/* xen_pv_user.c */
PVOPS_OP_CALL void pvi_xen_pv_set_fs_base(uintptr_t base);
PVOPS_OP_CALL void pvi_xen_pv_set_syscall_entry(uintptr_t syscall,
                                                uintptr_t hypervisor);
PVOPS_OP_CALL uint64_t pvi_xen_pv_enable_xstate(uint64_t features);

/* xen_pv_traps.c */
void pvi_xen_pv_load_gdt(void *gdt, unsigned bytes);
void pvi_xen_pv_load_idt(const void *idt, unsigned bytes);
/* What the IDT that was loaded last names for 'vector'; 0: nothing. */
uintptr_t pvi_xen_pv_handler(unsigned vector);
enum pvops_status pvi_xen_pv_upcall_setup(const struct pvops_cpu *cpu);

#endif

#endif /* __ASSEMBLER__ */

#endif /* PVOPS_XEN_H */
