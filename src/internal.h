/* SPDX-License-Identifier: MIT */
/*
 * What the library's files share; grouped by file. Never installed.
 */
#ifndef PVOPS_INTERNAL_H
#define PVOPS_INTERNAL_H

#include <pvops/pvops.h>

#include "site_code.h"

/* One hypervisor: a const descriptor at the bottom of its one file. */
struct pvi_backend {
    const char *name;
    /* True if this backend serves what the probe found. Changes nothing. */
    bool (*detect)(const struct pvops_info *info);
    /*
     * NULL, or: replace the native ops that may not be executed here, before
     * the embedder's first function is called. Fails not, logs nothing.
     */
    void (*replace)(void);
    /*
     * The tables hold the native ops already: replace those that are better
     * here. A feature that is missing or refused: log it, leave the native op.
     */
    enum pvops_status (*setup)(const struct pvops_setup_options *options);
    /* Called on that CPU; 'cpu' is filled as far as pvops.h names fields. */
    enum pvops_status (*cpu_setup)(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options);
    void (*cpu_teardown)(struct pvops_cpu *cpu);
    /*
     * smp_start.c: have the CPU of 'start', which is valid, run
     * pvi_smp_begin(pvi.start_ticket). NULL: INIT and SIPI.
     * PVOPS_E_UNSUPPORTED: those are tried.
     */
    enum pvops_status (*start)(const struct pvops_start *start);
    /*
     * The end of this CPU, which was torn down: takes no stack any more once
     * 'bit' is set in '*word', atomically. When it is started again, it runs
     * pvi_smp_begin(). NULL: HLT until INIT.
     */
    PVOPS_NORETURN void (*park)(unsigned index, uintptr_t *word, uintptr_t bit);
    /*
     * smp_flush.c: NULL, or whether 'cpu', another one, forgets everything
     * before it runs again. Asked for each flush, after what is flushed.
     */
    bool (*forgets_later)(struct pvops_cpu *cpu);
    /* smp_flush.c: 'vector' to a CPU that is set up. NULL: pvi_lapic_send(). */
    void (*send)(struct pvops_cpu *target, unsigned vector);
    /* Short bodies of its own that sealing may put inline (x86/body.h). */
    const struct pvi_body *bodies;
};

#define PVOPS_BACKEND(id) extern const struct pvi_backend pvi_backend_##id;
#include "backends.def"
#undef PVOPS_BACKEND

enum pvi_stage {
    PVI_STAGE_START = 0, /* tables are poison */
    PVI_STAGE_SETUP,     /* pvops_setup() done */
    PVI_STAGE_BOOT_CPU,  /* the boot CPU's pvops_cpu_setup() done */
    PVI_STAGE_SEALED,    /* pvops_seal() done at least once */
};

/* lifecycle.c: the library's only state beside the tables. */
struct pvi_state {
    enum pvi_stage stage;
    const struct pvi_backend *backend;
    struct pvops_info info;
    struct pvops_probe_options probe;
    struct pvops_selectors selectors;
    struct pvops_resources resources;
    uint32_t caps;
    uint8_t *pages;             /* PVOPS_SETUP_PAGES, or NULL */
    struct pvops_clock clock;   /* used by every CPU if clock.global */
    struct pvops_cpu *boot_cpu; /* NULL: not set up, or torn down */
    volatile void *lapic;       /* xAPIC's registers, or NULL; lapic.c */
    bool has_pge;               /* global pages and CR4.PGE; native_mmu.c */
    bool has_invpcid;
    unsigned root_pages; /* 1, or 2 under Xen PV */
    /* smp.c: the CPUs that are set up, by index. */
    struct pvops_cpu *cpus[PVOPS_MAX_CPUS];
    struct pvops_cpus online;
    /* smp_start.c: the one that is started, and what became of the others. */
    struct pvops_start starting;
    unsigned start_ticket;     /* the last one */
    unsigned start_state;      /* a ticket, claimed or not; 0: nobody's */
    struct pvops_cpus running; /* started, and not in pvops_smp_park() */
    struct pvops_cpus parked;
};
extern struct pvi_state pvi __asm__("pvi_state"); /* a symbol of our prefix */

