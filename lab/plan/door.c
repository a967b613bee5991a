/* SPDX-License-Identifier: MIT */
/*
 * Which door of the kernel fits which platform.
 */
#include "plan/door.h"

#include <string.h>

#include "base/args.h"
#include "plan/grub_iso.h"

static void wrap_in_iso(struct plan *plan, unsigned door, bool uefi,
                        unsigned index)
{
    const struct boot_options *options = &plan->options;
    bool one = door == DOOR_LINUX || plan->packed;
    struct grub_kernel kernel = {
        .kernel = plan->kernel,
        .door = door,
        .append = plan->append,
        .initrd = one ? plan->initrd : options->initrd,
        .modules = options->modules,
        .module_count = one ? 0 : options->module_count,
    };
    char why[WHY_BYTES] = "";
    const char *temp = dirs_temp(why);

    if (options->iso) {
        plan_refuse(
            plan, VERDICT_SKIP,
            "--iso cannot be given too: this kernel boots from an ISO that "
            "pvlab makes for GRUB");
        return;
    }
    if (temp) {
        plan->cdrom = text_new("%s/grub-%u.iso", temp, index);
        if (grub_iso(&kernel, plan->cdrom, uefi, why)) {
            plan->load = LOAD_FIRMWARE;
            plan->door = door;
            return;
        }
    }
    plan_refuse(plan, strncmp(why, "missing", 7) ? VERDICT_ERROR : VERDICT_SKIP,
                "%s", why);
}

static void boot_medium(struct plan *plan)
{
    plan->load = LOAD_FIRMWARE;
    plan->door = DOOR_FIRMWARE;
    if (plan->image.format == IMAGE_ISO) {
        if (plan->options.iso)
            plan_refuse(plan, VERDICT_SKIP,
                        "the kernel is an ISO: --iso would be a second one");
        plan->cdrom = plan->kernel;
    } else {
        plan->boot_disk = plan->kernel;
    }
    plan->kernel = NULL;
}

static void refuse_doors(struct plan *plan, const char *wanted)
{
    char doors[128];

    if (plan->image.format == IMAGE_ISO || plan->image.format == IMAGE_DISK)
        plan_refuse(plan, VERDICT_SKIP,
                    "%s cannot be booted here: %s is needed",
                    image_format_name(plan->image.format), wanted);
    else
        plan_refuse(plan, VERDICT_SKIP, "the kernel has %s, but %s is needed",
                    image_doors_text(plan->image.doors, doors, sizeof(doors)),
                    wanted);
}

/*
 * The door that QEMU's -kernel takes; 0: none. It looks for Multiboot1 first,
 * and gives up on what it cannot load by that (QEMU 7.2, load_multiboot(); all
 * tried).
 */
static unsigned qemu_door(const struct image *image)
{
    if (image->doors & DOOR_LINUX)
        return DOOR_LINUX;
    if (image->doors & DOOR_MULTIBOOT1)
        return image->i386 || image->multiboot1_address_fields ? DOOR_MULTIBOOT1
                                                               : 0;
    return image->pvh_hidden_from_qemu ? 0 : image->doors & DOOR_PVH;
}

/* The door that GRUB takes of an ELF, which must be what it is marked as. */
static unsigned grub_door(const struct image *image, bool uefi)
{
    unsigned multiboot1 = uefi ? 0 : image->doors & DOOR_MULTIBOOT1;

    if (image->i386 && image->bits == 64)
        return image->multiboot1_address_fields ? multiboot1 : 0;
    return image->doors & DOOR_MULTIBOOT2 ? DOOR_MULTIBOOT2 : multiboot1;
}

