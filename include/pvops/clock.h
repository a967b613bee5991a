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
 * Link src/clock.c alone for this tier; the other tiers use it as well.
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
    PVOPS_HZ_IN_USE = 8,       /* the APIC timer is running */
};

/* What pvops_probe() is given; zero is "not known" throughout. */
struct pvops_probe_options {
    enum pvops_entry entry;
    /*
     * Xen PV only: the start_info page, mapped; NULL otherwise. The probe
     * reads shared_info through 'xen_shared_info' if that is not NULL.
     */
    const void *xen_start_info;
    const void *xen_shared_info;
    /*
     * 4096 bytes, aligned so, that the hypervisor may write to, and their
     * physical address; NULL for none. KVM's frequency is known exactly only
     * with it. After the probe the page is the caller's again.
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
    /* Do not touch the PIT (ports 0x40 to 0x43 and 0x61). */
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
    /* CPUID's first leaf of each that shows itself; 0: it does not. */
    uint32_t base[PVOPS_HYPERVISORS];
    uint32_t max_leaf[PVOPS_HYPERVISORS];
    bool tsc_invariant; /* CPUID 0x80000007 EDX bit 8, or the hypervisor */

    uint64_t tsc_hz;
    enum pvops_hz_source tsc_source;
    uint64_t apic_hz; /* APIC timer, divide by 1 */
    enum pvops_hz_source apic_source;
    struct pvops_hz tsc[PVOPS_HZ_SOURCES];
    struct pvops_hz apic[PVOPS_HZ_SOURCES];
};

/*
 * Find out where this is and how fast it counts.
 *
 * 'options' may be NULL: the same as all zero. Fills 'out_info' whole, always.
 *
 * Context: boot CPU, interrupts off; any mode with flat segments, paging on or
 *          off. Takes at most 50 ms, and that only if no source but a
 *          measured one is there.
 * Owns:    nothing of the caller's is kept.
 */
void pvops_probe(const struct pvops_probe_options *options,
                 struct pvops_info *out_info);

/*
 * Print what was found, one line a call: the hypervisor, what was chosen, then
 * every source with its value and deviation, or why it was not taken.
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
 * A clock; yours to place, the library's to fill. One serves every CPU if
 * 'global', else each CPU needs its own (with its own page).
 */
struct pvops_clock {
    enum pvops_clock_kind kind;
    bool global;
    /* ns = base_ns + (((tsc - base_tsc) << or >> shift) * mul >> 32) */
    uint64_t base_tsc;
    uint64_t base_ns;
    uint32_t mul;
    int8_t shift;
    const volatile void *page; /* pvclock or reference TSC page, or NULL */
    pvops_paddr page_paddr;
    uint64_t last_ns; /* global clocks: nobody is shown less than this */
};

/*
 * Start the best clock that 'info' allows, at about 0 ns.
 *
 * 'page' and 'page_paddr' as in pvops_probe_options; NULL leaves the TSC and
 * Hyper-V's counter. For Xen PV 'page' is NULL and the vcpu_time_info in the
 * shared_info given to the probe is used.
 *
 * Context: the CPU that will read it, interrupts off.
 * Owns:    'page' is the hypervisor's until pvops_clock_stop().
 */
void pvops_clock_start(struct pvops_clock *clock, const struct pvops_info *info,
                       void *page, pvops_paddr page_paddr);

/* The hypervisor lets go of the page; the clock goes on by the TSC. */
void pvops_clock_stop(struct pvops_clock *clock);

/*
 * Nanoseconds since pvops_clock_start(). Never less than an earlier call said
 * on the same CPU, and on any CPU if 'global'.
 *
 * Context: any, NMI included; no lock. PVOPS_CLOCK_HYPERV_COUNTER costs an
 *          exit to the hypervisor, the others none.
 */
uint64_t pvops_clock_now_ns(struct pvops_clock *clock);

PVOPS_END_DECLS

#endif /* PVOPS_CLOCK_H */
