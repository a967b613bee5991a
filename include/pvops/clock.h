/* SPDX-License-Identifier: MIT */
/*
 * The clock tier: how fast the TSC and the APIC timer count, which hypervisor
 * this is, and a clock.
 *
 * It needs nothing of a kernel: no host function, no allocation, no per-CPU
 * data, no interrupts, no paging of its own. pvops_probe() may be the first C
 * function that a kernel calls. Nothing here executes an instruction that can
 * fault: an MSR is read only if a CPUID bit, in a leaf below the maximum, says
 * that it is there. Every loop is bounded. Nothing here fails in a way that
 * stops a kernel: what could not be had is 0, and pvops_describe() says why.
 *
 * Compile src/clock.c alone for this tier; the other tiers use it as well.
 */
#ifndef PVOPS_CLOCK_H
#define PVOPS_CLOCK_H

#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/*
 * How the kernel was entered. Its entry stub knows; CPUID cannot tell a Xen PV
 * domain, and in one almost every native instruction is fatal.
 */
enum pvops_entry {
    PVOPS_ENTRY_OTHER = 0, /* by a loader that needs no special care */
    PVOPS_ENTRY_PVH = 1,
    PVOPS_ENTRY_MULTIBOOT = 2, /* Multiboot1 or Multiboot2 */
    PVOPS_ENTRY_XEN_PV = 3,
};

/* A set of these is a set of bits: 1u << PVOPS_HYPERVISOR_KVM. */
enum pvops_hypervisor {
    PVOPS_HYPERVISOR_NONE = 0,
    PVOPS_HYPERVISOR_XEN = 1,
    PVOPS_HYPERVISOR_KVM = 2,
    PVOPS_HYPERVISOR_VMWARE = 3,
    PVOPS_HYPERVISOR_HYPERV = 4,
    /* CPUID has the hypervisor bit, the signature is none of the above. */
    PVOPS_HYPERVISOR_OTHER = 5,
};
#define PVOPS_HYPERVISORS 6

/*
 * Where a frequency comes from, best first: the first that has a value is
 * chosen. PVOPS_HZ_NONE is an unknown frequency, which is then 0.
 */
enum pvops_hz_source {
    PVOPS_HZ_NONE = 0,
    PVOPS_HZ_OVERRIDE = 1,       /* pvops_probe_options */
    PVOPS_HZ_HYPERV_MSR = 2,     /* HV_X64_MSR_TSC_FREQUENCY, _APIC_ */
    PVOPS_HZ_VMWARE_CALL = 3,    /* GETHZ by VMCALL, VMMCALL, port 0x5658 */
    PVOPS_HZ_LEAF_40000010 = 4,  /* the timing leaf: KVM, VMware, others */
    PVOPS_HZ_XEN_LEAF = 5,       /* Xen's time leaf, base + 3 */
    PVOPS_HZ_PVCLOCK = 6,        /* KVM's or Xen's time page */
    PVOPS_HZ_CPUID_15 = 7,       /* only without a hypervisor */
    PVOPS_HZ_HYPERV_COUNTER = 8, /* measured: HV_X64_MSR_TIME_REF_COUNT */
    PVOPS_HZ_HPET = 9,           /* measured */
    PVOPS_HZ_PM_TIMER = 10,      /* measured */
    PVOPS_HZ_PIT = 11,           /* measured */
    PVOPS_HZ_TSC = 12,           /* APIC timer: measured by the TSC */
    PVOPS_HZ_CPUID_16 = 13,      /* in MHz; only without a hypervisor */
    /*
     * What this hypervisor's APIC timer has unless it was built or told
     * otherwise. Chosen before PVOPS_HZ_TSC if the two agree within 1 %.
     */
    PVOPS_HZ_FIXED = 14,
};
#define PVOPS_HZ_SOURCES 15

/* Why a source has no value. */
enum pvops_hz_why {
    PVOPS_HZ_ABSENT = 0,       /* this machine does not offer it */
    PVOPS_HZ_NONSENSE = 1,     /* zero, all ones, or out of any range */
    PVOPS_HZ_HYPERVISOR = 2,   /* not believed under a hypervisor */
    PVOPS_HZ_NOT_GIVEN = 3,    /* pvops_probe_options lacks what it needs */
    PVOPS_HZ_FORBIDDEN = 4,    /* pvops_probe_options or Xen PV forbid it */
    PVOPS_HZ_NOT_NEEDED = 5,   /* not measured: a better one is there */
    PVOPS_HZ_NOT_COUNTING = 6, /* there, or not; it stands still */
    PVOPS_HZ_UNSTEADY = 7,     /* measured twice, and too far apart */
    PVOPS_HZ_IN_USE = 8,       /* the APIC timer waits for a deadline */
};