/*
 * pvops_cpu.common_: what lifecycle.c and lapic.c keep for each CPU, whatever
 * the backend is.
 */
struct pvi_common {
    /* If pvi.clock is not global: its page, and the clock of this CPU. */
    uint8_t time_page[32] __attribute__((aligned(32)));
    struct pvops_clock clock;
    uint64_t clock_offset_ns; /* what it lacks to the boot CPU's */
    uint64_t clock_floor_ns;  /* shown before it was set up again */
    uint64_t deadline_ns;     /* lapic.c; PVI_NO_DEADLINE: none */
    uint64_t timer_rate;      /* lapic.c: ticks per ns, 32.32 fixed point */
    uint32_t found_spurious;  /* lapic.c: registers as they were found */
    uint32_t found_lvt_timer;
    uint32_t found_divide;
    bool set_up;        /* between pvops_cpu_setup() and its teardown */
    bool clock_ready;   /* 'clock' and its offset are */
    bool lapic_enabled; /* lapic.c: its registers may be used */
    bool lapic_x2apic;
    bool lapic_spurious_ours;
    bool lapic_timer;
    bool lapic_tsc_deadline;
};
#define PVI_NO_DEADLINE UINT64_MAX

/* What a CPU asks others to forget: smp_flush.c. */
enum pvi_flush_kind {
    PVI_FLUSH_RANGE = 0,
    PVI_FLUSH_SPACE,
    PVI_FLUSH_ALL,
};
struct pvi_flush {
    enum pvi_flush_kind kind;
    uintptr_t root;
    uintptr_t address; /* of PVI_FLUSH_RANGE */
    size_t pages;
};

/* pvops_cpu.smp_: what other CPUs look at. */
struct pvi_smp {
    struct pvops_cpus asked_by; /* who waits for a flush of this CPU */
    struct pvi_flush flush;     /* what this CPU asks for */
    unsigned flush_left;        /* how many have not answered */
    bool posts;                 /* it asks: the CPUs it looked up must stay */
    uint32_t apic_id;           /* lapic.c, if lapic_enabled */
    uint32_t hyperv_vp;         /* backend/hyperv.c: its VP index */
    uint8_t ipi_vectors[PVOPS_IPIS];
    uint8_t flush_vector;
    uint8_t *pages; /* PVOPS_CPU_PAGES, or NULL */
    /* lock.c: which lock this CPU sleeps for, with which ticket. */
    struct pvops_lock *lock; /* or NULL */
    uint16_t lock_ticket;
    bool waits; /* in pvops_lock_wait(): a flush has to kick it */
};

static inline struct pvi_smp *pvi_smp(struct pvops_cpu *cpu)
{
    return (struct pvi_smp *)(void *)cpu->smp_;
}

/* Which of options->pages of a CPU is whose. */
enum pvi_cpu_page {
    PVI_CPU_PAGE_OPERANDS = 0, /* Hyper-V's hypercalls */
    PVI_CPU_PAGE_MESSAGE = 1,  /* SIMP, if the boot CPU's is not elsewhere */
    PVI_CPU_PAGE_ASSIST = 2,   /* VP assist page */
};
static inline void *pvi_cpu_page(struct pvops_cpu *cpu, enum pvi_cpu_page which)
{
    uint8_t *pages = pvi_smp(cpu)->pages;

    return pages ? pages + 4096u * which : NULL;
}

/* smp.c: the CPUs that are set up; NULL: it is not. */
struct pvops_cpu *pvi_cpu_at(unsigned index);
void pvi_smp_cpu_setup(struct pvops_cpu *cpu,
                       const struct pvops_cpu_options *options);
