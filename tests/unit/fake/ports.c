/* SPDX-License-Identifier: MIT */
/*
 * The model's I/O ports beside the timers': devices of the test's own, and
 * what is left of the instructions that meet the machine.
 *
 * A port where nothing is reads as ones.
 */
#include "cpu.h"

#include "cpu_private.h"
#include "pvtest.h"

static void access(uint16_t port)
{
    fake_spend(fake.exit_ps);
    if (fake.xen_pv && !fake.ports_allowed)
        FAIL("port 0x%x in a Xen PV domain: #GP", port);
}

bool fake_port_in(uint16_t port, unsigned bytes, uint32_t *out_value)
{
    access(port);
    return fake.port_in && fake.port_in(port, bytes, out_value);
}

bool fake_port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    access(port);
    return fake.port_out && fake.port_out(port, bytes, value);
}

uint16_t x86_inw(uint16_t port)
{
    uint32_t value;

    return fake_port_in(port, 2, &value) ? (uint16_t)value : UINT16_MAX;
}

void x86_outw(uint16_t port, uint16_t value)
{
    (void)fake_port_out(port, 2, value);
}

void x86_outl(uint16_t port, uint32_t value)
{
    (void)fake_port_out(port, 4, value);
}

uint16_t x86_read_cs(void)
{
    return fake.cs;
}

void x86_ud2(void)
{
    if (!fake.at_ud2)
        FAIL("UD2");
    fake.at_ud2();
}
