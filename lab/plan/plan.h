/* SPDX-License-Identifier: MIT */
/*
 * How one kernel gets onto one platform: decided before anything is started,
 * so that what cannot be is a SKIP with its reason and costs nothing.
 */
#ifndef LAB_PLAN_H
#define LAB_PLAN_H

#include "base/dirs.h"
#include "base/verdict.h"
#include "config/config.h"
#include "config/options.h"
#include "image/guest_rom.h"
#include "image/image.h"
#include "platform/platform.h"
#include "where/where.h"

enum load {
    LOAD_QEMU,     /* QEMU's -kernel: PVH, Multiboot1, Linux */
    LOAD_FIRMWARE, /* the firmware boots an ISO or a disk */
    LOAD_XEN,      /* Xen's dom0 builder */
    LOAD_SHIM,     /* the shim's */
    LOAD_XL,       /* xl's domain builder */
    LOAD_CUSTOM,   /* the user's launcher */
};

struct plan {
    const struct platform *platform;      /* NULL: a custom one */
    const struct custom_platform *custom; /* NULL: a built-in one */
    const char *name;
    const char *label; /* which of several kernels; NULL: there is one */
    struct boot_options options; /* as they hold for this platform */
    struct image image;
    enum load load;
    unsigned door;         /* the one of DOOR_* that is taken */
    bool accel_kvm;        /* this machine's KVM runs it */
    enum outer_kind outer; /* the system it is run in */
    char *kernel;          /* file for -kernel, Xen or xl; NULL: none */
    char *initrd;          /* packed initrd for it; NULL: none */
    bool packed;           /* that one is all modules, by any loader */
    char *append;          /* never NULL */
    char *cdrom;           /* ISO to boot from or beside; NULL: none */
    char *boot_disk;       /* disk image that is the kernel; NULL: none */
    char *own_rom;         /* the platform's ROM; NULL: it has none */
    struct guest_rom rom;  /* that or --rom's */
    char *acpi_table;      /* for the machine's ACPI tables; NULL: none */
    char *firmware;        /* in the place of QEMU's SeaBIOS; NULL: that */
    char *shim;            /* what boots the kernel; NULL: no shim */
    unsigned cpus, mem_mib, timeout_s;
    /*
     * A guest that has said its hypervisor hangs if it prints no more for that
     * long, however long firmware and loader took before; 0: the time-out
     * alone tells. For tests, whose guests hang by design.
     */
    unsigned silence_s;
    /* --where: as many as options.from_count. */
    struct where_pair pairs[OPTIONS_MAX_PLACES];

    enum verdict refused; /* not PASS: nothing is started */
    char *reason;         /* why refused */
    bool unfetched; /* for nothing but a component that cache_need() fetches */
};

/*
 * Decide. 'skip' is a reason given in pvlab.yaml, or NULL. 'index' is unique
 * to this boot and names its files in the temporary folder.
 *
 * Errors: 'refused' and 'reason' in the plan.
 */
void plan_make(struct plan *plan, const struct platform *platform,
               const struct custom_platform *custom,
               const struct boot_options *options, const char *skip,
               unsigned index);

/* Unless it was refused before: the first reason is the one that is told. */
__attribute__((format(printf, 3, 4))) void
plan_refuse(struct plan *plan, enum verdict verdict, const char *format, ...);

void plan_release(struct plan *plan);

/*
 * SHA-256 of the file at KERNEL, of "debian" the cached vmlinuz; "" if there is
 * none that can be read.
 */
void plan_hash(const char *kernel, char text[65]);

/* Is KERNEL the word for Debian's own linux-image? */
bool plan_is_debian(const char *kernel);

#endif /* LAB_PLAN_H */
