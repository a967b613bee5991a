/* SPDX-License-Identifier: MIT */
/*
 * Everything, and the life cycle above the clock tier:
 *
 *   pvops_probe()      clock.h; may be the kernel's first call
 *   pvops_setup()      choose a backend, fill the tables
 *   pvops_cpu_setup()  for the boot CPU
 *   pvops_seal()       call sites become what is best here
 *   pvops_smp_start()  for each further CPU (smp.h)
 *   pvops_cpu_setup()  on it
 *
 * Out of order is refused with PVOPS_E_ORDER. Before pvops_setup() only
 * console and power work; any other op panics with its own name. Between setup
 * and seal ops go through the tables, after it without.
 */
#ifndef PVOPS_PVOPS_H
#define PVOPS_PVOPS_H

#include <pvops/clock.h>
#include <pvops/config.h>
#include <pvops/console.h>
#include <pvops/cpu.h>
#include <pvops/host.h>
#include <pvops/irq.h>
#include <pvops/lock.h>
#include <pvops/mmu.h>
#include <pvops/power.h>
#include <pvops/rom.h>
#include <pvops/smp.h>
#include <pvops/status.h>
#include <pvops/time.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * What a hypervisor has once. Given to pvops_setup() it says what is already
 * yours and in use: the library then uses it and never registers a second.
 * From pvops_get_resources() it says what the library owns, for your drivers.
 * Zero: nobody has it (yet).
 *
 * KVM's areas for STEAL_TIME and PV_EOI need no word: one that a CPU has
 * enabled before its pvops_cpu_setup() stays yours, and then that CPU's
 * pvops_time_stolen_ns() is 0, its EOI the APIC's.
 */
struct pvops_resources {
    /*
     * Hyper-V: the enabled hypercall page. The library's is the second of
     * 'pages', which it never executes itself: whoever makes hypercalls maps
     * it executable. The guest OS id is taken if nobody gave one yet.
     */
    void *hyperv_hypercall_page;
    uint64_t hyperv_guest_os_id;
    /*
     * Hyper-V: the boot CPU's SynIC is enabled, with these pages; the library
     * takes no SINT but 'hyperv_timer_sint' (0 if it has none, as in direct
     * mode; given: the one that it shall take), and of the synthetic timers the
     * last whose configuration is 0. You empty the slots that are yours; your
     * SINTs that come at the event vector are without AutoEOI.
     */
    void *hyperv_message_page; /* SIMP */
    void *hyperv_event_page;   /* SIEFP */
    unsigned hyperv_timer_sint;
    /*
     * Xen: the shared_info page, mapped. HVM: where it was mapped by you, and
     * not to be left out if xen_upcall is yours.
     */
    void *xen_shared_info;
    /* Xen: this CPU's vcpu_info, if it is not the one in shared_info. */
    void *xen_vcpu_info;
    /*
     * Xen: the event-channel upcall is yours, or the library's. If yours, take
     * the pending bits, and call pvops_time_arrived() when the timer's port
     * was among them; the library sets no callback, nor EOI. Xen PV: leave the
     * bits of ports that are not yours, and call it for them, too: IPIs.
     */
    bool xen_upcall;
    /* VIRQ_TIMER's: bound by you; else 0, and the library binds one. */
    uint32_t xen_timer_port;
};

/* What pvops_setup() is given. */
struct pvops_setup_options {
    /* The same that pvops_probe() was given. */
    const struct pvops_probe_options *probe;
    /*
     * Your GDT's; used where the hypervisor has no say. Needed only if
     * pvops_cpu_load_gdt() is called, which loads them.
     */
    struct pvops_selectors selectors;
    /* NULL: all zero. Copied. */
    const struct pvops_resources *yours;
    /*
     * Page-aligned pages, kept for good: the clock's, Hyper-V's hypercall page,
     * Hyper-V's messages, Xen's shared_info, under Xen PV what a further CPU
     * begins with. NULL: no clock page; hypercalls by none, no further CPU.
     */
    void *pages; /* PVOPS_SETUP_PAGES of 4096 bytes */
    /* Name of a backend to take instead of the best; NULL for the best. */
    const char *backend;
    /*
     * x86-64: let programs have WRFSBASE and WRGSBASE (CR4.FSGSBASE), if there
     * is such a thing: PVOPS_CAP_USER_BASES. The kernel must then keep both
     * bases for each program; pvops_cpu_set_fs_base() is WRFSBASE.
     */
    bool user_bases;
    /* NULL: no ROM is looked for. Not kept, but rom->area is. */
    const struct pvops_rom_options *rom;
};
#define PVOPS_SETUP_PAGES 4

