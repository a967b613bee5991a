/* SPDX-License-Identifier: MIT */
/*
 * Off, and a reset: by ACPI, or as a PC has it.
 */
#ifndef SHIM_DEV_POWER_H
#define SHIM_DEV_POWER_H

#include <stdint.h>

struct pvops_info;

void power_setup(const struct pvops_info *info, uint64_t rsdp);
__attribute__((noreturn)) void power_off(void);
__attribute__((noreturn)) void power_reset(void);

#endif /* SHIM_DEV_POWER_H */
