/* SPDX-License-Identifier: MIT */
/*
 * Machine memory in a Xen PV domain.
 */
#ifndef PVK_ARCH_XEN_MACHINE_H
#define PVK_ARCH_XEN_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <pvops/types.h>

/*
 * The page of machine memory at 'machine' appears at 'va', uncached, in the
 * place of what was mapped there. False if Xen refuses: it is not the domain's
 * to see, or nothing was mapped there.
 */
bool xen_machine_map(uintptr_t va, pvops_paddr machine);

#endif /* PVK_ARCH_XEN_MACHINE_H */
