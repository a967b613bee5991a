/* SPDX-License-Identifier: MIT */
/*
 * Power: each platform ends by its own way; a way that does not work is left
 * in time for the next; nothing is touched that the platform does not have.
 *
 * Tried: each of these alone, left out of the library, fails a test here:
 * x86_cli(); '!power.dom0' and xen_enter_s5() in pvops_power_off(); the order
 * of the calls in each; enter_acpi_mode(); the write of WAK; the mask of old
 * type bits; PM1b; hw_reduced in both places; the reset flag's PCI space; the
 * hook; I8042_NO_DEVICE; SCI_EN in Xen's value; ports_allowed(); the rule that
 * bare metal is not reset.
 */
#include <pvops/host.h>
#include <pvops/power.h>

#include <setjmp.h>

#include "acpi_image.h"
#include "cpu.h"
#include "pvtest.h"

#include "power_ways.h"
#include "abi/pc_reset.h"
#include "abi/xen_hvm.h"
#include "abi/xen_pv.h"
#include "abi/xen_platform.h"

#include <x86/system.h>
#include <x86/xen_call.h>

enum end {
    STILL_ON = 0,
    OFF_PM1,
    RESET_ACPI,
    RESET_8042,
    RESET_CF9,
    TRIPLE_FAULT,
    HALTED,
    XEN_OFF,
    XEN_REBOOT,
    XEN_CRASH,
    XEN_S5,
};

static struct {
    bool no_pm1, no_acpi_reset, no_8042, no_cf9, no_s5, no_shutdown, dom0;
    bool busy_8042, absent_8042, needs_acpi_mode;
    bool no_tables;
    uint16_t pm1a, pm1b, status;
    uint8_t cf9;
    uint32_t pci_address;
    uint8_t device[4096]; /* registers that are memory, at 0xfe000000 */
    uintptr_t hooked;
    unsigned writes_8042;
    unsigned hlts, yields;
    struct xen_platform_op op;
} pc;

static struct acpi_image image;
static struct pvops_info info;
static jmp_buf ended;

PVOPS_NORETURN static void end(enum end how)
{
    longjmp(ended, (int)how);
}

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (how == PVOPS_MAP_DEVICE && paddr - 0xfe000000 < sizeof(pc.device))
        return pc.device + (paddr - 0xfe000000);
    EXPECT_EQ(fake.xen_pv ? PVOPS_MAP_DEVICE : PVOPS_MAP_MEMORY, how);
    return pc.no_tables ? NULL
                        : acpi_map_copy(image.bytes, sizeof(image.bytes),
                                        0x100000, paddr, bytes);
}

static bool port_in(uint16_t port, unsigned bytes, uint32_t *out_value)
{
    switch (port) {
    case I8042_STATUS:
        *out_value = pc.absent_8042 ? 0xff
                     : pc.busy_8042 ? I8042_STATUS_FULL
                                    : 0;
        return true;
    case 0x604:
        EXPECT_EQ(2, bytes);
        *out_value = pc.pm1a;
        return true;
    case 0x704:
        EXPECT_EQ(2, bytes);
        *out_value = pc.pm1b;
        return true;
    default:
        FAIL("port 0x%x is read", port);
    }
}

/* Sleeps once both have the bit, with the types that \_S5 says. */
static void pm1_control(uint16_t *which, uint32_t value)
{
    *which = (uint16_t)value;
    if (pc.no_pm1 || (pc.needs_acpi_mode && !(pc.pm1a & ACPI_PM1_CONTROL_SCI)))
        return;
    if (pc.pm1a & pc.pm1b & ACPI_PM1_CONTROL_EN &&
        pc.pm1a >> ACPI_PM1_CONTROL_TYP_SHIFT == (8 | 5) &&
        pc.pm1b >> ACPI_PM1_CONTROL_TYP_SHIFT == (8 | 6) &&
        !(pc.status & ACPI_PM1_STATUS_WAK))
        end(OFF_PM1);
}

static void reset_control(uint8_t value)
{
    bool rises = value & RESET_CONTROL_NOW && !(pc.cf9 & RESET_CONTROL_NOW);

    if (value == 0x0f && !pc.no_acpi_reset)
        end(RESET_ACPI);
    pc.cf9 = value;
    if (rises && value & RESET_CONTROL_SYS && value != 0x0f && !pc.no_cf9)
        end(RESET_CF9);
}

