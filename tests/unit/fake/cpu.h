/* SPDX-License-Identifier: MIT */
/*
 * A model CPU with the timers of a PC and the interfaces of hypervisors.
 *
 * fake_reset() gives a machine of 1995 without a hypervisor: CPUID with TSC,
 * MSR, APIC and SSE2, no MSR, no timer. Everything else is switched on by name.
 * What a real CPU would answer with an exception fails the test at once: an
 * MSR that is not there, the other vendor's hypercall instruction, an I/O port
 * or an MSR in a Xen PV domain.
 *
 * Time goes on with each instruction by what it costs, 'stall' adds to it.
 */
#ifndef FAKE_CPU_H
#define FAKE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/hyperv.h"
#include "abi/pvclock.h"
#include "abi/vmware.h"

#include <x86/insn.h>

enum {
    FAKE_LEAVES = 64,
    FAKE_MSRS = 96,
    FAKE_PAGES = 32,
};

struct fake_leaf {
    uint32_t leaf, subleaf;
    struct x86_cpuid r;
};

struct fake_msr {
    uint32_t msr;
    uint64_t value;
    uint64_t (*read)(void);        /* NULL: 'value' */
    void (*write)(uint64_t value); /* after 'value' was written; or NULL */
    /* The same, where one function serves several; 'value' may be changed. */
    void (*write_one_of)(struct fake_msr *msr);
};

struct fake_pit {
    bool present, port_61;
    uint8_t latched;  /* bit for each channel */
    uint8_t bytes[3]; /* already read of the latch */
    uint16_t latch[3];
    bool running[3];
    uint64_t start_ps[3];
    uint8_t control[3]; /* the last control word */
    uint8_t gate;       /* port 0x61 */
};

struct fake_cpu {
    bool no_cpuid;
    bool xen_pv; /* ring 3: only forced CPUID is Xen's, no port, no MSR */
    struct fake_leaf leaves[FAKE_LEAVES];
    unsigned leaf_count;
    /* What is answered beyond a maximum, as Intel's CPUs and TCG do. */
    struct x86_cpuid beyond;
    struct fake_msr msrs[FAKE_MSRS];
    unsigned msr_count;

    uint64_t now_ps; /* since fake_reset() */
    double tsc_hz;   /* what it really counts */
    uint64_t tsc_at_0;
    uint64_t cheap_ps;   /* RDTSC, CPUID */
    uint64_t exit_ps;    /* port, MSR, device register */
    uint64_t operations; /* instructions seen, to show that loops end */
    /* Called at each RDTSC, before the TSC is read. */
    void (*at_rdtsc)(void);
    /* The CPU does not run: once, when 'now_ps' reaches it. */
    uint64_t stall_at_ps, stall_ps;

    /* A device of the test's own: true if the port is its. */
    bool (*port_in)(uint16_t port, unsigned bytes, uint32_t *out_value);
    bool (*port_out)(uint16_t port, unsigned bytes, uint32_t value);
    bool ports_allowed; /* to a Xen PV domain */
    uint16_t cs;
    /* HLT and UD2: where they do not return, the test's longjmp(). */
    void (*at_hlt)(void);
    void (*at_ud2)(void);

    struct fake_pit pit;
    bool hpet_dead, hpet_enabled;
    uint32_t hpet_period_fs;        /* 0: not there; 'hpet' reads as ones */
    char hpet[0x400], lapic[0x400]; /* addresses only */
    uint16_t pm_timer_port;         /* 0: not there */
    uint64_t apic_hz;               /* 0: stands still */
    uint32_t apic_lvt, apic_divide, apic_initial;
    uint64_t apic_start_ps;
    uint32_t apic_spurious, apic_in_service[8];
    bool apic_x2apic;
    uint32_t apic_icr_high; /* of an xAPIC: fake_cpus.h */
    unsigned apic_eois;

    struct {
        uint64_t paddr;
        void *page;
    } pages[FAKE_PAGES];

    /* KVM's and Xen's time page: what the host believes and writes. */
    uint64_t pvclock_hz;
    uint8_t pvclock_flags;
    volatile struct pvclock_vcpu_time_info *pvclock; /* NULL: not registered */
    unsigned xen_vcpu_id;
    long xen_phys_area, xen_memory_area; /* what the two VCPUOPs answer */
    unsigned xen_calls;

    uint64_t vmware_tsc_hz, vmware_apic_hz;
    uint64_t vmware_wall_us;   /* 0: GETTIME is not answered */
    uint32_t vmware_vcpu_info; /* 0: GETVCPU_INFO is not answered */
    bool vmware_mute;          /* GETVERSION is not */
    bool vmware_steals;        /* STEALCLOCK is there */
    /* Of each CPU, by its place in the TLB (tlb.h). */
    volatile struct vmware_steal_time *vmware_steal[4];
    uint32_t vmware_steal_was; /* what it shows from the start */
    unsigned vmware_calls;
    enum { VMWARE_NOT, VMWARE_PORT, VMWARE_VMCALL, VMWARE_VMMCALL } vmware;

    struct hv_reference_tsc_page *hv_page; /* NULL: not enabled */
    uint32_t hv_sequence;                  /* written into it; 0: no use */
};

extern struct fake_cpu fake;

void fake_reset(void);

/* Adds a leaf, or changes it. */
void fake_leaf(uint32_t leaf, uint32_t eax, uint32_t ebx, uint32_t ecx,
               uint32_t edx);
void fake_subleaf(uint32_t leaf, uint32_t subleaf, uint32_t eax, uint32_t ebx,
                  uint32_t ecx, uint32_t edx);
/* What CPUID answers, without the checks. */
struct x86_cpuid *fake_leaf_at(uint32_t leaf);
void fake_remove_leaf(uint32_t leaf);

/* "AuthenticAMD" or "GenuineIntel". */
void fake_vendor(const char *vendor);
/* The hypervisor bit, and a signature of 12 characters at 'base'. */
void fake_hypervisor(uint32_t base, uint32_t max_leaf, const char *signature);

void fake_msr(uint32_t msr, uint64_t value);
void fake_remove_msr(uint32_t msr);
uint64_t fake_msr_value(uint32_t msr);

/* What a hypervisor finds at 'paddr'. */
void fake_page(uint64_t paddr, void *page);
void *fake_page_at(uint64_t paddr);

/* MSRs that come with features; leaves are the test's. */
void fake_kvm_clock(uint32_t msr);
/* The host writes the registered page again, with the time of now. */
void fake_pvclock_update(void);
void fake_hyperv_counter(void);
void fake_hyperv_page(void);
/* The APIC at its base; in x2APIC mode by MSRs. Enabled, as firmware does. */
void fake_apic(uint64_t hz, bool x2apic);
/* An interrupt begins: lost, and false, if the APIC is switched off. */
bool fake_apic_interrupt(uint8_t vector);
/* What the highest interrupt in service waits for. */
void fake_apic_eoi(void);

uint64_t fake_ns(void);
uint64_t fake_tsc(void);

#endif /* FAKE_CPU_H */
