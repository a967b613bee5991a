/* SPDX-License-Identifier: MIT */
/*
 * A backend's report of a crash. A file of its own: who sets it does not drag
 * in power, and power drags in no backend.
 */
#include "power_ways.h"

void (*pvi_power_crash_hook)(uintptr_t where);
