/* SPDX-License-Identifier: MIT */
/*
 * Files and disks for an outer system; a file that several boots use goes in
 * once.
 */
#include "outer/payload.h"

#include <stdlib.h>
#include <string.h>

#include "platform/needs.h"
#include "qemu/ovmf.h"

/* Inside, behind a slash. */
#define OVMF_NAME "boot/ovmf"

/* ISO, disk that is the kernel, further disk. */
enum { PLAN_MAX_DISKS = 3 };

static const char *const disk_names[PAYLOAD_MAX_DISKS] = {
    "/dev/vda", "/dev/vdb", "/dev/vdc", "/dev/vdd", "/dev/vde",
    "/dev/vdf", "/dev/vdg", "/dev/vdh", "/dev/vdi", "/dev/vdj",
    "/dev/vdk", "/dev/vdl", "/dev/vdm", "/dev/vdn", "/dev/vdo",
    "/dev/vdp", "/dev/vdq", "/dev/vdr", "/dev/vds", "/dev/vdt",
};

/* The index of 'path' in the list, or the list's size. */
static size_t find(const struct args *list, const char *path)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (!strcmp(list->v[i], path))
            break;
    }
    return i;
}

static const char *add_file(struct payload *payload, const char *path)
{
    size_t i;

    if (!path)
        return NULL;
    i = find(&payload->files, path);
    if (i == payload->files.count) {
        args_add(&payload->files, "%s", path);
        args_add(&payload->places, "/boot/f%zu", i);
    }
    return payload->places.v[i];
}

static const char *add_disk(struct payload *payload, const char *path, bool own)
{
    size_t i;

    if (!path)
        return NULL;
    i = own ? payload->disks.count : find(&payload->disks, path);
    if (i == payload->disks.count)
        args_add(&payload->disks, "%s", path);
    return disk_names[i];
}

bool payload_add(struct payload *payload, const struct plan *plan,
                 struct qemu_files *out_files)
{
    bool own = plan->platform->kind == PLATFORM_DOMU;
    struct qemu_files here;

    *out_files = (struct qemu_files){ 0 };
    if (payload->disks.count + PLAN_MAX_DISKS > PAYLOAD_MAX_DISKS)
        return false;
    qemu_files_here(&here, plan);
    out_files->kernel = add_file(payload, here.kernel);
    out_files->initrd = add_file(payload, here.initrd);
    for (size_t i = 0; here.modules[i]; i++)
        out_files->modules[i] = add_file(payload, here.modules[i]);
    out_files->option_rom = add_file(payload, here.option_rom);
    out_files->acpi_table = add_file(payload, here.acpi_table);
    out_files->firmware = add_file(payload, here.firmware);
    out_files->shim = add_file(payload, here.shim);
    if (plan->options.uefi || plan->platform->uefi) {
        out_files->ovmf = "/" OVMF_NAME;
        payload->uefi = true;
    }
    out_files->cdrom = add_disk(payload, here.cdrom, own);
    out_files->boot_disk = add_disk(payload, here.boot_disk, own);
    out_files->disk = add_disk(payload, here.disk, own);
    return true;
}

bool payload_pack(const struct payload *payload, struct newc *newc,
                  char why[WHY_BYTES])
{
    uint8_t *ovmf;

    for (size_t i = 0; i < payload->files.count; i++)
        newc_file(newc, payload->places.v[i] + 1, 0644, payload->files.v[i]);
    if (!payload->uefi)
        return true;
    ovmf = ovmf_image(needs_ovmf_code(), needs_ovmf_vars(), why);
    if (!ovmf)
        return false;
    newc_bytes(newc, OVMF_NAME, 0644, ovmf, OVMF_BYTES);
    free(ovmf);
    return true;
}

void payload_free(struct payload *payload)
{
    args_free(&payload->files);
    args_free(&payload->places);
    args_free(&payload->disks);
}
