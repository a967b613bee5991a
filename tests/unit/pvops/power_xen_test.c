/* SPDX-License-Identifier: MIT */
/*
 * Power in Xen's domains: by hypercall, and a dom0's machine by ACPI.
 *
 * Tried: each of these alone, left out of the library, fails a test here:
 * '!power.dom0' and xen_enter_s5() in pvops_power_off(); SCI_EN and the types
 * in Xen's value; ports_allowed(); show_machine() for a PV dom0, its looks at
 * the page that it is given, and PVOPS_PTE_MACHINE in it.
 */
#include "power_machine.h"

#include "cpu.h"

#include "abi/x86_gate.h"
#include "abi/xen_hvm.h"
#include "abi/xen_platform.h"
#include "abi/xen_pv.h"

#include <pvops/mmu.h>
#include <x86/xen_call.h>

static struct {
    bool no_s5, no_shutdown, dom0, no_machine;
    unsigned yields, shown;
    struct xen_platform_op op;
} xen;

#ifdef __x86_64__

/* A page of machine memory appears where the page was that is given. */
static long update_va_mapping(uintptr_t va, uint64_t entry)
{
    uint64_t at = entry & X86_PTE_ADDRESS;
    void *copy;

    EXPECT(fake.xen_pv && xen.dom0);
    EXPECT_EQ((uintptr_t)power_page, va);
    EXPECT_EQ(X86_PTE_PRESENT | PVOPS_PTE_MACHINE,
              entry & (X86_PTE_PRESENT | X86_PTE_WRITE | PVOPS_PTE_MACHINE));
    xen.shown++;
    copy = xen.no_machine
               ? NULL
               : acpi_map_copy(power_image.bytes, sizeof(power_image.bytes),
                               0x100000, at, 4096);
    if (!copy)
        return -XEN_EPERM;
    memcpy((void *)va, copy, 4096);
    acpi_maps_free();
    return 0;
}

#endif

static long hypercall(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3, unsigned long a4)
{
    (void)a3;
    (void)a4;
    switch (number) {
    case __HYPERVISOR_xen_version:
        if (a1 == XENVER_get_features)
            ((struct xen_feature_info *)a2)->submap =
                xen.dom0 ? 1u << XENFEAT_dom0 : 0;
        return a1 == XENVER_version ? 4 << 16 | 17 : 0;
    case __HYPERVISOR_sched_op:
        if (a1 == SCHEDOP_yield) {
            if (++xen.yields == 3)
                power_end(HALTED);
            return 0;
        }
        EXPECT_EQ(SCHEDOP_shutdown, a1);
        if (xen.no_shutdown)
            return -XEN_EPERM;
        switch (((struct sched_shutdown *)a2)->reason) {
        case SHUTDOWN_poweroff:
            power_end(XEN_OFF);
        case SHUTDOWN_reboot:
            power_end(XEN_REBOOT);
        case SHUTDOWN_crash:
            power_end(XEN_CRASH);
        }
        break;
    case __HYPERVISOR_platform_op:
        EXPECT(xen.dom0);
        xen.op = *(struct xen_platform_op *)a1;
        EXPECT_EQ(XENPF_INTERFACE_VERSION, xen.op.interface_version);
        EXPECT_EQ(XENPF_enter_acpi_sleep, xen.op.cmd);
        EXPECT_EQ(5, xen.op.u.enter_acpi_sleep.sleep_state);
        if (xen.no_s5)
            return -XEN_ENOSYS;
        power_end(XEN_S5);
#ifdef __x86_64__
    case __HYPERVISOR_update_va_mapping:
        return update_va_mapping(a1, a2);
#endif
    case __HYPERVISOR_physdev_op:
        EXPECT_EQ(PHYSDEVOP_set_iopl, a1);
        EXPECT_EQ(1, ((struct physdev_set_iopl *)a2)->iopl);
        if (!xen.dom0)
            return -XEN_EPERM;
        fake.ports_allowed = true;
        return 0;
    }
    FAIL("hypercall %lu", number);
}

