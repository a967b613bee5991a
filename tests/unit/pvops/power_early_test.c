/* SPDX-License-Identifier: MIT */
/*
 * Power before pvops_power_setup(): what needs no finding, and in ring 3, which
 * only Xen PV enters a kernel in, Xen. Nobody must have set it up before, so
 * this is a program of its own.
 *
 * Tried: x86_read_cs() not asked fails ring_3.
 */
#include <pvops/host.h>
#include <pvops/power.h>

#include <setjmp.h>

#include "cpu.h"
#include "pvtest.h"

#include "abi/pc_reset.h"
#include "abi/xen_pv.h"

#include <x86/xen_call.h>

enum { HALTED = 1, RESET, XEN };

static jmp_buf ended;

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    (void)how;
    FAIL("%zu bytes at 0x%" PRIx64 " are mapped", bytes, paddr);
}

static bool port_in(uint16_t port, unsigned bytes, uint32_t *out_value)
{
    (void)bytes;
    EXPECT_EQ(I8042_STATUS, port);
    *out_value = 0;
    return true;
}

static bool port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    (void)bytes;
    EXPECT_EQ(I8042_COMMAND, port);
    EXPECT_EQ(I8042_PULSE_RESET, value);
    longjmp(ended, RESET);
}

static void at_hlt(void)
{
    longjmp(ended, HALTED);
}

static int after(void (*way)(void))
{
    int how = setjmp(ended);

    if (!how)
        way();
    return how;
}

PVTEST(ring_0, "off halts, the others reset; no table is looked for")
{
    fake_reset();
    fake.port_in = port_in;
    fake.port_out = port_out;
    fake.at_hlt = at_hlt;
    fake.cs = 8;
    EXPECT_EQ(HALTED, after(pvops_power_off));
    EXPECT_EQ(RESET, after(pvops_power_reset));
    EXPECT_EQ(RESET, after(pvops_power_crash));
}

#ifdef __x86_64__

static unsigned reason;

static long hypercall(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3, unsigned long a4)
{
    (void)a3;
    (void)a4;
    if (number == __HYPERVISOR_xen_version)
        return a1 == XENVER_version ? 4 << 16 | 17 : 0;
    EXPECT_EQ(__HYPERVISOR_sched_op, number);
    EXPECT_EQ(SCHEDOP_shutdown, a1);
    reason = ((struct sched_shutdown *)a2)->reason;
    longjmp(ended, XEN);
}

PVTEST(ring_3, "Xen's hypercalls; no port, no CLI, no HLT")
{
    fake_reset();
    fake.xen_pv = true;
    fake.cs = FLAT_RING3_CS64;
    fake_xen = hypercall;
    EXPECT_EQ(XEN, after(pvops_power_off));
    EXPECT_EQ(SHUTDOWN_poweroff, reason);
    EXPECT_EQ(XEN, after(pvops_power_reset));
    EXPECT_EQ(SHUTDOWN_reboot, reason);
    EXPECT_EQ(XEN, after(pvops_power_crash));
    EXPECT_EQ(SHUTDOWN_crash, reason);
}

#endif