/* pvops_caps() */
#define PVOPS_CAP_CLOCK_GLOBAL    1u  /* one clock, the same on every CPU */
#define PVOPS_CAP_LARGE_PAGES     2u  /* large and global pages may be used */
#define PVOPS_CAP_RING0           4u  /* privileged instructions work */
#define PVOPS_CAP_USER_BASES      8u  /* user mode has WRFSBASE and WRGSBASE */
#define PVOPS_CAP_WRITABLE_TABLES 16u /* page tables are mapped writable */

/*
 * This CPU, as the library sees it. A member of your per-CPU area, at
 * PVOPS_CPU_OFFSET from the base of PVOPS_CPU_SEGMENT, zeroed. Opaque but for
 * its size.
 */
struct pvops_cpu {
    struct pvops_cpu *self;
    unsigned index; /* 0: the boot CPU */
    uint8_t deadline_vector;
    uint8_t event_vector;
    bool own_timer;
#if PVOPS_ROM_CPU_BYTES
    uint8_t rom_[PVOPS_ROM_CPU_BYTES] __attribute__((aligned(64)));
#endif
    /* struct vcpu_info, or unused. */
    uint8_t xen_vcpu_info[64] __attribute__((aligned(64)));
    uint8_t private_[256] __attribute__((aligned(64))); /* the backend's */
    uint8_t common_[192] __attribute__((aligned(64)));  /* every backend's */
    /* smp.h's and lock.h's: what other CPUs look at. */
    uint8_t smp_[256 + PVOPS_MAX_CPUS / 8] __attribute__((aligned(64)));
#if PVOPS_FULL && (defined(__x86_64__) || PVOPS_DEBUG_MMU)
    uint8_t batch_[2304] __attribute__((aligned(64))); /* Xen PV's (mmu.h) */
#endif
} __attribute__((aligned(64)));

/* What one CPU brings to its set-up. */
struct pvops_cpu_options {
    /* 0: the boot CPU; below PVOPS_MAX_CPUS; Xen's VCPU number */
    unsigned index;
    uint8_t deadline_vector;
    uint8_t event_vector; /* may be the same as deadline_vector */
    /*
     * The library sets no timer of its own on this CPU: yours stays,
     * 'deadline_vector' is not used, and pvops_time_set_deadline() panics.
     */
    bool own_timer;
    /* smp.h: of each interprocessor interrupt; 0: it is never sent here. */
    uint8_t ipi_vectors[PVOPS_IPIS];
    /*
     * smp.h: of the library's interrupt for flushes, which comes in like the
     * others, through pvops_time_arrived(); 0: this CPU is named in none.
     */
    uint8_t flush_vector;
    /*
     * PVOPS_CPU_PAGES pages of 4096 bytes, kept until pvops_cpu_teardown():
     * operands of Hyper-V's hypercalls, this CPU's messages of its SynIC, its
     * VP assist page. NULL: what needs them is left out.
     */
    void *pages;
};
#define PVOPS_CPU_PAGES 3

/*
 * Choose a backend and fill the tables.
 *
 * 'info' is what pvops_probe() filled; kept as a copy.
 *
 * Errors:  PVOPS_E_ORDER: called before. PVOPS_E_INVALID: options->backend is
 *          no backend, or does not fit here; pages is not aligned; Xen HVM:
 *          xen_upcall without xen_shared_info.
 *          PVOPS_E_UNSUPPORTED: entered as Xen PV, and there is neither
 *          xen_pv in this build nor a ROM for it. PVOPS_E_REFUSED: Xen PV only;
 *          elsewhere a feature that was refused is left out, with a log line.
 * Context: boot CPU, interrupts off, once.
 */
PVOPS_MUST_CHECK enum pvops_status
pvops_setup(const struct pvops_info *info,
            const struct pvops_setup_options *options);

/* "native", "xen_pv", ...; "none" before pvops_setup(). */
const char *pvops_backend_name(void);

/* PVOPS_CAP_*; 0 before pvops_setup(). */
uint32_t pvops_caps(void);

/* What the library owns or was told; complete after pvops_cpu_setup(). */
const struct pvops_resources *pvops_get_resources(void);

