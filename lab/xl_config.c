/* SPDX-License-Identifier: MIT */
/*
 * A domain for xl. The agent wants a domain that has ended to stay, so that
 * it can read why (agent/domain.c); it destroys it itself.
 *
 * Source: xl.cfg(5) of Xen 4.17.
 */
#include "xl_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/protocol.h"

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

static void disk(FILE *out, const char **comma, const char *target,
                 const char *device, const char *more)
{
    if (!target)
        return;
    /* qdisk: QEMU serves it, so no hotplug script of Linux's is needed. */
    fprintf(out, "%s'format=raw,backendtype=qdisk,vdev=%s,%s,target=%s'",
            *comma, device, more, target);
    *comma = ",";
}

/* Emulated names for HVM, xvd for the others. */
static void disks(FILE *out, const struct plan *plan,
                  const struct qemu_files *files)
{
    bool hvm = plan->platform->domain == DOMAIN_HVM;
    const char *comma = "";

    fputs("disk=[", out);
    disk(out, &comma, files->boot_disk, hvm ? "hda" : "xvda", "access=rw");
    disk(out, &comma, files->disk, hvm ? "hdb" : "xvdb", "access=rw");
    disk(out, &comma, files->cdrom, hvm ? "hdc" : "xvdc",
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
        fprintf(out,
                "serial=\"unix:" AGENT_SERIAL_SOCKET ",server=on,wait=off\"\n"
                "boot=\"%s\"\nvga=\"none\"\nvnc=0\nsdl=0\nnographic=1\n"
                "usb=0\nxen_platform_pci=1\n",
                files->boot_disk ? "c" : "d");
        if (plan->options.uefi)
            string(out, "bios", "ovmf");
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
