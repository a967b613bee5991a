/* SPDX-License-Identifier: MIT */
/*
 * The instructions by which a domain calls Xen: each only where it exists.
 */
#include "cpu_private.h"

#include <x86/xen_pv_call.h>

#include "pvtest.h"

#include "abi/cpuid.h"
#include "abi/xen_time.h"

fake_xen_function *fake_xen;

static long call(unsigned long number, unsigned long a1, unsigned long a2,
                 unsigned long a3, unsigned long a4)
{
    if (number == __HYPERVISOR_vcpu_op &&
        (a1 == VCPUOP_register_vcpu_time_memory_area ||
         a1 == VCPUOP_register_vcpu_time_phys_area))
        return fake_xen_time_area(a1, a2, (const void *)a3);
    fake.now_ps += fake.exit_ps;
    if (!fake_xen)
        FAIL("hypercall %lu, and no Xen: #UD", number);
    return fake_xen(number, a1, a2, a3, a4);
}

static bool is_amd(void)
{
    return fake_leaf_at(CPUID_BASIC)->ebx == CPUID_0_EBX_AMD;
}

/* A site of a hot op does not align the stack, for the library has no SSE. */
__attribute__((force_align_arg_pointer)) long
x86_xen_syscall(unsigned long number, unsigned long a1, unsigned long a2,
                unsigned long a3, unsigned long a4)
{
    if (!fake.xen_pv)
        FAIL("SYSCALL outside of a PV domain");
    return call(number, a1, a2, a3, a4);
}

long x86_xen_vmcall(unsigned long number, unsigned long a1, unsigned long a2,
                    unsigned long a3, unsigned long a4)
{
    if (fake.xen_pv || is_amd())
        FAIL("VMCALL in a PV domain or on an AMD CPU: #UD");
    return call(number, a1, a2, a3, a4);
}

long x86_xen_vmmcall(unsigned long number, unsigned long a1, unsigned long a2,
                     unsigned long a3, unsigned long a4)
{
    if (fake.xen_pv || !is_amd())
        FAIL("VMMCALL in a PV domain or on an Intel CPU: #UD");
    return call(number, a1, a2, a3, a4);
}