void pvi_smp_cpu_online(struct pvops_cpu *cpu);
void pvi_smp_cpu_teardown(struct pvops_cpu *cpu);
/* smp_flush.c: of one that can be looked up no more. */
void pvi_smp_flush_leave(struct pvops_cpu *cpu);
/*
 * Of 'cpus', in order: for (unsigned i = 0; pvi_smp_next(cpus, &i); i++). It
 * moves '*index' to the next, if that is none itself; false: no more.
 */
bool pvi_smp_next(const struct pvops_cpus *cpus, unsigned *index);
/* 'cpus'; if that is NULL, pvi_smp_others() of all. */
struct pvops_cpus pvi_smp_named(const struct pvops_cpus *cpus);
/*
 * Those of 'cpus' (NULL: of all) that are set up, but this one. False: none.
 * One of them may be torn down meanwhile.
 */
bool pvi_smp_others(const struct pvops_cpus *cpus,
                    struct pvops_cpus *out_others);

/*
 * smp_start.c. pvi_smp_begin() is where every further CPU goes on, on its stack
 * (at its top there is a word, as after a call) and in its address space, with
 * what pvi.start_ticket was when it was started; the call that follows it there
 * is of start->entry. Its parts, for who needs pvi.starting: _claim() comes
 * back if that start is this CPU's, _go() calls 'entry'. For who starts it:
 * whether it has come, waiting up to 'ns'.
 */
PVOPS_OP_CALL PVOPS_NORETURN void pvi_smp_begin(unsigned ticket);
void pvi_smp_claim(unsigned ticket);
PVOPS_NORETURN void pvi_smp_go(void);
bool pvi_smp_came_within(uint32_t ns);
/* Of a start, no other one's for half a million; 0 is none. */
#define PVI_START_CLAIMED       1u
#define PVI_START_INDEXES       0x1ffeu
#define PVI_START_INDEX(ticket) (((ticket)&PVI_START_INDEXES) >> 1)
#define PVI_START_NEXT(ticket, index)                                          \
    ((((ticket) | PVI_START_INDEXES | PVI_START_CLAIMED) + 1) | (index) << 1)
/* smp_sipi.c: by the local APIC; PVOPS_E_UNSUPPORTED: it is not enabled. */
enum pvops_status pvi_smp_sipi(const struct pvops_start *start);
/* Where a CPU begins that has the segments of x86/start.h, but not their GDT.
 */
PVOPS_OP_CALL PVOPS_NORETURN void pvi_smp_begin_flat(unsigned ticket);
/* Whether start->apic_id can take an INIT: it is no CPU's that is set up. */
bool pvi_smp_apic_id_valid(const struct pvops_start *start);

/*
 * The part of arrived() that is not the EOI: PVOPS_ARRIVED_IPI(n) if 'vector'
 * is that of one of this CPU's; its flush vector is served.
 */
unsigned pvi_smp_vector(unsigned vector);

/*
 * lifecycle.c: in a further CPU's set-up: 'page' has its time, which somebody
 * else fills; where each has a clock of its own, it goes by that from now on.
 */
void pvi_cpu_clock_by(struct pvops_cpu *cpu, void *page);

static inline struct pvi_common *pvi_common(struct pvops_cpu *cpu)
{
    return (struct pvi_common *)(void *)cpu->common_;
}

/* Which of options->pages is whose. */
enum pvi_page {
    PVI_PAGE_CLOCK = 0,
    PVI_PAGE_HYPERCALL = 1, /* Hyper-V */
    PVI_PAGE_MESSAGE = 2,   /* Hyper-V: boot CPU's SIMP */
    PVI_PAGE_SHARED = 3,    /* Xen HVM: shared_info, if nobody has it */
    PVI_PAGE_CONTEXT = 1,   /* Xen PV: two, only while a VCPU is begun */
};
static inline void *pvi_page(enum pvi_page which)
{
    return pvi.pages ? pvi.pages + 4096u * which : NULL;
}

/*
 * log.c: one line, formatted: %s %u %x %llu %llx %p only; %llu and %llx take
 * an unsigned long long, %s NULL too. What is not ASCII becomes '?'.
 */
