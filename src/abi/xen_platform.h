/* SPDX-License-Identifier: MIT */
/*
 * What only a dom0 asks of Xen of the machine: sleep states, clock, firmware,
 * CPUs. Facts only; names as in the source.
 *
 * Source: Xen 4.17 xen/include/public/platform.h;
 *         xen/arch/x86/acpi/power.c, acpi_enter_sleep().
 */
#ifndef ABI_XEN_PLATFORM_H
#define ABI_XEN_PLATFORM_H

#include "abi/xen.h"

#define __HYPERVISOR_platform_op 7

#define XENPF_INTERFACE_VERSION 0x03000001u
#define XENPF_settime32         17u
#define XENPF_firmware_info     50u
#define XENPF_enter_acpi_sleep  51u
#define XENPF_get_cpuinfo       55u
#define XENPF_settime64         62u

/* The wall clock at 'system_time'. */
struct xenpf_settime32 {
    uint32_t secs, nsecs;
    uint64_t system_time;
};

struct xenpf_settime64 {
    uint64_t secs;
    uint32_t nsecs, mbz;
    uint64_t system_time;
};

/*
 * What the BIOS said: -ESRCH if Xen has not asked it, -ENOSYS of EFI if Xen was
 * not loaded by it, -EINVAL of anything else.
 * Source: xen/arch/x86/platform_hypercall.c; xen/common/efi/runtime.c.
 */
struct xenpf_firmware_info {
    uint32_t type; /* XEN_FW_* */
    uint32_t index;
};
#define XEN_FW_DISK_INFO          1u
#define XEN_FW_DISK_MBR_SIGNATURE 2u
#define XEN_FW_VBEDDC_INFO        3u
#define XEN_FW_EFI_INFO           4u
#define XEN_FW_KBD_SHIFT_FLAGS    5u

struct xenpf_pcpuinfo {
    uint32_t xen_cpuid;   /* in */
    uint32_t max_present; /* out, as all that follow */
    uint32_t flags;       /* XEN_PCPU_FLAGS_*, added to what is there */
    uint32_t apic_id, acpi_id;
};
#define XEN_PCPU_FLAGS_ONLINE  1u
#define XEN_PCPU_FLAGS_INVALID 2u /* there is no such CPU */

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
        struct xenpf_settime32 settime32;
        struct xenpf_settime64 settime64;
        struct xenpf_firmware_info firmware_info;
        struct xenpf_enter_acpi_sleep enter_acpi_sleep;
        struct xenpf_pcpuinfo pcpu_info;
        uint64_t words[16];
    } u;
};

ABI_SIZE(struct xenpf_settime32, 16);
ABI_SIZE(struct xenpf_settime64, 24);
ABI_SIZE(struct xenpf_firmware_info, 8);
ABI_SIZE(struct xenpf_enter_acpi_sleep, 12);
ABI_SIZE(struct xenpf_pcpuinfo, 20);
ABI_OFFSET(struct xen_platform_op, u, 8);
ABI_SIZE(struct xen_platform_op, 136);

#endif /* ABI_XEN_PLATFORM_H */
