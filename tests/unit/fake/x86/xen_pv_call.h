/* SPDX-License-Identifier: MIT */
/*
 * <x86/xen_pv_call.h> of unit tests: as xen_call.h.
 */
#ifndef FAKE_X86_XEN_PV_CALL_H
#define FAKE_X86_XEN_PV_CALL_H

#include <x86/xen_call.h>

long x86_xen_syscall(unsigned long number, unsigned long a1, unsigned long a2,
                     unsigned long a3, unsigned long a4);

#endif /* FAKE_X86_XEN_PV_CALL_H */
