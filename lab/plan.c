/* SPDX-License-Identifier: MIT */
/*
 * Which door of the kernel fits which platform, and the files for it.
 */
#include "plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "cache.h"
#include "disk.h"
#include "count.h"
#include "grub_iso.h"
#include "initrd.h"
#include "needs.h"
#include "plain_name.h"
#include "plan_rom.h"
#include "sha256.h"

/* Source: Xen xen/include/public/hvm/hvm_info_table.h, HVM_MAX_VCPUS. */
enum { XEN_HVM_MAX_VCPUS = 128 };

void plan_hash(const char *kernel, char text[65])
{
    char *path = plan_is_debian(kernel)
                     ? text_new("%s/vmlinuz", cache_path(COMPONENT_LINUX))
                     : text_new("%s", kernel);
    struct stat info;

    text[0] = '\0';
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode))
        sha256_file(path, text);
    free(path);
}

bool plan_is_debian(const char *kernel)
{
    return !strcmp(kernel, "debian");
}

__attribute__((format(printf, 3, 4))) static void
refuse(struct plan *plan, enum verdict verdict, const char *format, ...)
{
    va_list list;

    if (plan->refused != VERDICT_PASS)
        return;
    plan->refused = verdict;
    va_start(list, format);
    if (vasprintf(&plan->reason, format, list) < 0)
        abort();
    va_end(list);
}

static void refuse_if(struct plan *plan, enum verdict verdict, const char *why)
{
    if (verdict != VERDICT_PASS)
        refuse(plan, verdict, "%s", why);
}

/*
 * Debian's kernel: from the cache, with an initrd that says where it finds
 * itself, unless the user brings an initrd of his own.
 */
static void use_debian(struct plan *plan)
{
    const char *console = plan->platform->linux_console;

    plan->kernel = text_new("%s/vmlinuz", cache_path(COMPONENT_LINUX));
    free(plan->append);
    plan->append =
        text_new("console=%s %s%s", console,
                 plan->options.initrd ? "" : "quiet loglevel=3 panic=-1 ",
                 plan->options.append ? plan->options.append : "");
}

static void pack_initrd(struct plan *plan, unsigned index)
{
    const struct boot_options *options = &plan->options;
    bool probe = plan_is_debian(options->kernel) && !options->initrd;
    char why[WHY_BYTES] = "";
    const char *temp;

    plan->packed = plan->rom.way == ROM_MODULE;
    if (!options->initrd && !options->module_count && !probe && !plan->packed)
        return;
    temp = dirs_temp(why);
    if (temp)
        plan->initrd = text_new("%s/initrd-%u", temp, index);
    if (!temp || !initrd_pack(plan->initrd, options,
                              plan->packed ? plan->rom.file : NULL, probe, why))
        refuse(plan, VERDICT_ERROR, "%s", why);
}

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
        refuse(plan, VERDICT_SKIP,
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
    refuse(plan, strncmp(why, "missing", 7) ? VERDICT_ERROR : VERDICT_SKIP,
           "%s", why);
}

