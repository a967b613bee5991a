/* SPDX-License-Identifier: MIT */
/*
 * <x86/xen_down.h> of unit tests: fake.at_hlt() does not return, and the test
 * brings the VCPU up again by 'begin'.
 */
#ifndef FAKE_X86_XEN_DOWN_H
#define FAKE_X86_XEN_DOWN_H

#include <pvops/smp.h>

#ifdef __x86_64__

struct fake_xen_down {
    const struct pvops_start *const volatile *starting;
    void (*begin)(const struct pvops_start *start);
};

extern struct fake_xen_down fake_xen_down;

PVOPS_NORETURN void
x86_xen_down(unsigned vcpu, uintptr_t *word, uintptr_t bit,
             const struct pvops_start *const volatile *starting,
             void (*begin)(const struct pvops_start *start));

#endif

#endif /* FAKE_X86_XEN_DOWN_H */
