/* SPDX-License-Identifier: MIT */
/*
 * Machines for tests of the clock tier: CPUID as the lab's hypervisors showed
 * it, with the MSRs, pages and ports that belong to it.
 *
 * Source: CPUID dumped by a guest on Debian's Xen 4.17.7, Linux 6.1's KVM with
 *         QEMU 7.2 (EPYC model), QEMU's software CPU (Haswell-noTSX).
 */
#ifndef CLOCK_MACHINES_H
#define CLOCK_MACHINES_H

#include <pvops/clock.h>

#include "cpu.h"

#define MACHINE_HZ    UINT64_C(2596104000)
#define MACHINE_PADDR UINT64_C(0x123456000)

/* 'machine_options' is what a kernel gives there; a page is among it. */
extern struct pvops_probe_options machine_options;
extern uint8_t machine_page[4096];
extern struct pvops_info info;

void machine_native(void); /* with all old timers, none of them given */
void machine_kvm(void);
void machine_kvm_with_hyperv(void); /* QEMU's hv-* flags without kvm=off */
void machine_hyperv(void);
void machine_vmware(void);
void machine_xen_hvm(void);     /* PVH domU of the lab */
void machine_xen_pv(void);      /* domU; shared_info given */
void machine_xen_pv_dom0(void); /* its time leaf is 0 */

/* Probe with machine_options into 'info'. */
void probe(void);

/* EXPECT_EQ for what the probe chose. */
#define EXPECT_TSC(source, hz_)                                                \
    do {                                                                       \
        EXPECT_EQ(source, info.tsc_source);                                    \
        EXPECT_EQ(hz_, info.tsc_hz);                                           \
    } while (0)
#define EXPECT_APIC(source, hz_)                                               \
    do {                                                                       \
        EXPECT_EQ(source, info.apic_source);                                   \
        EXPECT_EQ(hz_, info.apic_hz);                                          \
    } while (0)
/* The same for what was measured: to 'ppm'. */
#define EXPECT_NEAR(want, got, ppm)                                            \
    do {                                                                       \
        double want__ = (double)(want), got__ = (double)(got);                 \
                                                                               \
        if (got__ < want__ * (1 - (ppm)*1e-6) ||                               \
            got__ > want__ * (1 + (ppm)*1e-6))                                 \
            FAIL("%s: want %.0f, got %.0f", #got, want__, got__);              \
    } while (0)

#endif /* CLOCK_MACHINES_H */
