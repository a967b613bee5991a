/* SPDX-License-Identifier: MIT */
/*
 * Telling Hyper-V that this guest has crashed. Needs no backend, no set-up and
 * no memory: pvops_power_crash() may call it at any time.
 */
#include "hyperv_crash.h"

#include "abi/hyperv_hypercall.h"
#include "hyperv_leaf.h"

/* Says whose crash it is in a log of Hyper-V's: "pvops" in ASCII. */
#define CRASH_P0 UINT64_C(0x73706f7670)

bool pvi_hyperv_crash_offered(const struct pvops_info *info)
{
    return pvi_hyperv_leaf(info, HV_CPUID_FEATURES).edx &
           HV_GUEST_CRASH_MSR_AVAILABLE;
}

void pvi_hyperv_crash(uintptr_t where)
{
    const uint64_t params[HV_X64_MSR_CRASH_PARAMS] = { CRASH_P0, where };

    for (unsigned i = 0; i < HV_X64_MSR_CRASH_PARAMS; i++)
        x86_wrmsr(HV_X64_MSR_CRASH_P0 + i, params[i]);
    x86_wrmsr(HV_X64_MSR_CRASH_CTL, HV_CRASH_CTL_NOTIFY);
}