/* What pvops_probe() is given; zero is "not known" throughout. */
struct pvops_probe_options {
    enum pvops_entry entry;
    /*
     * Xen PV only, else NULL: the start_info page and the shared_info page,
     * mapped. The clock tier reads the latter, here and as long as a clock
     * runs by it; without it, Xen's leaf gives the frequency.
     */
    const void *xen_start_info;
    const void *xen_shared_info;
    /*
     * 4096 bytes, aligned so, that the hypervisor may write to, and their
     * physical address; NULL for none. Only with it KVM tells its frequency
     * where it has no timing leaf. After the probe the page is yours again.
     * Leave it out if your kernel has registered a page with KVM or Xen
     * already: there is one a CPU, and the probe's would take its place.
     */
    void *page;
    pvops_paddr page_paddr;
    /* Believed instead of everything that is found; 0 for none. */
    uint64_t tsc_hz;
    uint64_t apic_hz;
    /* Mapped, uncached registers; NULL if there are none or not mapped yet. */
    volatile void *hpet;
    volatile void *lapic; /* not for x2APIC, which needs no mapping */
    /* X_PM_TMR_BLK of the FADT; 0 for none. Bit TMR_VAL_EXT is not needed. */
    uint16_t pm_timer_port;
    /*
     * Do not touch the PIT (ports 0x40 to 0x43 and 0x61). It is touched only
     * as the last resort; channel 0 is then left as firmware leaves it.
     */
    bool no_pit;
};

/* One source of a frequency, and what it said. */
struct pvops_hz {
    uint64_t hz; /* 0: it was not there, or not to be believed */
    /* Deviation from the chosen source, in parts per million. */
    int32_t ppm;
    enum pvops_hz_why why; /* if 'hz' is 0 */
};

/* What pvops_probe() found out. */
struct pvops_info {
    enum pvops_entry entry;
    /* The one that pvops_setup() would choose; 'signature' is its. */
    enum pvops_hypervisor hypervisor;
    char signature[13];
    /*
     * CPUID's first leaf of each that shows itself (0: it does not) and its
     * last; of PVOPS_HYPERVISOR_NONE, 0 and the processor's own last.
     */
    uint32_t base[PVOPS_HYPERVISORS];
    uint32_t max_leaf[PVOPS_HYPERVISORS];
    uint32_t features[4]; /* private: the library's own use of CPUID */
    /*
     * The TSC keeps its rate and is the same on every CPU: CPUID 0x80000007
     * says so, or the hypervisor.
     */
    bool tsc_invariant;

    uint64_t tsc_hz;
    enum pvops_hz_source tsc_source;
    uint64_t apic_hz; /* APIC timer, divide by 1 */
    enum pvops_hz_source apic_source;
    struct pvops_hz tsc[PVOPS_HZ_SOURCES];
    struct pvops_hz apic[PVOPS_HZ_SOURCES];

    const void *xen_shared_info; /* of the options */
};

/*
 * Find out where this is and how fast it counts.
 *
 * 'options' may be NULL: the same as all zero. Fills 'out_info' whole, always.
 *
 * Context: boot CPU, interrupts off, ring 0 (Xen PV: ring 3); any mode with
 *          flat segments, paging on or off. Timers are measured only if no
 *          better source is there: the TSC in about 40 ms, the APIC timer in
 *          10 ms, each a second time if this CPU was stopped meanwhile.
 * Owns:    nothing of the caller's is kept but 'xen_shared_info'.
 */
void pvops_probe(const struct pvops_probe_options *options,
                 struct pvops_info *out_info);

/*
 * Print what was found, one line a call: the hypervisor, what was chosen, then
 * every source with its value and deviation, or why it has none. Sources that
 * are absent, or were not needed, are left out.
 *
 * 'line' is NUL-terminated ASCII of at most 100 bytes without a newline, valid
 * during the call. 'context' is passed through.
 */
void pvops_describe(const struct pvops_info *info,
                    void (*print)(void *context, const char *line),
                    void *context);

