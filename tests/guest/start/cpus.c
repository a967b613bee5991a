/* SPDX-License-Identifier: MIT */
/*
 * How many CPUs a machine has: Xen is asked, otherwise ACPI.
 */
#include "start.h"

unsigned guest_cpu_count(void)
{
    enum { XEN_MAX_VCPUS = 8192 }; /* of a PV domain; HVM_MAX_VCPUS is less */
    unsigned count = 0;

    if (!xen_present())
        return acpi_cpu_count();
    while (count < XEN_MAX_VCPUS && xen_vcpu_exists(count))
        count++;
    return count;
}
