/* SPDX-License-Identifier: MIT */
/*
 * From the entry code to guest_main() and, when that returns, to power-off.
 *
 * Entry code and the loaders' information are pvk's, kernel/boot.
 */
#include <pvops/clock.h>
#include <pvops/console.h>
#include <pvops/power.h>

#include "boot/boot.h"
#include "start.h"

struct guest_boot guest_boot = { .cmdline = "" };
struct boot_private boot_private;

static struct boot boot;

/* Regions are summed up; modules beyond 4 GiB, which none maps, left out. */
static void show(void)
{
    uint64_t ram = 0;

    for (size_t i = 0; i < boot.region_count; i++) {
        if (boot.regions[i].ram)
            ram += boot.regions[i].range.bytes;
    }
    guest_boot.memory_mib = (unsigned)((ram + 0xfffff) >> 20);

    for (size_t i = 0; i < boot.module_count; i++) {
        const struct boot_range *module = &boot.modules[i];

        if ((module->base + module->bytes) >> 32)
            continue;
        guest_boot.modules[guest_boot.module_count++] = (struct guest_module){
            .bytes = (const uint8_t *)(uintptr_t)module->base,
            .size = (size_t)module->bytes,
        };
    }
}

/* Output, and a way off, before anything can go wrong. */
static void platform_setup(void)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    static struct pvops_info info;
    struct pvops_probe_options options = {
        .entry = guest_boot.xen_pv       ? PVOPS_ENTRY_XEN_PV
                 : boot.door == DOOR_PVH ? PVOPS_ENTRY_PVH
                                         : PVOPS_ENTRY_MULTIBOOT,
        .xen_start_info = boot_private.xen_start_info,
    };

    pvops_probe(&options, &info);
    pvops_console_setup(&info, &options);
    pvops_power_setup(&info, boot.rsdp, page);
}

void kernel_start(unsigned door, uintptr_t info, uint32_t magic)
{
    struct boot_reach reach = boot_reach_at(door, info);
    const char *why = boot_read(&reach, door, info, magic, &boot);

    guest_boot.entered = boot.door_name;
    guest_boot.xen_pv = door == DOOR_XEN_PV;
    guest_boot.cmdline = boot.cmdline;
    guest_boot.rsdp = boot.rsdp;
    if (guest_boot.xen_pv)
        boot_private.xen_start_info = (const void *)info;
    xen_setup();
    platform_setup();
    /* Xen 4.17 gives a PVH dom0 no memory map in hvm_start_info. */
    if (!why && !boot.region_count && xen_present())
        why = boot_ask_xen(&boot);
    if (why) {
        guest_error("start", "%s", why);
        guest_end();
        guest_poweroff();
    }
    show();
    guest_main();
    guest_poweroff();
}
