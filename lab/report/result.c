/* SPDX-License-Identifier: MIT */
/*
 * Results: giving back what they own.
 */
#include "report/result.h"

#include <stdlib.h>

void result_forget_where(struct result *result)
{
    for (size_t i = 0; i < result->where_count; i++) {
        free(result->where[i].from);
        free(result->where[i].to);
        free(result->where[i].list);
    }
    free(result->where);
    result->where = NULL;
    result->where_count = 0;
}

void result_release(struct result *result)
{
    for (size_t i = 0; i < result->check_count; i++) {
        free(result->checks[i].name);
        free(result->checks[i].reason);
    }
    free(result->checks);
    free(result->platform);
    free(result->kernel);
    free(result->image);
    free(result->hypervisor);
    free(result->backend);
    free(result->reason);
    free(result->log);
    result_forget_where(result);
    *result = (struct result){ .verdict = VERDICT_ERROR };
}
