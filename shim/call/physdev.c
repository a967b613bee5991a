/* SPDX-License-Identifier: MIT */
/*
 * physdev_op, platform_op, grant_table_op: what of them a lone guest needs.
 */
#include "abi/xen_platform.h"
#include "abi/xen_pv.h"
#include "call/calls.h"
#include "dev/clock.h"
#include "dev/power.h"
#include "domain/vcpu.h"
#include "mm/guest.h"

#define XENPF_settime64 62u

static long set_iopl(uint64_t argument)
{
    struct physdev_set_iopl op;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.iopl > 3)
        return -XEN_EINVAL;
    vcpu_this()->iopl = (uint8_t)op.iopl;
    return 0;
}

long call_physdev_op(uint64_t command, uint64_t argument)
{
    if ((uint32_t)command == PHYSDEVOP_set_iopl)
        return set_iopl(argument);
    return call_unknown("physdev_op", (uint32_t)command);
}

struct settime64 {
    uint64_t secs;
    uint32_t nsecs, mbz;
    uint64_t system_time;
};

/* The guest has written what its ACPI tables say already, but the last bit. */
static long enter_sleep(const struct xenpf_enter_acpi_sleep *sleep)
{
    if (sleep->sleep_state != XENPF_ACPI_S5)
        return -XEN_EOPNOTSUPP;
    power_off();
}

long call_platform_op(uint64_t argument)
{
    struct xen_platform_op op;
    struct settime64 time;

    if (!guest_read(&op, argument, sizeof(op)))
        return -XEN_EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -XEN_EACCES;
    switch (op.cmd) {
    case XENPF_settime64:
        __builtin_memcpy(&time, &op.u, sizeof(time));
        if (time.mbz)
            return -XEN_EINVAL;
        clock_set_wall(time.secs, time.nsecs, time.system_time);
        return 0;
    case XENPF_enter_acpi_sleep:
        return enter_sleep(&op.u.enter_acpi_sleep);
    }
    return call_unknown("platform_op", op.cmd);
}

/* There is nobody to grant anything to. */
long call_grant_table_op(uint64_t command, uint64_t argument, uint64_t count)
{
    (void)argument;
    (void)count;
    return call_unknown("grant_table_op", (uint32_t)command);
}