/* What a clock reads. */
enum pvops_clock_kind {
    PVOPS_CLOCK_NONE = 0, /* no frequency is known: the clock stands at 0 */
    PVOPS_CLOCK_TSC = 1,
    PVOPS_CLOCK_PVCLOCK = 2,        /* KVM's or Xen's time page */
    PVOPS_CLOCK_HYPERV_PAGE = 3,    /* Hyper-V's reference TSC page */
    PVOPS_CLOCK_HYPERV_COUNTER = 4, /* HV_X64_MSR_TIME_REF_COUNT */
};

/*
 * A clock; yours to place, the library's to fill and to change. One serves
 * every CPU if 'global', else each CPU needs its own (with its own page).
 */
struct pvops_clock {
    enum pvops_clock_kind kind;
    bool global;
    /* The rest is private. */
    bool tsc_global;
    bool ordered;  /* RDTSC behind LFENCE */
    bool counter;  /* HV_X64_MSR_TIME_REF_COUNT can be asked */
    uint8_t flags; /* of the pvclock's that mean something */
    int8_t shift;
    uint32_t mul; /* by the TSC: ns = base_ns + scaled(tsc - base_tsc) */
    uint64_t base_tsc;
    uint64_t base_ns;
    const volatile void *page;
    pvops_paddr page_paddr;
    uint64_t page_ns; /* what the page or the counter said at 0 ns */
    uint64_t last_ns; /* nobody is shown less, where that needs a guard */
    uint32_t release; /* what makes the hypervisor let go of the page */
};

/*
 * Start the best clock that 'info' allows, at about 0 ns: KVM's or Xen's time
 * page, Hyper-V's reference TSC page, an invariant TSC, Hyper-V's counter, any
 * TSC. docs/clock.md says why in this order.
 *
 * 'page' and 'page_paddr' as in pvops_probe_options; NULL leaves the TSC and
 * Hyper-V's counter. Xen before 4.18 writes by the page's linear address: there
 * 'page' must be mapped wherever this CPU may be in. A PV domain of Xen's gives
 * the vcpu_time_info that Xen keeps for this CPU, or NULL for CPU 0's in
 * 'xen_shared_info'.
 *
 * Context: the CPU that will read it, interrupts off.
 * Owns:    'page' is the hypervisor's until pvops_clock_stop().
 */
void pvops_clock_start(struct pvops_clock *clock, const struct pvops_info *info,
                       void *page, pvops_paddr page_paddr);

/*
 * The hypervisor lets go of the page; the clock goes on by the TSC, and stands
 * still if there is none. Needed before the page is used for anything else,
 * kexec included.
 *
 * Context: the CPU that started it, interrupts off, nobody reads it meanwhile.
 */
void pvops_clock_stop(struct pvops_clock *clock, const struct pvops_info *info);

/*
 * Nanoseconds since pvops_clock_start(). Never less than an earlier call said
 * on the same CPU, and on any CPU if 'global'; a hypervisor that takes back its
 * promise of a stable TSC is guarded from the first call on that sees it.
 *
 * Context: any, NMI included; no lock. PVOPS_CLOCK_HYPERV_COUNTER costs an
 *          exit to the hypervisor, the others none.
 */
uint64_t pvops_clock_now_ns(struct pvops_clock *clock);

/*
 * What a user program needs to read the clock by itself, without a system call
 * (a vDSO). 'tsc' below is read behind LFENCE; "scaled(t)" is
 *
 *     ((t << shift) * mul) >> 32, with a negative shift t >> -shift,
 *
 * in 96 bits.
 */
struct pvops_clock_view {
    /*
     * TSC:         ns = base_ns + scaled(tsc - base_tsc).
     * PVCLOCK:     by the page, as Xen's and KVM's documents say, while bit 0
     *              (stable) of its flags is set, minus page_ns; else ask the
     *              kernel.
     * HYPERV_PAGE: by the page, as the TLFS says, in 100 ns, times 100, minus
     *              page_ns; its sequence 0: ask the kernel.
     * NONE:        ask the kernel.
     */
    enum pvops_clock_kind kind;
    /* To be mapped read-only for user programs; NULL, 0: none. */
    const volatile void *page;
    pvops_paddr page_paddr;
    uint64_t page_ns;
    uint64_t base_tsc;
    uint64_t base_ns;
    uint32_t mul;
    int8_t shift;
};

/*
 * Fills 'out_export' for a clock that is running; stays true until the clock is
 * stopped. A clock that is not global is not exported (kind NONE).
 *
 * Context: any.
 */
void pvops_clock_export(const struct pvops_clock *clock,
                        struct pvops_clock_view *out_export);

PVOPS_END_DECLS

#endif /* PVOPS_CLOCK_H */
