/* SPDX-License-Identifier: MIT */
/*
 * More CPUs than one: started and stopped, interrupts from one to another,
 * translations that others forget.
 *
 * Tier guest; without sites pvops_seal(), which pvops_smp_start() needs, takes
 * a struct pvops_sites of zeros. Before pvops_setup() calling any of them
 * panics with its name.
 *
 * A CPU is named by the index that it gave to pvops_cpu_setup(), and can be
 * named from then until its pvops_cpu_teardown(). pvops_smp_start() and the
 * set-up that follows it are for one CPU at a time.
 *
 * How an interprocessor interrupt arrives: there are PVOPS_IPIS of them, whose
 * meaning is yours. Number n comes at ipi_vectors[n] of pvops_cpu_options or,
 * where it is an event (Xen's), at the event vector. Call pvops_time_arrived()
 * there: it acknowledges, and PVOPS_ARRIVED_IPI(n) is in what it returns. Those
 * that are sent before the first is taken may come as one: post what you ask
 * for before you send, look for all of it when one came.
 */
#ifndef PVOPS_SMP_H
#define PVOPS_SMP_H

#include <pvops/config.h>
#include <pvops/status.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

#define PVOPS_IPIS 4

#define PVOPS_CPUS_BITS (8 * sizeof(uintptr_t))

/* A set of CPUs, by index. */
struct pvops_cpus {
    uintptr_t words[PVOPS_MAX_CPUS / (8 * sizeof(uintptr_t))];
};

/* 'cpu' is in the set from now on, is in it no more, is in it. */
static inline void pvops_cpus_add(struct pvops_cpus *cpus, unsigned cpu)
{
    cpus->words[cpu / PVOPS_CPUS_BITS] |= (uintptr_t)1 << cpu % PVOPS_CPUS_BITS;
}

/* As above. */
static inline void pvops_cpus_remove(struct pvops_cpus *cpus, unsigned cpu)
{
    cpus->words[cpu / PVOPS_CPUS_BITS] &=
        ~((uintptr_t)1 << cpu % PVOPS_CPUS_BITS);
}

/* As above. */
static inline bool pvops_cpus_has(const struct pvops_cpus *cpus, unsigned cpu)
{
    return cpus->words[cpu / PVOPS_CPUS_BITS] >> cpu % PVOPS_CPUS_BITS & 1;
}