static bool port_out(uint16_t port, unsigned bytes, uint32_t value)
{
    switch (port) {
    case I8042_COMMAND:
        EXPECT_EQ(I8042_PULSE_RESET, value);
        pc.writes_8042++;
        if (!pc.no_8042 && !pc.absent_8042)
            end(RESET_8042);
        return true;
    case 0xb2:
        EXPECT_EQ(0xf1, value);
        pc.pm1a |= ACPI_PM1_CONTROL_SCI;
        return true;
    case 0x600:
        EXPECT_EQ(2, bytes);
        pc.status &= (uint16_t)~value;
        return true;
    case 0x604:
        EXPECT_EQ(2, bytes);
        pm1_control(&pc.pm1a, value);
        return true;
    case 0x704:
        EXPECT_EQ(2, bytes);
        pm1_control(&pc.pm1b, value);
        return true;
    case RESET_CONTROL:
        EXPECT_EQ(1, bytes);
        reset_control((uint8_t)value);
        return true;
    case PCI_CONFIG_ADDRESS:
        EXPECT_EQ(4, bytes);
        pc.pci_address = value;
        return true;
    case PCI_CONFIG_DATA + 2:
        EXPECT_EQ(1, bytes);
        EXPECT_EQ(0x0f, value);
        end(RESET_ACPI);
    default:
        FAIL("0x%x is written to port 0x%x", value, port);
    }
}

static void at_hlt(void)
{
    EXPECT(!fake_system.interrupts);
    if (++pc.hlts == 3)
        end(HALTED);
}

static void at_ud2(void)
{
    EXPECT_EQ(0, fake_system.idt.limit);
    end(TRIPLE_FAULT);
}

static long hypercall(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3, unsigned long a4)
{
    (void)a3;
    (void)a4;
    switch (number) {
    case __HYPERVISOR_xen_version:
        if (a1 == XENVER_get_features)
            ((struct xen_feature_info *)a2)->submap =
                pc.dom0 ? 1u << XENFEAT_dom0 : 0;
        return a1 == XENVER_version ? 4 << 16 | 17 : 0;
    case __HYPERVISOR_sched_op:
        if (a1 == SCHEDOP_yield) {
            if (++pc.yields == 3)
                end(HALTED);
            return 0;
        }
        EXPECT_EQ(SCHEDOP_shutdown, a1);
        if (pc.no_shutdown)
            return -XEN_EPERM;
        switch (((struct sched_shutdown *)a2)->reason) {
        case SHUTDOWN_poweroff:
            end(XEN_OFF);
        case SHUTDOWN_reboot:
            end(XEN_REBOOT);
        case SHUTDOWN_crash:
            end(XEN_CRASH);
        }
        break;
    case __HYPERVISOR_platform_op:
        EXPECT(pc.dom0);
        pc.op = *(struct xen_platform_op *)a1;
        EXPECT_EQ(XENPF_INTERFACE_VERSION, pc.op.interface_version);
        EXPECT_EQ(XENPF_enter_acpi_sleep, pc.op.cmd);
        EXPECT_EQ(5, pc.op.u.enter_acpi_sleep.sleep_state);
        if (pc.no_s5)
            return -XEN_ENOSYS;
        end(XEN_S5);
    case __HYPERVISOR_physdev_op:
        EXPECT_EQ(PHYSDEVOP_set_iopl, a1);
        EXPECT_EQ(1, ((struct physdev_set_iopl *)a2)->iopl);
        if (!pc.dom0)
            return -XEN_EPERM;
        fake.ports_allowed = true;
        return 0;
    }
    FAIL("hypercall %lu", number);
}

static void forget(void)
{
    static const struct pvops_info nothing = {
        .entry = PVOPS_ENTRY_OTHER,
    };

    pc.no_tables = true;
    pvops_power_setup(&nothing, 0);
    pc.no_tables = false;
}

static void begin(void)
{
    fake_reset();
    fake_xen = NULL;
    memset(&pc, 0, sizeof(pc));
    memset(&info, 0, sizeof(info));
    memset(&fake_system, 0, sizeof(fake_system));
    fake_system.interrupts = true;
    fake_system.idt.limit = 0xfff;
    fake.cheap_ps = 1000000; /* a second's wait is a million turns */
    fake.port_in = port_in;
    fake.port_out = port_out;
    fake.at_hlt = at_hlt;
    fake.at_ud2 = at_ud2;
    info.tsc_hz = 2000000000;
    pvi_power_crash_hook = NULL;
    acpi_image_pc(&image);
    forget();
    pc.pm1a = pc.pm1b = ACPI_PM1_CONTROL_SCI | 3 << ACPI_PM1_CONTROL_TYP_SHIFT;
    pc.status = ACPI_PM1_STATUS_WAK;
}

static void setup(void)
{
    pvops_power_setup(&info, ACPI_IMAGE_AT + image.rsdp);
    acpi_maps_free();
}

