/* SPDX-License-Identifier: MIT */
/*
 * <x86/xen_m2p.h> of unit tests: machine frame N is the guest's frame N - 1000.
 */
#ifndef FAKE_X86_XEN_M2P_H
#define FAKE_X86_XEN_M2P_H

#include <stdint.h>

enum { FAKE_M2P_OFFSET = 1000 };

static inline uint64_t x86_xen_m2p(uint64_t mfn)
{
    return mfn - FAKE_M2P_OFFSET;
}

#endif /* FAKE_X86_XEN_M2P_H */
