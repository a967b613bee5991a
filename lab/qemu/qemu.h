/* SPDX-License-Identifier: MIT */
/*
 * QEMU's command lines.
 */
#ifndef LAB_QEMU_H
#define LAB_QEMU_H

#include "base/args.h"
#include "plan/plan.h"

/* The plan's files as the QEMU that opens them sees them; NULL: none. */
struct qemu_files {
    const char *kernel;
    const char *initrd;
    const char *modules[OPTIONS_MAX_MODULES + 1]; /* Multiboot1's */
    const char *cdrom;
    const char *boot_disk;
    const char *disk;
    const char *ovmf_code;
    const char *ovmf_vars;
    const char *ovmf; /* ovmf_image() of both, in their place */
    const char *option_rom;
    const char *acpi_table;
    const char *firmware; /* plan.firmware */
    const char *shim;     /* plan.shim */
};

/* The plan's own paths: those of this machine. */
void qemu_files_here(struct qemu_files *files, const struct plan *plan);

/*
 * A guest in QEMU on this machine: by itself, with Xen below it, or under
 * this machine's KVM. 'monitor_fd' is QEMU's end of the monitor's socket,
 * 'trouble' a file for QEMU's report of CPU resets, 'counts' as below.
 */
void qemu_direct(struct args *args, const struct plan *plan, int monitor_fd,
                 const char *trouble, const char *counts);

/* A guest in a QEMU with KVM inside the outer system. */
void qemu_nested(struct args *args, const struct plan *plan,
                 const struct qemu_files *files);

/* What every QEMU on this machine is given to keep it to itself. */
void qemu_confine(struct args *args);

/*
 * -accel and what --icount and --where ask for: 'counts' is the plan's
 * count_path(), or NULL.
 */
void qemu_count(struct args *args, const struct plan *plan, const char *counts);

/*
 * A drive from 'file', as the QEMU that opens it calls it; 'here' is what it
 * is called on this machine, where it is looked at: qcow2 or raw.
 */
void qemu_drive(struct args *args, const char *file, const char *here,
                const char *options);

#endif /* LAB_QEMU_H */