static enum end after(void (*way)(void))
{
    int how = setjmp(ended);

    if (!how)
        way();
    return (enum end)how;
}

#define EXPECT_END(want, way) EXPECT_EQ(want, after(pvops_power_##way))

PVTEST(off_by_acpi, "PM1a and PM1b with their types, WAK cleared, CLI before")
{
    begin();
    setup();
    EXPECT_END(OFF_PM1, off);
    EXPECT(!fake_system.interrupts);
    EXPECT_EQ(ACPI_PM1_CONTROL_SCI, pc.pm1a & 3);
}

PVTEST(acpi_mode, "firmware that still has the registers is asked for them")
{
    begin();
    setup();
    pc.needs_acpi_mode = true;
    pc.pm1a = 0;
    EXPECT_END(OFF_PM1, off);
}

PVTEST(off_reduced, "hardware-reduced ACPI: the sleep control register")
{
    begin();
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, flags,
                   ACPI_FADT_HW_REDUCED);
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, sleep_control_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000010));
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, sleep_status_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000011));
    acpi_image_seal(&image, image.fadt);
    setup();
    EXPECT_END(HALTED, off);
    EXPECT_EQ(ACPI_SLEEP_CONTROL_EN | 5 << 2, pc.device[0x10]);
    EXPECT_EQ(ACPI_SLEEP_STATUS_WAK, pc.device[0x11]);
    EXPECT_EQ(0, pc.device[0x0f] | pc.device[0x12]);
}

PVTEST(off_fails, "bare metal halts; a virtual machine ends by a reset")
{
    begin();
    setup();
    pc.no_pm1 = true;
    EXPECT_END(HALTED, off);
    EXPECT(fake_ns() > 900000000 && fake_ns() < 2000000000);

    begin();
    pc.no_tables = true;
    info.hypervisor = PVOPS_HYPERVISOR_KVM;
    setup();
    EXPECT_END(RESET_8042, off);

    begin();
    pc.no_tables = true;
    setup();
    EXPECT_END(HALTED, off);
}

PVTEST(no_s5, "tables without \\_S5: PM1 is not touched")
{
    begin();
    image.bytes[image.dsdt]++;
    setup();
    pc.pm1a = 0x1234;
    EXPECT_END(HALTED, off);
    EXPECT_EQ(0x1234, pc.pm1a);
}

PVTEST(reset_ways, "one after the other")
{
    begin();
    setup();
    EXPECT_END(RESET_ACPI, reset);
    EXPECT(!fake_system.interrupts);
    pc.no_acpi_reset = true;
    EXPECT_END(RESET_8042, reset);
    pc.no_8042 = true;
    EXPECT_END(RESET_CF9, reset);
    pc.no_cf9 = true;
    EXPECT_END(TRIPLE_FAULT, reset);
    EXPECT(fake_ns() < 2000000000);
}

PVTEST(reset_8042,
       "absent: not written to; for ever busy: written to in the end")
{
    begin();
    pc.absent_8042 = true;
    pc.no_acpi_reset = true;
    setup();
    EXPECT_END(RESET_CF9, reset);
    EXPECT_EQ(0, pc.writes_8042);
    pc.absent_8042 = false;
    pc.busy_8042 = true;
    EXPECT_END(RESET_8042, reset);
}

PVTEST(reset_pci, "a reset register in PCI's configuration space")
{
    begin();
    ACPI_IMAGE_SET(
        &image, image.fadt, struct acpi_fadt, reset_reg,
        acpi_image_gas(ACPI_SPACE_PCI, UINT64_C(0x1f) << 32 | 3 << 16 | 0x46));
    acpi_image_seal(&image, image.fadt);
    setup();
    EXPECT_END(RESET_ACPI, reset);
    EXPECT_EQ(0x80000000 | 0x1f << 11 | 3 << 8 | 0x44, pc.pci_address);
}

PVTEST(reset_memory, "a reset register that is memory")
{
    begin();
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, reset_reg,
                   acpi_image_gas(ACPI_SPACE_MEMORY, 0xfe000020));
    acpi_image_seal(&image, image.fadt);
    setup();
    EXPECT_END(RESET_8042, reset);
    EXPECT_EQ(0x0f, pc.device[0x20]);
}

static void hook(uintptr_t where)
{
    pc.hooked = where;
}

PVTEST(crash, "reported by the backend's hook, then a reset")
{
    begin();
    setup();
    EXPECT_END(RESET_ACPI, crash);
    pvi_power_crash_hook = hook;
    EXPECT_END(RESET_ACPI, crash);
    EXPECT(pc.hooked != 0);
}

