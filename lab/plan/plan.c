/* SPDX-License-Identifier: MIT */
/*
 * What a boot needs, and whether it can be: the options against the platform,
 * and the kernel's files.
 */
#include "plan/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/plain_name.h"
#include "base/sha256.h"
#include "image/disk.h"
#include "plan/count.h"
#include "plan/door.h"
#include "plan/initrd.h"
#include "plan/rom.h"
#include "platform/cache.h"
#include "platform/needs.h"

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

void plan_refuse(struct plan *plan, enum verdict verdict, const char *format,
                 ...)
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
        plan_refuse(plan, verdict, "%s", why);
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
        plan_refuse(plan, VERDICT_ERROR, "%s", why);
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
    plan_refuse(plan, VERDICT_ERROR, "cannot read %s %s: %s", what, path,
                strerror(errno));
    return false;
}

static void check_text(struct plan *plan)
{
    /* Each loader's limit is lower; the agent's frames have this one. */
    if (strlen(plan->append) > 16000)
        plan_refuse(plan, VERDICT_ERROR, "--append is longer than 16000 bytes");
    if (strpbrk(plan->append, "\n\r"))
        plan_refuse(plan, VERDICT_ERROR, "--append has a line break in it");
    if (strchr(plan->append, '"') && plan->platform->kind == PLATFORM_DOMU)
        plan_refuse(plan, VERDICT_SKIP, "xl cannot pass a \" in --append");
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
        plan_refuse(plan, VERDICT_SKIP,
                    "Xen gives a PVH or HVM domain %d CPUs at most",
                    XEN_HVM_MAX_VCPUS);
}

static void check_disk(struct plan *plan, const char *path)
{
    char why[WHY_BYTES];

    if (path && !disk_alone(path, why))
        plan_refuse(plan, VERDICT_ERROR, "%s", why);
}

/* What QEMU's Multiboot loader gets must have names without blanks. */
static void plain_names(struct plan *plan)
{
    struct boot_options *options = &plan->options;
    const char *kernel = NULL;
    char why[WHY_BYTES] = "";
    bool good = true;

    if (plan->load == LOAD_XEN || plan->load == LOAD_SHIM) {
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
        plan_refuse(plan, VERDICT_ERROR, "%s", why);
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
    plan_refuse(plan, VERDICT_ERROR, "%s: %s", plan->kernel, why);
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
    plan_refuse(plan, VERDICT_SKIP, "%s", why);
    return false;
}

static void make_builtin(struct plan *plan, unsigned index)
{
    const struct boot_options *options = &plan->options;
    char why[WHY_BYTES];

    if (!needs_installed(plan->platform, options->uefi, why)) {
        plan_refuse(plan, VERDICT_SKIP, "%s", why);
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
    if (plan->platform->shim)
        plan->shim = needs_shim();
    pack_initrd(plan, index);
    plan_door(plan, index);
    if (plan->refused == VERDICT_PASS)
        refuse_if(plan, plan_rom_place(plan, index, why), why);
    if (plan->refused == VERDICT_PASS)
        plain_names(plan);
    if (plan->platform->kind == PLATFORM_DOMU && options->net_user)
        plan_refuse(plan, VERDICT_SKIP,
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
        plan_refuse(
            plan, VERDICT_SKIP,
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
        plan_refuse(plan, VERDICT_SKIP, "%s", skip);
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
    free(plan->shim);
    free(plan->reason);
    *plan = (struct plan){ 0 };
}
