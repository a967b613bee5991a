/* SPDX-License-Identifier: MIT */
/*
 * From the entry code to guest_main() and, when that returns, to power-off.
 */
#include <pvops/clock.h>
#include <pvops/console.h>
#include <pvops/power.h>

#include "start.h"

struct guest_boot guest_boot = { .cmdline = "" };
struct boot_private boot_private;

static bool read_boot(unsigned door, uintptr_t info, uint32_t magic)
{
    switch (door) {
    case DOOR_PVH:
        guest_boot.entered = "pvh";
        return boot_read_pvh(info);
    case DOOR_MULTIBOOT1:
        guest_boot.entered = "multiboot1";
        return boot_read_multiboot1(info, magic);
    case DOOR_MULTIBOOT2:
        guest_boot.entered = "multiboot2";
        return boot_read_multiboot2(info, magic);
    case DOOR_XEN_PV:
        guest_boot.entered = "xen_pv";
        guest_boot.xen_pv = true;
        return boot_read_xen_pv(info);
    }
    return false;
}

/* Output, and a way off, before anything can go wrong. */
static void platform_setup(void)
{
    static struct pvops_info info;
    struct pvops_probe_options options = {
        .entry = guest_boot.xen_pv               ? PVOPS_ENTRY_XEN_PV
                 : boot_private.door == DOOR_PVH ? PVOPS_ENTRY_PVH
                                                 : PVOPS_ENTRY_MULTIBOOT,
        .xen_start_info = boot_private.xen_start_info,
    };

    pvops_probe(&options, &info);
    pvops_console_setup(&info, &options);
    pvops_power_setup(&info, boot_private.rsdp);
}

void start(unsigned door, uintptr_t info, uint32_t magic)
{
    boot_private.door = door;
    bool read = read_boot(door, info, magic);

    xen_setup();
    platform_setup();
    /* Xen 4.17 gives a PVH dom0 no memory map in hvm_start_info. */
    if (!guest_boot.memory_mib && xen_present())
        xen_read_memory();
    if (!read) {
        guest_error("start", "door %u: no boot information at %lu", door,
                    (unsigned long)info);
        guest_end();
        guest_poweroff();
    }
    guest_main();
    guest_poweroff();
}