/* Why neither QEMU nor GRUB boots it here. */
static void refuse_machine(struct plan *plan, bool uefi, bool hvm)
{
    const struct image *image = &plan->image;
    bool bare = plan->platform->no_media;

    if (!bare && image->i386 && image->bits == 64 &&
        image->doors & (DOOR_MULTIBOOT1 | DOOR_MULTIBOOT2))
        plan_refuse(plan, VERDICT_SKIP,
                    "GRUB takes no ELF64 that is marked for i386");
    else if (bare && image->doors & DOOR_MULTIBOOT1)
        plan_refuse(
            plan, VERDICT_SKIP,
            "QEMU takes no x86-64 ELF that has a Multiboot1 header, and "
            "this machine has no bus for GRUB's ISO");
    else if (image->pvh_hidden_from_qemu)
        plan_refuse(plan, VERDICT_SKIP,
                    "QEMU does not find this kernel's PVH note: the PT_NOTE "
                    "segment's alignment is not 4");
    else
        refuse_doors(plan, uefi  ? "Multiboot2 or Linux's EFI stub (UEFI)"
                           : hvm ? "Multiboot or a bzImage (GRUB boots HVM)"
                           : bare
                               ? "PVH or an ELF32's Multiboot1 (no bus for an "
                                 "ISO)"
                               : "PVH or Multiboot");
}

/* A machine with firmware: QEMU directly, under KVM, or an HVM domU. */
static void load_machine(struct plan *plan, unsigned index)
{
    bool uefi = plan->options.uefi || plan->platform->uefi;
    bool hvm = plan->platform->kind == PLATFORM_DOMU;
    bool bare = plan->platform->no_media;
    unsigned doors = plan->image.doors;
    unsigned direct = uefi || hvm ? 0 : qemu_door(&plan->image);
    unsigned grub = bare ? 0 : grub_door(&plan->image, uefi);

    if (hvm && uefi) {
        plan_refuse(
            plan, VERDICT_SKIP,
            "UEFI in an HVM domain ends QEMU 7.2's software CPU (a nested "
            "write to CR8; see docs/outer.md)");
    } else if (bare && (uefi || plan->cdrom || plan->options.disk ||
                        plan->options.net_user || doors & DOOR_FIRMWARE)) {
        plan_refuse(
            plan, VERDICT_SKIP,
            "this machine has no bus for disks, ISOs and network cards, "
            "and boots ELF and bzImage only");
    } else if (doors & DOOR_FIRMWARE) {
        boot_medium(plan);
    } else if (uefi && doors & DOOR_LINUX && !(doors & DOOR_LINUX_EFI)) {
        plan_refuse(plan, VERDICT_SKIP,
                    "this bzImage has no EFI stub, so UEFI cannot boot it");
    } else if (hvm && doors & DOOR_LINUX) {
        wrap_in_iso(plan, DOOR_LINUX, uefi, index);
    } else if (direct || doors & DOOR_LINUX) {
        plan->load = LOAD_QEMU;
        plan->door = direct ? direct : DOOR_LINUX;
    } else if (grub) {
        wrap_in_iso(plan, grub, uefi, index);
    } else {
        refuse_machine(plan, uefi, hvm);
    }
}

static void load_xen(struct plan *plan, enum load load)
{
    bool pv = plan->platform->domain == DOMAIN_PV;

    plan->load = load;
    plan->door = pv ? DOOR_XEN_PV : DOOR_PVH;
    if (plan->options.uefi)
        plan_refuse(plan, VERDICT_SKIP,
                    "--uefi has no meaning here: Xen builds the domain itself");
    if (!(plan->image.doors & plan->door))
        refuse_doors(plan, pv ? "a Xen PV entry (ELF note)"
                              : "a PVH entry (ELF note)");
    else if (pv && plan->image.bits != 64)
        plan_refuse(plan, VERDICT_SKIP, "%s",
                    load == LOAD_SHIM ? "the shim runs no 32-bit PV kernels"
                                      : "Debian's Xen runs no 32-bit PV "
                                        "kernels (CONFIG_PV32 is off)");
}

void plan_door(struct plan *plan, unsigned index)
{
    if (plan->platform->shim)
        load_xen(plan, LOAD_SHIM);
    else if (plan->platform->kind == PLATFORM_DOM0)
        load_xen(plan, LOAD_XEN);
    else if (plan->platform->kind == PLATFORM_DOMU &&
             plan->platform->domain != DOMAIN_HVM)
        load_xen(plan, LOAD_XL);
    else
        load_machine(plan, index);
}
