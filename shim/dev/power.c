/* SPDX-License-Identifier: MIT */
/*
 * Off, by libpvops.
 */
#include "dev/power.h"

#include <pvops/clock.h>
#include <pvops/power.h>

#include "power_ways.h"

#include <x86/insn.h>
#include <x86/system.h>

void power_setup(const struct pvops_info *info, uint64_t rsdp)
{
    pvops_power_setup(info, rsdp, 0);
}

void power_off(void)
{
    pvops_power_off();
}

void power_reset(void)
{
    pvops_power_reset();
}