PVOPS_PRINTF(2, 3)
void pvi_log(enum pvops_log_level level, const char *format, ...);
/*
 * One line "NAME: no TEXT" for each of 'bits' that is not set: of word 0 they
 * are 0 to 31, of word 1 32 to 63, and so on. 'texts' are the strings in the
 * same order, one behind the other.
 */
void pvi_log_missing(const char *name, const uint32_t *words,
                     const uint8_t *bits, unsigned count, const char *texts);
/* Of a list of X(bit, text): no pointers, which would take most of it. */
#define PVI_MISSING_BIT(bit, text)  bit,
#define PVI_MISSING_TEXT(bit, text) text "\0"
PVOPS_PRINTF(1, 2) PVOPS_NORETURN void pvi_panic(const char *format, ...);

/* tables.c: native ops into every table. */
void pvi_tables_native(void);

/*
 * What may be put into the tables instead, as data: pvlab sites reads the
 * arrays pvi_ops_NAME of an image and tells what sealing makes of each site
 * under that backend. An op with recorded sites is set by pvi_install() alone
 * (tools/check-sites). Of an op that a backend has entries for, they are all
 * that it can be once sealed. pvi_ops_every[] is for those who have none.
 */
struct pvi_op {
    void *slot; /* NULL ends the array */
    void (*function)(void);
    const char *when; /* what it depends on, in words; NULL: nothing */
};

#define PVI_OP(chapter, op, function, when)                                    \
    {                                                                          \
        &pvops_##chapter##_table.op,                                           \
            _Generic((function), __typeof__(pvops_##chapter##_table.op)        \
                     : (void (*)(void))(function)),                            \
            when                                                               \
    }
#define PVI_OPS_END                                                            \
    {                                                                          \
        NULL, NULL, NULL                                                       \
    }

extern const struct pvi_op pvi_ops_every[];
extern const struct pvi_op pvi_ops_xen_hvm[];
extern const struct pvi_op pvi_ops_kvm[];
extern const struct pvi_op pvi_ops_xen_pv[];
/* Empty until boot: what the ROM says; pvlab sites knows it by that. */
extern struct pvi_op pvi_ops_vmi[];
/* PVOPS_DEBUG_MMU: in place of the native ones, where no backend has its own */
extern const struct pvi_op pvi_ops_debug[];

/* tables.c: those whose 'when' is this very pointer. */
void pvi_install(const struct pvi_op *ops, const char *when);

/* x86/native_*.S */
extern const struct pvi_body pvi_bodies_native[];
void pvi_serialise(void);
#if PVOPS_VMI
/* backend/vmi.c: a ROM's, put there at boot. */
extern struct pvi_body pvi_vmi_bodies[];
#endif

/*
 * x86/native_*.S and native.c: what bare metal does. The hot ones are asm; the
 * bytes between their label and their RET are what sealing puts inline.
 */
PVOPS_OP_CALL uintptr_t pvi_native_irq_save_flags(void);
PVOPS_OP_CALL void pvi_native_irq_disable(void);
PVOPS_OP_CALL void pvi_native_irq_enable(void);
PVOPS_OP_CALL void pvi_native_irq_safe_halt(void);
PVOPS_OP_CALL void pvi_native_irq_halt(void);
void pvi_native_cpu_entry(void);
void pvi_native_cpu_iret(void);
void pvi_native_cpu_swapgs(void);
PVOPS_OP_CALL void pvi_native_cpu_load_gdt(void *gdt, unsigned bytes);
PVOPS_OP_CALL void pvi_native_cpu_load_idt(const void *idt, unsigned bytes);
PVOPS_OP_CALL void pvi_native_cpu_load_tr(unsigned selector);
PVOPS_OP_CALL void pvi_native_cpu_set_kernel_stack(void *tss, uintptr_t stack);
void pvi_native_cpu_sysret(void);
PVOPS_OP_CALL void pvi_native_cpu_set_fs_base(uintptr_t base);
PVOPS_OP_CALL uintptr_t pvi_native_cpu_read_fs_base(void);
PVOPS_OP_CALL void pvi_native_cpu_set_percpu_base(uintptr_t base);
PVOPS_OP_CALL void pvi_native_cpu_set_syscall_entry(uintptr_t syscall,
                                                    uintptr_t hypervisor);
PVOPS_OP_CALL uint64_t pvi_native_cpu_enable_xstate(uint64_t features);
PVOPS_OP_CALL void pvi_native_cpu_cpuid(uint32_t leaf, uint32_t subleaf,
                                        uint32_t out_regs[4]);
PVOPS_OP_CALL uint64_t pvi_native_cpu_read_msr(uint32_t msr);
PVOPS_OP_CALL void pvi_native_cpu_write_msr(uint32_t msr,
                                            const uint64_t *value);
PVOPS_OP_CALL uintptr_t pvi_native_mmu_read_cr2(void);
PVOPS_OP_CALL uintptr_t pvi_native_mmu_read_cr3(void);
PVOPS_OP_CALL void pvi_native_mmu_write_cr3(uintptr_t root);
PVOPS_OP_CALL pvops_pte pvi_native_mmu_read_entry(const pvops_pte *entry);
PVOPS_OP_CALL void pvi_native_mmu_write_entry(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                              pvops_pte value));
PVOPS_OP_CALL pvops_pte pvi_native_mmu_make_entry(pvops_pte value);
PVOPS_OP_CALL pvops_pte pvi_native_mmu_entry_value(pvops_pte stored);
PVOPS_OP_CALL void pvi_native_mmu_write_root(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                             pvops_pte value));
PVOPS_OP_CALL void pvi_native_mmu_alloc_table(PVOPS_MMU_ORDER(uintptr_t level,
                                                              uintptr_t table));
