/* SPDX-License-Identifier: MIT */
/*
 * <x86/xen_call.h> of unit tests: hypercalls end in a Xen of the test's own.
 */
#ifndef FAKE_X86_XEN_CALL_H
#define FAKE_X86_XEN_CALL_H

typedef long fake_xen_function(unsigned long number, unsigned long a1,
                               unsigned long a2, unsigned long a3,
                               unsigned long a4);

/* NULL: there is none. */
extern fake_xen_function *fake_xen;

long x86_xen_vmcall(unsigned long number, unsigned long a1, unsigned long a2,
                    unsigned long a3, unsigned long a4);
long x86_xen_vmmcall(unsigned long number, unsigned long a1, unsigned long a2,
                     unsigned long a3, unsigned long a4);

#endif /* FAKE_X86_XEN_CALL_H */