static void begin_xen(enum pvops_entry entry, bool dom0)
{
    power_begin();
    memset(&xen, 0, sizeof(xen));
    fake_xen = hypercall;
    fake.xen_pv = entry == PVOPS_ENTRY_XEN_PV;
    xen.dom0 = dom0;
    power_info.entry = entry;
    power_info.hypervisor = PVOPS_HYPERVISOR_XEN;
    power_info.base[PVOPS_HYPERVISOR_XEN] = 0x40000000;
    power_setup();
}

static void expect_domain(void)
{
    EXPECT_END(XEN_OFF, off);
    EXPECT_END(XEN_REBOOT, reset);
    EXPECT_END(XEN_CRASH, crash);
    EXPECT_EQ(0, power_pc.writes_8042);
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
    xen.no_shutdown = true;
    EXPECT_END(OFF_PM1, off);
    EXPECT_END(RESET_ACPI, reset);
}

PVTEST(xen_pvh_dom0, "ACPI's S5 by Xen; by its ports if Xen cannot")
{
    begin_xen(PVOPS_ENTRY_PVH, true);
    EXPECT_END(XEN_S5, off);
    EXPECT_EQ(0x2001 | 5 << 10, xen.op.u.enter_acpi_sleep.val_a);
    EXPECT_EQ(0x2001 | 6 << 10, xen.op.u.enter_acpi_sleep.val_b);
    EXPECT_EQ(0, xen.op.u.enter_acpi_sleep.flags);
    EXPECT_END(XEN_REBOOT, reset);
    EXPECT_END(XEN_CRASH, crash);

    xen.no_s5 = true;
    EXPECT_END(OFF_PM1, off);
    power_pc.no_pm1 = true;
    EXPECT_END(XEN_OFF, off);
}

PVTEST(xen_dom0_reduced, "Xen is told types, not register values")
{
    power_begin();
    ACPI_IMAGE_SET(&power_image, power_image.fadt, struct acpi_fadt, flags,
                   ACPI_FADT_HW_REDUCED);
    acpi_image_seal(&power_image, power_image.fadt);
    memset(&xen, 0, sizeof(xen));
    fake_xen = hypercall;
    xen.dom0 = true;
    power_info.entry = PVOPS_ENTRY_PVH;
    power_info.base[PVOPS_HYPERVISOR_XEN] = 0x40000000;
    power_setup();
    EXPECT_END(XEN_S5, off);
    EXPECT_EQ(5, xen.op.u.enter_acpi_sleep.val_a);
    EXPECT_EQ(6, xen.op.u.enter_acpi_sleep.val_b);
    EXPECT_EQ(XENPF_ACPI_SLEEP_EXTENDED, xen.op.u.enter_acpi_sleep.flags);
}

#ifdef __x86_64__

PVTEST(xen_pv, "hypercalls and nothing else: no CLI, no port, no table")
{
    struct pvops_power_acpi acpi;

    begin_xen(PVOPS_ENTRY_XEN_PV, false);
    expect_domain();
    pvops_power_find_acpi(&acpi);
    EXPECT(!acpi.pm_timer_port && !acpi.hpet && !acpi.madt);
    xen.no_shutdown = true;
    EXPECT_END(HALTED, off);
    xen.yields = 0;
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
    xen.no_s5 = true;
    EXPECT_END(OFF_PM1, off);
    EXPECT(fake.ports_allowed);
    xen.no_s5 = false;

    /* The RSDP is searched for, and the tables are read, page by page. */
    xen.shown = 0;
    pvops_power_setup(&power_info, 0, power_page);
    EXPECT(xen.shown > 1);
    EXPECT_END(XEN_S5, off);

    /* Not without a page, and none but that page is ever shown. */
    xen.shown = 0;
    pvops_power_setup(&power_info, 0, NULL);
    pvops_power_setup(&power_info, 0, power_page + 16);
    EXPECT_EQ(0, xen.shown);
    EXPECT_END(XEN_OFF, off);

    xen.no_machine = true;
    power_setup();
    EXPECT_END(XEN_OFF, off);
}

#endif