PVOPS_OP_CALL void pvi_native_mmu_release_table(
    PVOPS_MMU_ORDER(uintptr_t level, uintptr_t table));
PVOPS_OP_CALL void pvi_native_mmu_begin_batch(void);
PVOPS_OP_CALL void pvi_native_mmu_end_batch(void);
PVOPS_OP_CALL void pvi_native_mmu_flush_page(uintptr_t address);
PVOPS_OP_CALL void pvi_native_mmu_flush_range(uintptr_t address, size_t pages);
PVOPS_OP_CALL void pvi_native_mmu_flush_asid(unsigned asid);
PVOPS_OP_CALL void pvi_native_mmu_flush_all(void);
PVOPS_OP_CALL void pvi_native_mmu_modify_entry(pvops_pte *entry,
                                               pvops_pte value);
PVOPS_OP_CALL uint64_t pvi_native_time_now_ns(void);
PVOPS_OP_CALL uint64_t pvi_native_time_wall_ns(void);
PVOPS_OP_CALL uint64_t pvi_native_time_stolen_ns(void);
PVOPS_OP_CALL void pvi_native_time_set_deadline(uint64_t at_ns);
PVOPS_OP_CALL void pvi_native_time_cancel_deadline(void);
PVOPS_OP_CALL unsigned pvi_native_time_arrived(unsigned vector);

PVOPS_OP_CALL void pvi_native_smp_send_ipi(unsigned cpu, unsigned ipi);
PVOPS_OP_CALL void pvi_native_smp_send_ipis(const struct pvops_cpus *cpus,
                                            unsigned ipi);
PVOPS_OP_CALL void pvi_native_smp_flush_range(const struct pvops_cpus *cpus,
                                              uintptr_t root, uintptr_t address,
                                              size_t pages);
PVOPS_OP_CALL void pvi_native_smp_flush_space(const struct pvops_cpus *cpus,
                                              uintptr_t root);
