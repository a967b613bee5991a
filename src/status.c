/* SPDX-License-Identifier: MIT */
/*
 * Names of statuses, for log lines.
 */
#include <pvops/status.h>

const char *pvops_status_name(enum pvops_status status)
{
    static const char *const names[] = {
        [PVOPS_OK] = "PVOPS_OK",
        [PVOPS_E_UNSUPPORTED] = "PVOPS_E_UNSUPPORTED",
        [PVOPS_E_REFUSED] = "PVOPS_E_REFUSED",
        [PVOPS_E_INVALID] = "PVOPS_E_INVALID",
        [PVOPS_E_ORDER] = "PVOPS_E_ORDER",
        [PVOPS_E_CORRUPT] = "PVOPS_E_CORRUPT",
    };

    if ((unsigned)status >= sizeof(names) / sizeof(names[0]))
        return "unknown status";
    return names[status];
}
