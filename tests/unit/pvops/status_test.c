/* SPDX-License-Identifier: MIT */
/*
 * Every status has its own name, and what is no status has one too.
 *
 * Tried: a name taken out of src/status.c fails here.
 */
#include "pvtest.h"

#include <pvops/status.h>

PVTEST(names, "as they are spelled in status.h")
{
    EXPECT_STR("PVOPS_OK", pvops_status_name(PVOPS_OK));
    EXPECT_STR("PVOPS_E_UNSUPPORTED", pvops_status_name(PVOPS_E_UNSUPPORTED));
    EXPECT_STR("PVOPS_E_REFUSED", pvops_status_name(PVOPS_E_REFUSED));
    EXPECT_STR("PVOPS_E_INVALID", pvops_status_name(PVOPS_E_INVALID));
    EXPECT_STR("PVOPS_E_ORDER", pvops_status_name(PVOPS_E_ORDER));
    EXPECT_STR("PVOPS_E_CORRUPT", pvops_status_name(PVOPS_E_CORRUPT));
}

PVTEST(no_status, "never NULL")
{
    EXPECT_STR("unknown status", pvops_status_name((enum pvops_status)6));
    EXPECT_STR("unknown status", pvops_status_name((enum pvops_status) - 1));
}