/* One pointer an op; filled by pvops_setup(). */
struct pvops_smp_table {
    PVOPS_OP_CALL void (*send_ipi)(unsigned cpu, unsigned ipi);
    PVOPS_OP_CALL void (*send_ipis)(const struct pvops_cpus *cpus,
                                    unsigned ipi);
    PVOPS_OP_CALL void (*flush_range)(const struct pvops_cpus *cpus,
                                      uintptr_t root, uintptr_t address,
                                      size_t pages);
    PVOPS_OP_CALL void (*flush_space)(const struct pvops_cpus *cpus,
                                      uintptr_t root);
    PVOPS_OP_CALL void (*flush_all)(const struct pvops_cpus *cpus);
    PVOPS_OP_CALL bool (*is_preempted)(unsigned cpu);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_smp_table pvops_smp_table;

/*
 * Interrupt 'cpu', which is set up and may be this one, with number 'ipi',
 * whose vector it gave.
 *
 * Class:   cold.
 * Context: any but NMI.
 * Native:  the local APIC's ICR.
 */
static inline void pvops_smp_send_ipi(unsigned cpu, unsigned ipi)
{
    pvops_smp_table.send_ipi(cpu, ipi);
}

/*
 * The same for several, which may include this one; NULL: every CPU that is set
 * up but this one.
 */
static inline void pvops_smp_send_ipis(const struct pvops_cpus *cpus,
                                       unsigned ipi)
{
    pvops_smp_table.send_ipis(cpus, ipi);
}

/*
 * On 'cpus', which may include this one (NULL: on every CPU that is set up),
 * forget the translations of 'pages' pages of 4 KiB from 'address' on: those of
 * the address space of 'root', a value for pvops_mmu_write_cr3(), and global
 * ones. When it returns, they use none of them any more; a CPU that a
 * hypervisor does not run at the moment forgets them before it runs again.
 * More may be forgotten than is asked for. A batch of this CPU's (mmu.h) is
 * done first.
 *
 * Where the library does it by interrupts of its own, it waits for each of
 * them to answer: with interrupts off they answer only in here, in
 * pvops_lock_acquire() and in pvops_smp_poll().
 *
 * Class:   cold.
 * Context: preemption off; not NMI; each of 'cpus' gave a flush_vector.
 * Native:  an interrupt at its flush_vector, and there INVLPG for each page;
 *          beyond 32 pages as flush_all.
 */
static inline void pvops_smp_flush_range(const struct pvops_cpus *cpus,
                                         uintptr_t root, uintptr_t address,
                                         size_t pages)
{
    pvops_smp_table.flush_range(cpus, root, address, pages);
}

/*
 * The same for every translation of that address space but the global ones.
 * Native: there as pvops_mmu_flush_asid().
 */
static inline void pvops_smp_flush_space(const struct pvops_cpus *cpus,
                                         uintptr_t root)
{
    pvops_smp_table.flush_space(cpus, root);
}

/* The same for every translation, global ones too. */
static inline void pvops_smp_flush_all(const struct pvops_cpus *cpus)
{
    pvops_smp_table.flush_all(cpus);
}

/*
 * Whether the hypervisor has taken the processor from 'cpu', which is set up,
 * while it had something to do: a hint, old when it is read. False if the
 * hypervisor does not tell.
 *
 * Class:   cold.
 * Context: any.
 */
static inline bool pvops_smp_is_preempted(unsigned cpu)
{
    return pvops_smp_table.is_preempted(cpu);
}

/*
 * Do what other CPUs' flushes ask of this one and wait for: for your own loops
 * that spin with interrupts off. Context: any but NMI, after pvops_cpu_setup().
 */
void pvops_smp_poll(void);

/* The CPUs that are set up. Context: any; the answer may be old. */
struct pvops_cpus pvops_smp_online(void);

/* One CPU of this machine, as ACPI or the hypervisor tells of it. */
struct pvops_found_cpu {
    unsigned index;   /* for pvops_start: 0 is the boot CPU */
    uint32_t apic_id; /* UINT32_MAX under Xen PV, which needs none */
};

/*
 * The CPUs that can be started and the boot CPU, which comes first: at most
 * 'most' go to 'out_cpus'. Returns how many there are. From ACPI's MADT, whose
 * RSDP is at 'rsdp' (0: searched for in the BIOS's places); under Xen PV by
 * asking Xen. 1 if nobody knows.
 *
 * Host:    pvops_host_map().
 * Context: boot CPU, after pvops_cpu_setup().
 */
unsigned pvops_smp_find(pvops_paddr rsdp, struct pvops_found_cpu *out_cpus,
                        unsigned most);

/*
 * Pages that a CPU without a hypervisor's help begins in: adjacent, below
 * 1 MiB. They hold nothing of yours between pvops_smp_start() and that CPU's
 * pvops_cpu_setup(), and may then serve for the next.
 */
#define PVOPS_TRAMPOLINE_PAGES 4

/* How a further CPU begins. */
struct pvops_start {
    unsigned index;   /* 1 to PVOPS_MAX_CPUS - 1; Xen's VCPU number */
    uint32_t apic_id; /* not needed under Xen PV */
    /* What it calls, with 'argument', on this stack; it never returns. */
    void (*entry)(void *argument);
    void *argument;
    uintptr_t stack; /* its top; a multiple of 16 */
    /* Its address space, as for pvops_mmu_write_cr3(). */
    uintptr_t root;
    /* x86-64: base of PVOPS_CPU_SEGMENT; a zeroed struct percpu of yours. */
    uintptr_t percpu_base;
    /*
     * PVOPS_TRAMPOLINE_PAGES, mapped writable; NULL if no CPU is started here
     * without a hypervisor's help.
     */
    void *trampoline;
    pvops_paddr trampoline_paddr;
};

/*
 * Start a CPU that does not run: never did, or is in pvops_smp_park(). It calls
 * start->entry in the mode that this CPU is in: interrupts off, no IDT, flat
 * segments that are the library's or the hypervisor's, CR0, CR4 and EFER as
 * here; on x86-64 the segment base is set. There load your GDT (i386: with the
 * per-CPU segment), IDT and task register, then call pvops_cpu_setup(). MTRRs
 * and the PAT are yours to set.
 *
 * If 'root' does not map the trampoline at its own address, the library maps it
 * so in tables of its own there, in slot 0 of a root: it must have nothing of
 * the kernel's.
 *
 * Returns when the CPU calls 'entry', or not within a second. One that did not
 * come may do so later: it finds that it is wanted no more, and parks. Until
 * pvops_smp_is_parked() the stack and address space are its.
 *
 * Errors:  PVOPS_E_ORDER: before pvops_seal(), or that CPU runs.
 *          PVOPS_E_INVALID: a member of 'start' is none of what is said above.
 *          PVOPS_E_UNSUPPORTED: there is no way to start a CPU here.
 *          PVOPS_E_REFUSED: by the hypervisor, or it did not come.
 * Host:    pvops_host_va() for 'root' and its tables, pvops_host_map().
 * Context: a CPU that is set up, preemption off; one caller at a time.
 */
PVOPS_MUST_CHECK enum pvops_status
pvops_smp_start(const struct pvops_start *start);

/*
 * The end of this CPU, after its pvops_cpu_teardown(), until somebody starts it
 * again. Its stack and address space stay until pvops_smp_is_parked().
 *
 * Context: a further CPU, interrupts off, in an address space that stays mapped
 *          while it is parked.
 */
PVOPS_NORETURN void pvops_smp_park(void);

/* Whether CPU 'index' is in pvops_smp_park() and uses its stack no more. */
bool pvops_smp_is_parked(unsigned index);

PVOPS_END_DECLS

#endif /* PVOPS_SMP_H */