/*
 * Prepare this CPU: its clock, its timer, its events. The segment base must
 * point to the per-CPU area already (pvops_cpu_set_percpu_base()).
 *
 * Before it a further CPU whose segment points there reads the boot CPU's time;
 * deadlines panic. Under Xen PV its interrupts are off, whatever the irq ops
 * say, safe_halt panics, and pvops_mmu_read_cr3() is 0.
 *
 * Errors:  PVOPS_E_ORDER: before pvops_setup(), or the boot CPU twice, or
 *          another before pvops_seal(), or while it is set up.
 *          PVOPS_E_INVALID: 'cpu' is not where the segment points, the vectors
 *          are below 32 or, of the IPIs and the flush, one is another's, the
 *          index is too high, the pages are not aligned, or the hypercall page
 *          that you gave is not the enabled one.
 *          PVOPS_E_UNSUPPORTED: no timer that the library could use; call
 *          again with 'own_timer'. Nothing was changed then.
 *          PVOPS_E_REFUSED: by Xen; or what a ROM answers makes no sense.
 * Owns:    'cpu' is the library's and the hypervisor's until
 *          pvops_cpu_teardown().
 * Context: that CPU, interrupts off, its IDT loaded; one CPU at a time.
 */
PVOPS_MUST_CHECK enum pvops_status
pvops_cpu_setup(struct pvops_cpu *cpu, const struct pvops_cpu_options *options);

/*
 * Undo pvops_cpu_setup(): the hypervisor no longer writes to 'cpu', nor, if it
 * is the boot CPU's, to the clock's page; the clock goes on by the TSC. It may
 * be set up again. Xen PV never gives back the vcpu_info in 'cpu', and the irq
 * ops go on using it: there 'cpu' stays where it is, for good. Nor does Xen HVM
 * take back the event vector: events that drivers bound come there until
 * somebody names another, and the EOI is the embedder's then.
 *
 * Nothing is done for a CPU that is not set up: set-up failed or was never
 * called, or its teardown was.
 *
 * Context: that CPU, interrupts off, its timer not used any more.
 */
void pvops_cpu_teardown(struct pvops_cpu *cpu);

/*
 * The records of one piece of program text: the kernel's, or a module's. Yours
 * to keep if you want to verify later.
 */
struct pvops_sites {
    /*
     * Section pvops_sites of that piece. A symbol that the linker script sets
     * before the output section, not in it, may lie before padding, which is
     * no record.
     */
    const int32_t *start;
    const int32_t *stop;
    /*
     * Text that stays; sites outside (init code) are not verified later. Both
     * NULL: all of it stays.
     */
    const void *keep_start;
    const void *keep_stop;
    /* Filled by pvops_seal(). */
    unsigned sealed; /* sites that are direct now */
    unsigned left;   /* sites that still go through the table, working */
    uint32_t sum;    /* of the bytes of the sites that stay */
};

/*
 * Make every site of 'sites' what is best here: inline native bytes, nothing,
 * or a direct call. Each is read again after it was written. May be called
 * again for other records, for a module loaded later; for the same records it
 * seals what was left.
 *
 * Errors:  PVOPS_E_ORDER: before the boot CPU's pvops_cpu_setup().
 *          PVOPS_E_INVALID: 'stop' is before 'start', or there are records and
 *          one of the two is not a multiple of 4.
 *          PVOPS_E_CORRUPT: a record does not lead to a site, and nothing was
 *          written; or a site is not what was written to it.
 *          PVOPS_E_REFUSED: some text cannot be written; ops there go on
 *          through the table, and sealing is done otherwise.
 * Host:    pvops_host_text().
 * Context: boot CPU, interrupts and NMI sources off, no other CPU runs this
 *          text. Supervisor shadow stacks may be on.
 */
PVOPS_MUST_CHECK enum pvops_status pvops_seal(struct pvops_sites *sites);

/*
 * Read every site that stays and compare. 'out_bad' (may be NULL) is the first
 * that cannot be what sealing wrote, or NULL if only the sum is wrong.
 *
 * Errors:  PVOPS_E_CORRUPT: a byte has changed. PVOPS_E_ORDER: not sealed.
 * Context: any but NMI, after pvops_seal() of these sites.
 */
PVOPS_MUST_CHECK enum pvops_status pvops_verify(const struct pvops_sites *sites,
                                                const void **out_bad);

PVOPS_END_DECLS

#endif /* PVOPS_PVOPS_H */
