/* SPDX-License-Identifier: MIT */
/*
 * platform_op: the machine's clock, its sleep, its firmware, its CPUs.
 *
 * Source: Xen 4.17 xen/arch/x86/platform_hypercall.c (error numbers).
 */
#include "abi/xen_platform.h"
#include "call/calls.h"
#include "dev/clock.h"
#include "dev/power.h"
#include "domain/domain.h"
#include "domain/smp.h"
#include "mm/guest.h"

static long set_time(const struct xenpf_settime64 *time)
{
    if (time->mbz)
        return -XEN_EINVAL;
    clock_set_wall(time->secs, time->nsecs, time->system_time);
    return 0;
}

/* The guest has written what its ACPI tables say already, but the last bit. */
static long enter_sleep(const struct xenpf_enter_acpi_sleep *sleep)
{
    if (sleep->sleep_state != XENPF_ACPI_S5)
        return -XEN_EOPNOTSUPP;
    power_off();
}

/* The BIOS is not asked for anything before there is a guest. */
static long firmware_info(uint32_t type)
{
    switch (type) {
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
    case XEN_FW_VBEDDC_INFO:
    case XEN_FW_KBD_SHIFT_FLAGS:
        return -XEN_ESRCH;
    case XEN_FW_EFI_INFO:
        return -XEN_ENOSYS;
    }
    return -XEN_EINVAL;
}

static void cpu_info(struct xenpf_pcpuinfo *info)
{
    info->max_present = domain.vcpu_count - 1;
    if (info->xen_cpuid >= domain.vcpu_count) {
        info->flags |= XEN_PCPU_FLAGS_INVALID;
        return;
    }
    info->flags |= XEN_PCPU_FLAGS_ONLINE;
    info->apic_id = vcpu_at(info->xen_cpuid)->apic_id;
    info->acpi_id = smp_acpi_id(info->xen_cpuid);
}

long call_platform_op(uint64_t argument)
{
    struct xen_platform_op op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -XEN_EACCES;
    switch (op.cmd) {
    case XENPF_settime32:
        clock_set_wall(op.u.settime32.secs, op.u.settime32.nsecs,
                       op.u.settime32.system_time);
        return 0;
    case XENPF_settime64:
        return set_time(&op.u.settime64);
    case XENPF_firmware_info:
        return firmware_info(op.u.firmware_info.type);
    case XENPF_enter_acpi_sleep:
        return enter_sleep(&op.u.enter_acpi_sleep);
    case XENPF_get_cpuinfo:
        cpu_info(&op.u.pcpu_info);
        return guest_write(argument, &op, sizeof(op)) ? 0 : -XEN_EFAULT;
    }
    return call_unknown("platform_op", op.cmd);
}