static void boot_medium(struct plan *plan)
{
    plan->load = LOAD_FIRMWARE;
    plan->door = DOOR_FIRMWARE;
    if (plan->image.format == IMAGE_ISO) {
        if (plan->options.iso)
            refuse(plan, VERDICT_SKIP,
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
        refuse(plan, VERDICT_SKIP, "%s cannot be booted here: %s is needed",
               image_format_name(plan->image.format), wanted);
    else
        refuse(plan, VERDICT_SKIP, "the kernel has %s, but %s is needed",
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
        refuse(plan, VERDICT_SKIP,
               "GRUB takes no ELF64 that is marked for i386");
    else if (bare && image->doors & DOOR_MULTIBOOT1)
        refuse(plan, VERDICT_SKIP,
               "QEMU takes no x86-64 ELF that has a Multiboot1 header, and "
               "this machine has no bus for GRUB's ISO");
    else if (image->pvh_hidden_from_qemu)
        refuse(plan, VERDICT_SKIP,
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
        refuse(plan, VERDICT_SKIP,
               "UEFI in an HVM domain ends QEMU 7.2's software CPU (a nested "
               "write to CR8; see docs/outer.md)");
    } else if (bare && (uefi || plan->cdrom || plan->options.disk ||
                        plan->options.net_user || doors & DOOR_FIRMWARE)) {
        refuse(plan, VERDICT_SKIP,
               "this machine has no bus for disks, ISOs and network cards, "
               "and boots ELF and bzImage only");
    } else if (doors & DOOR_FIRMWARE) {
        boot_medium(plan);
    } else if (uefi && doors & DOOR_LINUX && !(doors & DOOR_LINUX_EFI)) {
        refuse(plan, VERDICT_SKIP,
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
        refuse(plan, VERDICT_SKIP,
               "--uefi has no meaning here: Xen builds the domain itself");
    if (!(plan->image.doors & plan->door))
        refuse_doors(plan, pv ? "a Xen PV entry (ELF note)"
                              : "a PVH entry (ELF note)");
    else if (pv && plan->image.bits != 64)
        refuse(plan, VERDICT_SKIP,
               "Debian's Xen runs no 32-bit PV kernels (CONFIG_PV32 is off)");
}

static bool readable(struct plan *plan, const char *what, const char *path)
{
    struct stat info;

    if (!path)
        return true;
    if (access(path, R_OK) == 0 && stat(path, &info) == 0) {
        if (!S_ISDIR(info.st_mode))
            return true;
        errno = EISDIR;
    }
    refuse(plan, VERDICT_ERROR, "cannot read %s %s: %s", what, path,
           strerror(errno));
    return false;
}

static void check_text(struct plan *plan)
{
    /* Each loader's limit is lower; the agent's frames have this one. */
    if (strlen(plan->append) > 16000)
        refuse(plan, VERDICT_ERROR, "--append is longer than 16000 bytes");
    if (strpbrk(plan->append, "\n\r"))
        refuse(plan, VERDICT_ERROR, "--append has a line break in it");
    if (strchr(plan->append, '"') && plan->platform->kind == PLATFORM_DOMU)
        refuse(plan, VERDICT_SKIP, "xl cannot pass a \" in --append");
}

static void settle_numbers(struct plan *plan)
{
    const struct boot_options *options = &plan->options;
    const struct platform *platform = plan->platform;

    plan->cpus = options->cpus ? options->cpus : 1;
    plan->mem_mib = options->mem_mib ? options->mem_mib
                    : platform       ? platform->mem_mib
                                     : 256;
    /* More CPUs than two take turns on most machines. */
    plan->timeout_s = options->timeout_s ? options->timeout_s
                      : platform ? platform->timeout_s * ((plan->cpus + 1) / 2)
                                 : 60;
    if (platform && plan->cpus > XEN_HVM_MAX_VCPUS &&
        (platform->domain == DOMAIN_PVH || platform->domain == DOMAIN_HVM))
        refuse(plan, VERDICT_SKIP,
               "Xen gives a PVH or HVM domain %d CPUs at most",
               XEN_HVM_MAX_VCPUS);
}

static void check_disk(struct plan *plan, const char *path)
{
    char why[WHY_BYTES];

    if (path && !disk_alone(path, why))
        refuse(plan, VERDICT_ERROR, "%s", why);
}

/* What QEMU's Multiboot loader gets must have names without blanks. */
static void plain_names(struct plan *plan)
{
    struct boot_options *options = &plan->options;
    const char *kernel = NULL;
    char why[WHY_BYTES] = "";
    bool good = true;

    if (plan->load == LOAD_XEN) {
        kernel = plain_name(plan->kernel, why);
        good = kernel != NULL;
        if (good && plan->initrd)
            good =
                !strpbrk(plan->initrd, " \t") || plain_name(plan->initrd, why);
        if (good) {
            kernel = text_new("%s", kernel);
            free(plan->kernel);
            plan->kernel = (char *)kernel;
        }
    } else if (plan->load == LOAD_QEMU && plan->door == DOOR_MULTIBOOT1) {
        if (plan->packed) {
            good = plain_name(plan->initrd, why);
        } else if (options->initrd) {
            options->initrd = plain_name(options->initrd, why);
            good = options->initrd;
        }
        for (size_t i = 0; good && !plan->packed && i < options->module_count;
             i++) {
            options->modules[i] = plain_name(options->modules[i], why);
            good = options->modules[i] != NULL;
        }
    }
    if (!good)
        refuse(plan, VERDICT_ERROR, "%s", why);
}

static bool open_image(struct plan *plan)
{
    char why[IMAGE_WHY_BYTES];
    bool xen = plan->platform->domain == DOMAIN_PV ||
               plan->platform->domain == DOMAIN_PVH;

    /* Xen's notes are in the ELF that a bzImage packs. */
    if (xen ? image_open_payload(plan->kernel, &plan->image, why)
            : image_open(plan->kernel, &plan->image, why))
        return true;
    refuse(plan, VERDICT_ERROR, "%s: %s", plan->kernel, why);
    return false;
}

/* Is what Debian's packages give in the cache? */
static bool fetched(struct plan *plan)
{
    enum component component;
    char why[WHY_BYTES];

    if (!needs_fetch(plan->platform, plan_is_debian(plan->options.kernel),
                     &component))
        return true;
    plan->unfetched = plan->refused == VERDICT_PASS;
    cache_missing(component, why);
    refuse(plan, VERDICT_SKIP, "%s", why);
    return false;
}

static void make_builtin(struct plan *plan, unsigned index)
{
    const struct boot_options *options = &plan->options;
    char why[WHY_BYTES];

    if (!needs_installed(plan->platform, options->uefi, why)) {
        refuse(plan, VERDICT_SKIP, "%s", why);
        return;
    }
    if (plan_is_debian(options->kernel) && !fetched(plan))
        return;
    if (plan_is_debian(options->kernel))
        use_debian(plan);
    else
        plan->kernel = text_new("%s", options->kernel);
    check_text(plan);
    if (!readable(plan, "the initrd", options->initrd) ||
        !readable(plan, "the disk", options->disk) ||
        !readable(plan, "the ISO", options->iso))
        return;
    for (size_t i = 0; i < options->module_count; i++)
        readable(plan, "the module", options->modules[i]);
    check_disk(plan, options->disk);
    check_disk(plan, plan->kernel);
    refuse_if(plan, plan_rom_open(plan, why), why);
    if (plan->refused != VERDICT_PASS || !open_image(plan))
        return;
    if (options->iso)
        plan->cdrom = text_new("%s", options->iso);
    pack_initrd(plan, index);
    if (plan->platform->kind == PLATFORM_DOM0)
        load_xen(plan, LOAD_XEN);
    else if (plan->platform->kind == PLATFORM_DOMU &&
             plan->platform->domain != DOMAIN_HVM)
        load_xen(plan, LOAD_XL);
    else
        load_machine(plan, index);
    if (plan->refused == VERDICT_PASS)
        refuse_if(plan, plan_rom_place(plan, index, why), why);
    if (plan->refused == VERDICT_PASS)
        plain_names(plan);
    if (plan->platform->kind == PLATFORM_DOMU && options->net_user)
        refuse(plan, VERDICT_SKIP,
               "--net user: pvlab gives domUs no network card");
}

/* What a launcher of the user's own is not told. */
static void check_custom(struct plan *plan)
{
    const struct boot_options *options = &plan->options;
    const char *lost = options->gdb_port             ? "--gdb"
                       : options->uefi               ? "--uefi"
                       : options->net_user           ? "--net"
                       : options->module_count       ? "--module"
                       : options->rom                ? "--rom"
                       : options->accel != ACCEL_TCG ? "--accel"
                                                     : NULL;

    if (lost)
        refuse(plan, VERDICT_SKIP,
               "%s has no meaning for a platform of your own: say it in its "
               "command",
               lost);
}

void plan_make(struct plan *plan, const struct platform *platform,
               const struct custom_platform *custom,
               const struct boot_options *options, const char *skip,
               unsigned index)
{
    char why[WHY_BYTES];

    *plan = (struct plan){
        .platform = platform,
        .custom = custom,
        .name = platform ? platform->name : custom->name,
        .options = *options,
        .append = text_new("%s", options->append ? options->append : ""),
    };
    if (platform)
        plan->outer =
            platform->outer == OUTER_KVM && (platform->uefi || options->uefi)
                ? OUTER_KVM_UEFI
                : platform->outer;
    settle_numbers(plan);
    if (skip) {
        refuse(plan, VERDICT_SKIP, "%s", skip);
    } else if (custom) {
        plan->load = LOAD_CUSTOM;
        check_custom(plan);
        readable(plan, "the kernel", options->kernel);
    } else {
        make_builtin(plan, index);
    }
    if (plan->refused != VERDICT_PASS)
        return;
    refuse_if(plan, count_plan(plan, why), why);
    /* Last: for a boot that cannot be nothing is fetched. */
    if (platform)
        fetched(plan);
}

void plan_release(struct plan *plan)
{
    free(plan->kernel);
    free(plan->initrd);
    free(plan->append);
    free(plan->cdrom);
    free(plan->boot_disk);
    free(plan->own_rom);
    free(plan->acpi_table);
    free(plan->firmware);
    free(plan->reason);
    *plan = (struct plan){ 0 };
}