PVTEST(found, "what the probe wants to know")
{
    struct pvops_power_acpi acpi;

    begin();
    pvops_power_find_acpi(&acpi);
    EXPECT(!acpi.pm_timer_port && !acpi.hpet && !acpi.madt);
    setup();
    pvops_power_find_acpi(&acpi);
    EXPECT_EQ(0x608, acpi.pm_timer_port);
    EXPECT_EQ(0xfed00000, acpi.hpet);
    EXPECT_EQ(ACPI_IMAGE_AT + image.madt, acpi.madt);
}

static void begin_xen(enum pvops_entry entry, bool dom0)
{
    begin();
    fake_xen = hypercall;
    fake.xen_pv = entry == PVOPS_ENTRY_XEN_PV;
    pc.dom0 = dom0;
    info.entry = entry;
    info.hypervisor = PVOPS_HYPERVISOR_XEN;
    info.base[PVOPS_HYPERVISOR_XEN] = 0x40000000;
    setup();
}

static void expect_domain(void)
{
    EXPECT_END(XEN_OFF, off);
    EXPECT_END(XEN_REBOOT, reset);
    EXPECT_END(XEN_CRASH, crash);
    EXPECT_EQ(0, pc.writes_8042);
}

PVTEST(xen_domu, "PVH and HVM: hypercalls and no port")
{
    begin_xen(PVOPS_ENTRY_PVH, false);
    expect_domain();
    begin_xen(PVOPS_ENTRY_MULTIBOOT, false);
    expect_domain();
}

PVTEST(xen_hvm_refused, "a Xen that refuses: the PC's ways")
{
    begin_xen(PVOPS_ENTRY_MULTIBOOT, false);
    pc.no_shutdown = true;
    EXPECT_END(OFF_PM1, off);
    EXPECT_END(RESET_ACPI, reset);
}

PVTEST(xen_pvh_dom0, "ACPI's S5 by Xen; by its ports if Xen cannot")
{
    begin_xen(PVOPS_ENTRY_PVH, true);
    EXPECT_END(XEN_S5, off);
    EXPECT_EQ(0x2001 | 5 << 10, pc.op.u.enter_acpi_sleep.val_a);
    EXPECT_EQ(0x2001 | 6 << 10, pc.op.u.enter_acpi_sleep.val_b);
    EXPECT_EQ(0, pc.op.u.enter_acpi_sleep.flags);
    EXPECT_END(XEN_REBOOT, reset);
    EXPECT_END(XEN_CRASH, crash);

    pc.no_s5 = true;
    EXPECT_END(OFF_PM1, off);
    pc.no_pm1 = true;
    EXPECT_END(XEN_OFF, off);
}

PVTEST(xen_dom0_reduced, "Xen is told types, not register values")
{
    begin();
    ACPI_IMAGE_SET(&image, image.fadt, struct acpi_fadt, flags,
                   ACPI_FADT_HW_REDUCED);
    acpi_image_seal(&image, image.fadt);
    fake_xen = hypercall;
    pc.dom0 = true;
    info.entry = PVOPS_ENTRY_PVH;
    info.base[PVOPS_HYPERVISOR_XEN] = 0x40000000;
    setup();
    EXPECT_END(XEN_S5, off);
    EXPECT_EQ(5, pc.op.u.enter_acpi_sleep.val_a);
    EXPECT_EQ(6, pc.op.u.enter_acpi_sleep.val_b);
    EXPECT_EQ(XENPF_ACPI_SLEEP_EXTENDED, pc.op.u.enter_acpi_sleep.flags);
}

#ifdef __x86_64__

PVTEST(xen_pv, "hypercalls and nothing else: no CLI, no port, no table")
{
    struct pvops_power_acpi acpi;

    begin_xen(PVOPS_ENTRY_XEN_PV, false);
    expect_domain();
    pvops_power_find_acpi(&acpi);
    EXPECT(!acpi.pm_timer_port && !acpi.hpet && !acpi.madt);
    pc.no_shutdown = true;
    EXPECT_END(HALTED, off);
    pc.yields = 0;
    EXPECT_END(HALTED, reset);
}

PVTEST(xen_pv_dom0, "ACPI's S5 by Xen; by ports once they are allowed")
{
    struct pvops_power_acpi acpi;

    begin_xen(PVOPS_ENTRY_XEN_PV, true);
    EXPECT_END(XEN_S5, off);
    pvops_power_find_acpi(&acpi);
    EXPECT_EQ(0, acpi.pm_timer_port);
    EXPECT(acpi.madt);
    pc.no_s5 = true;
    EXPECT_END(OFF_PM1, off);
    EXPECT(fake.ports_allowed);
}

#endif
