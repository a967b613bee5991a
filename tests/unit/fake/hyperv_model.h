/* SPDX-License-Identifier: MIT */
/*
 * A model of Hyper-V: partition MSRs, SynIC, synthetic timers, crash registers.
 *
 * An MSR is there only if its feature bit is: another one is #GP, which fails
 * the test. So does what the specification leaves undefined. KVM's rules where
 * they are stricter: the timers' MSRs need the SynIC, a hypercall its bit.
 *
 * Of several virtual processors one runs; fake_hyperv_switch() says which, and
 * with it whose MSRs, local APIC and TLB (tlb.h) there are.
 */
#ifndef FAKE_HYPERV_MODEL_H
#define FAKE_HYPERV_MODEL_H

#include "cpu.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_synic.h"

enum { FAKE_VPS = 4, FAKE_VP_MSRS = 48 };

/* What a virtual processor has of its own, while another runs. */
struct fake_vp {
    struct {
        uint64_t config, count;
        bool queued; /* expired; its message waits for an empty slot */
    } stimer[HV_SYNIC_STIMER_COUNT];
    bool raised[256]; /* vectors that wait for the CPU */
    uint64_t msrs[FAKE_VP_MSRS];
    uint32_t apic_lvt, apic_initial, apic_spurious, apic_in_service[8];
    uint64_t apic_start_ps;
};

struct fake_hyperv {
    struct fake_vp vps[FAKE_VPS];
    uint32_t vp_index[FAKE_VPS]; /* what names each; the test may change it */
    struct fake_vp *vp;          /* that runs */
    struct hv_initial_vp_context started; /* by the last HVCALL_START_VP */
    uint32_t started_vp;
    unsigned calls[256];   /* of each hypercall */
    uint16_t refuse[256];  /* what each answers instead of 0 */
    unsigned reps_at_once; /* what a rep call does before it comes back */
    uint64_t flush_flags;  /* the last flush's */
    uint64_t long_spin;    /* the last HVCALL_NOTIFY_LONG_SPIN_WAIT's */
    unsigned idles;        /* HV_X64_MSR_GUEST_IDLE was read */
    void (*at_idle)(void);
    /* Instead of waiting there: whether the VP took it; or NULL. */
    bool (*at_raise)(unsigned number, unsigned vector);
    bool amd; /* the page has VMMCALL */
    bool odd_page;
    uint8_t *hypercall;     /* the page, once it is enabled */
    uint64_t crash[5];      /* what was told at the last crash */
    unsigned crashes, eoms; /* how often */
    unsigned msr_eois, msr_icrs;
};

extern struct fake_hyperv fake_hyperv;

/*
 * Leaves 3 and 4 with these values, and the MSRs that they promise. All bits
 * that the library knows of: FAKE_HV_EAX, FAKE_HV_EDX.
 */
void fake_hyperv_setup(uint32_t eax, uint32_t edx, uint32_t hints);
#define FAKE_HV_EAX   0x2effu
#define FAKE_HV_EBX   0x200000u
#define FAKE_HV_EDX   0x80510u
#define FAKE_HV_HINTS 0xc24u /* without EOI by MSR */

/* From now on VP 'number' runs: 0 to FAKE_VPS - 1, not its index. */
void fake_hyperv_switch(unsigned number);
/* An interrupt arrives there. */
void fake_hyperv_raise(unsigned number, unsigned vector);

/*
 * Let 'ns' pass, then let one interrupt begin, the highest: its vector, or 0 if
 * none waits. It is in service until its EOI.
 */
unsigned fake_hyperv_wait(uint64_t ns);

/* Every MSR of Hyper-V's, to compare: as many as there is room for. */
struct fake_hyperv_msrs {
    unsigned count;
    struct {
        uint32_t msr;
        uint64_t value;
    } list[FAKE_MSRS];
};
void fake_hyperv_save(struct fake_hyperv_msrs *out_msrs);

#endif /* FAKE_HYPERV_MODEL_H */
