/* SPDX-License-Identifier: MIT */
/*
 * A domain for xl. The agent wants a domain that has ended to stay, so that
 * it can read why (agent/domain.c); it destroys it itself.
 *
 * Source: xl.cfg(5) of Xen 4.17.
 */
#include "outer/xl_config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/protocol.h"
#include "image/disk.h"

static const char *type_of(const struct plan *plan)
{
    switch (plan->platform->domain) {
    case DOMAIN_PV:
        return "pv";
    case DOMAIN_PVH:
        return "pvh";
    case DOMAIN_HVM:
    case DOMAIN_NONE:
        break;
    }
    return "hvm";
}

/* A string of xl's: the backslash is its one special character inside ". */
static void string(FILE *out, const char *key, const char *text)
{
    fprintf(out, "%s=\"", key);
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputs("\"\n", out);
}

/* 'here' is the file on this machine behind 'target'. */
static void disk(FILE *out, const char **comma, const char *target,
                 const char *here, const char *device, const char *more)
{
    if (!target)
        return;
    /* qdisk: QEMU serves it, so no hotplug script of Linux's is needed. */
    fprintf(out, "%s'format=%s,backendtype=qdisk,vdev=%s,%s,target=%s'", *comma,
            disk_format(here), device, more, target);
    *comma = ",";
}

/*
 * A CD image that has a boot sector as well, as those of grub-mkrescue and
 * most distributions have. Source: UEFI specification 2.10, 5.2.1.
 */
static bool hybrid(const char *iso)
{
    FILE *file = fopen(iso, "re");
    unsigned char mark[2] = { 0 };
    bool found = file && fseek(file, 510, SEEK_SET) == 0 &&
                 fread(mark, 1, 2, file) == 2 && mark[0] == 0x55 &&
                 mark[1] == 0xaa;

    if (file)
        fclose(file);
    return found;
}

/*
 * HVM sees AHCI disks. A hybrid ISO is one too, since the IDE CD-ROM is read
 * by programmed I/O, with an exit for each word (docs/outer.md). Others see
 * Xen's.
 */
static void disks(FILE *out, const struct plan *plan,
                  const struct qemu_files *files)
{
    bool hvm = plan->platform->domain == DOMAIN_HVM;
    bool iso_disk =
        hvm && files->cdrom && !files->boot_disk && hybrid(plan->cdrom);
    const char *comma = "";

    if (hvm)
        fprintf(out, "hdtype=\"ahci\"\nboot=\"%s\"\n",
                files->boot_disk || iso_disk ? "c" : "d");
    fputs("disk=[", out);
    disk(out, &comma, files->boot_disk, plan->boot_disk, hvm ? "hda" : "xvda",
         "access=rw");
    disk(out, &comma, files->disk, plan->options.disk, hvm ? "hdb" : "xvdb",
         "access=rw");
    if (iso_disk)
        disk(out, &comma, files->cdrom, plan->cdrom, "hda", "access=rw");
    else
        disk(out, &comma, files->cdrom, plan->cdrom, hvm ? "hdc" : "xvdc",
             hvm ? "access=ro,devtype=cdrom" : "access=ro");
    fputs("]\n", out);
}

char *xl_config(const struct plan *plan, const struct qemu_files *files)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    fprintf(out, "name=\"guest\"\ntype=\"%s\"\nmemory=%u\nvcpus=%u\n",
            type_of(plan), plan->mem_mib, plan->cpus);
    if (plan->load == LOAD_XL) {
        string(out, "kernel", files->kernel);
        if (files->initrd)
            string(out, "ramdisk", files->initrd);
        string(out, "cmdline", plan->append);
    } else {
        fputs("serial=\"unix:" AGENT_SERIAL_SOCKET ",server=on,wait=off\"\n"
              "vga=\"none\"\nvnc=0\nsdl=0\nnographic=1\nusb=0\n"
              "xen_platform_pci=1\n",
              out);
        if (files->acpi_table)
            string(out, "acpi_firmware", files->acpi_table);
    }
    disks(out, plan, files);
    fputs("on_poweroff=\"preserve\"\non_reboot=\"preserve\"\n"
          "on_crash=\"preserve\"\non_watchdog=\"preserve\"\n"
          "on_soft_reset=\"preserve\"\n",
          out);
    if (fclose(out))
        abort();
    return text;
}
