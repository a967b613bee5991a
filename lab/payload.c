/* SPDX-License-Identifier: MIT */
/*
 * Files and disks for an outer system; one that several boots use goes in
 * once.
 */
#include "payload.h"

#include <stdio.h>
#include <string.h>

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

static void add_file(struct payload *payload, const char *path)
{
    size_t i;

    if (!path)
        return;
    i = find(&payload->files, path);
    if (i < payload->files.count)
        return;
    args_add(&payload->files, "%s", path);
    args_add(&payload->places, "/boot/f%zu", i);
}

static void add_disk(struct payload *payload, const char *path)
{
    if (path && find(&payload->disks, path) == payload->disks.count)
        args_add(&payload->disks, "%s", path);
}

bool payload_add(struct payload *payload, const struct plan *plan)
{
    struct qemu_files files;

    if (payload->disks.count + PLAN_MAX_DISKS > PAYLOAD_MAX_DISKS)
        return false;
    qemu_files_here(&files, plan);
    add_file(payload, files.kernel);
    add_file(payload, files.initrd);
    for (size_t i = 0; files.modules[i]; i++)
        add_file(payload, files.modules[i]);
    if (plan->options.uefi || plan->platform->uefi) {
        add_file(payload, files.ovmf_code);
        add_file(payload, files.ovmf_vars);
    }
    add_disk(payload, files.cdrom);
    add_disk(payload, files.boot_disk);
    add_disk(payload, files.disk);
    return true;
}

void payload_pack(const struct payload *payload, struct newc *newc)
{
    for (size_t i = 0; i < payload->files.count; i++)
        newc_file(newc, payload->places.v[i] + 1, 0644, payload->files.v[i]);
}

static const char *inside(const struct payload *payload, const char *path)
{
    size_t i;

    if (!path)
        return NULL;
    i = find(&payload->files, path);
    if (i < payload->files.count)
        return payload->places.v[i];
    i = find(&payload->disks, path);
    return i < payload->disks.count ? disk_names[i] : NULL;
}

void payload_files(const struct payload *payload, const struct plan *plan,
                   struct qemu_files *out_files)
{
    struct qemu_files here;

    qemu_files_here(&here, plan);
    *out_files = (struct qemu_files){
        .kernel = inside(payload, here.kernel),
        .initrd = inside(payload, here.initrd),
        .cdrom = inside(payload, here.cdrom),
        .boot_disk = inside(payload, here.boot_disk),
        .disk = inside(payload, here.disk),
        .ovmf_code = inside(payload, here.ovmf_code),
        .ovmf_vars = inside(payload, here.ovmf_vars),
    };
    for (size_t i = 0; here.modules[i]; i++)
        out_files->modules[i] = inside(payload, here.modules[i]);
}

void payload_free(struct payload *payload)
{
    args_free(&payload->files);
    args_free(&payload->places);
    args_free(&payload->disks);
}
