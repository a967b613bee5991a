/* SPDX-License-Identifier: MIT */
/*
 * A model of Hyper-V: partition MSRs, SynIC, synthetic timers, crash registers.
 *
 * An MSR is there only if its feature bit is: another one is #GP, which fails
 * the test. So does what the specification leaves undefined. KVM's rules where
 * they are stricter: the timers' MSRs need the SynIC.
 */
#ifndef FAKE_HYPERV_MODEL_H
#define FAKE_HYPERV_MODEL_H

#include "cpu.h"

#include "abi/hyperv_synic.h"

struct fake_hyperv {
    struct {
        uint64_t config, count;
        bool queued; /* expired; its message waits for an empty slot */
    } stimer[HV_SYNIC_STIMER_COUNT];
    bool raised[256];       /* vectors that wait for the CPU */
    uint8_t *hypercall;     /* the page, once it is enabled */
    uint64_t crash[5];      /* what was told at the last crash */
    unsigned crashes, eoms; /* how often */
    unsigned msr_eois;
};

extern struct fake_hyperv fake_hyperv;

/*
 * Leaves 3 and 4 with these values, and the MSRs that they promise. All bits
 * that the library knows of: FAKE_HV_EAX, FAKE_HV_EDX.
 */
void fake_hyperv_setup(uint32_t eax, uint32_t edx, uint32_t hints);
#define FAKE_HV_EAX   0x2affu
#define FAKE_HV_EDX   0x80510u
#define FAKE_HV_HINTS 0x424u /* without EOI by MSR */

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
