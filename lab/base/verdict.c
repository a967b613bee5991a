/* SPDX-License-Identifier: MIT */
/*
 * Verdicts: their names and their order.
 */
#include "base/verdict.h"

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return "PASS";
    case VERDICT_SKIP:
        return "SKIP";
    case VERDICT_ERROR:
        return "ERROR";
    case VERDICT_FAIL:
        return "FAIL";
    case VERDICT_CRASH:
        return "CRASH";
    }
    return "ERROR";
}

enum verdict verdict_worst(enum verdict a, enum verdict b)
{
    return a > b ? a : b;
}
