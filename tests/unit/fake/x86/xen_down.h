/* SPDX-License-Identifier: MIT */
/*
 * <x86/xen_down.h> of unit tests: fake.at_hlt() does not return, and the test
 * brings the VCPU up again by fake_xen_come_back().
 */
#ifndef FAKE_X86_XEN_DOWN_H
#define FAKE_X86_XEN_DOWN_H

#include <pvops/smp.h>

#ifdef __x86_64__

/* What it does once the hypercall is over; it went down, if 'begin'. */
struct fake_xen_down {
    unsigned vcpu;
    unsigned *state;
    void (*begin)(void);
};

extern struct fake_xen_down fake_xen_down;

/* It comes back from here if it goes down again. */
void fake_xen_come_back(void);

PVOPS_NORETURN void x86_xen_down(unsigned vcpu, uintptr_t *word, uintptr_t bit,
                                 unsigned *state, const uintptr_t *stack,
                                 void (*begin)(void));

#endif

#endif /* FAKE_X86_XEN_DOWN_H */
