/* SPDX-License-Identifier: MIT */
/*
 * A further CPU: found, started, parked.
 */
#include "internal.h"

enum pvops_status pvops_smp_start(const struct pvops_start *start)
{
    (void)start;
    return PVOPS_E_UNSUPPORTED;
}
