/* SPDX-License-Identifier: MIT */
/*
 * What only a dom0 asks of Xen: the machine's sleep states. Facts only; names
 * as in the source.
 *
 * Source: Xen 4.17 xen/include/public/platform.h;
 *         xen/arch/x86/acpi/power.c, acpi_enter_sleep().
 */
#ifndef ABI_XEN_PLATFORM_H
#define ABI_XEN_PLATFORM_H

#include "abi/xen.h"

#define __HYPERVISOR_platform_op 7

#define XENPF_INTERFACE_VERSION 0x03000001u
#define XENPF_enter_acpi_sleep  51u

/* 'flags': val_* are SLP_TYP of the sleep control register, not PM1's value. */
#define XENPF_ACPI_SLEEP_EXTENDED 1u
#define XENPF_ACPI_S5             5u

struct xenpf_enter_acpi_sleep {
    uint16_t val_a;
    uint16_t val_b;
    uint32_t sleep_state;
    uint32_t flags;
};

struct xen_platform_op {
    uint32_t cmd;
    uint32_t interface_version;
    union {
        struct xenpf_enter_acpi_sleep enter_acpi_sleep;
        uint64_t words[16];
    } u;
};

ABI_SIZE(struct xenpf_enter_acpi_sleep, 12);
ABI_OFFSET(struct xen_platform_op, u, 8);
ABI_SIZE(struct xen_platform_op, 136);

#endif /* ABI_XEN_PLATFORM_H */