PVOPS_OP_CALL void pvi_native_smp_flush_all(const struct pvops_cpus *cpus);
PVOPS_OP_CALL bool pvi_native_smp_is_preempted(unsigned cpu);
PVOPS_OP_CALL void pvi_native_lock_release(struct pvops_lock *lock);
PVOPS_OP_CALL void pvi_native_lock_wait(const volatile uint32_t *word,
                                        uint32_t value);
PVOPS_OP_CALL void pvi_native_lock_kick(unsigned cpu);

/*
 * lock.c: for a backend by which a CPU can sleep until it is kicked. In its
 * pvi_ops_NAME it has this as lock.release, and in the table wait and kick of
 * its own: all three, or none. A kick may come before the sleep that it ends.
 */
PVOPS_OP_CALL void pvi_paravirt_lock_release(struct pvops_lock *lock);
/*
 * Its wait: 'halt' is called if there is nothing to do, interrupts off; it lets
 * them in while it sleeps if 'interrupts', and may leave them on.
 */
void pvi_lock_wait(const volatile uint32_t *word, uint32_t value,
                   void (*halt)(bool interrupts));

/*
 * native_user.c: set CR4.FSGSBASE on this CPU. False: there is none.
 * pvi_user_bases is what pvi_wrfsbase() depends on.
 */
bool pvi_user_bases_enable(void);
extern const char pvi_user_bases[];
/* As the op; the CPU has XSAVE. */
uint64_t pvi_enable_xcr0(uint64_t features);

/* x86/native_64.S: set_fs_base and read_fs_base, then; SYSCALL of 32 bits. */
PVOPS_OP_CALL void pvi_wrfsbase(uintptr_t base);
PVOPS_OP_CALL uintptr_t pvi_rdfsbase(void);
void pvi_native_syscall_32(void);

#if PVOPS_DEBUG_MMU
/* debug_mmu.c: after a backend's setup() in ring 0. */
void pvi_debug_mmu_setup(void);
/* x86/native_*.S: read_entry, of the quick convention; it calls the other. */
PVOPS_OP_CALL pvops_pte pvi_debug_mmu_read_entry(const pvops_pte *entry);
PVOPS_OP_CALL pvops_pte pvi_debug_read(const pvops_pte *entry);
#endif

/*
 * lapic.c: the local APIC's timer as a deadline, in the mode in which the
 * APIC was found (xAPIC or x2APIC), by TSC-deadline if that is usable. For
 * every backend that has nothing better. pvi_native_time_*() use it.
 */
enum pvops_status pvi_lapic_cpu_setup(struct pvops_cpu *cpu,
                                      const struct pvops_cpu_options *options);
void pvi_lapic_cpu_teardown(struct pvops_cpu *cpu);
bool pvi_lapic_present(void);

/*
 * The same for somebody else's timer that comes at the local APIC timer's
 * vector: the APIC's own stands. Undone by the teardown above.
 */
enum pvops_status pvi_lapic_wire(struct pvops_cpu *cpu);

/*
 * For a backend with a timer of its own whose interrupts need an EOI: only
 * enable the APIC; false if there is none. Undone by the teardown above.
 */
bool pvi_lapic_enable(struct pvops_cpu *cpu);

/*
 * Whether an interrupt at 'vector' is a spurious one, as can be where the
 * library enabled the APIC: an EOI would then end another interrupt.
 */
bool pvi_lapic_spurious(unsigned vector);

/* Whether one at 'vector' waits for its EOI; not if it was not enabled. */
bool pvi_lapic_in_service(unsigned vector);

/* On this CPU; nothing if it was not enabled. */
void pvi_lapic_eoi(void);

/*
 * To the CPU with this APIC id: fixed delivery of the vector that 'command' is,
 * or what else it says (abi/lapic.h).
 */
void pvi_lapic_send(uint32_t apic_id, unsigned command);

/*
 * The part of arrived() that is not the EOI: PVOPS_ARRIVED_DEADLINE if this
 * CPU's deadline has passed, else set the timer again for the rest and 0.
 */
unsigned pvi_lapic_deadline(void);

#endif /* PVOPS_INTERNAL_H */
