/* SPDX-License-Identifier: MIT */
/*
 * Results of set-up functions. Operations cannot fail and have none.
 */
#ifndef PVOPS_STATUS_H
#define PVOPS_STATUS_H

#include <pvops/types.h>

PVOPS_BEGIN_DECLS

enum pvops_status {
    PVOPS_OK = 0,
    /* The hypervisor does not offer this; carry on without it. */
    PVOPS_E_UNSUPPORTED = 1,
    /* The hypervisor offered it, then refused; logged with its own code. */
    PVOPS_E_REFUSED = 2,
    /* The embedding kernel passed something this function forbids. */
    PVOPS_E_INVALID = 3,
    /* The call came at the wrong step of the life cycle (pvops.h). */
    PVOPS_E_ORDER = 4,
    /* A call site, or boot information, is not what it must be. */
    PVOPS_E_CORRUPT = 5,
};

/* "PVOPS_E_REFUSED" for PVOPS_E_REFUSED; "unknown status" for no status. */
const char *pvops_status_name(enum pvops_status status);

PVOPS_END_DECLS

#endif /* PVOPS_STATUS_H */
