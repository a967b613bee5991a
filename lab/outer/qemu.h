/* SPDX-License-Identifier: MIT */
/*
 * The machine that an outer system is booted on: QEMU's command line.
 */
#ifndef LAB_OUTER_QEMU_H
#define LAB_OUTER_QEMU_H

#include "base/args.h"
#include "plan/plan.h"

struct outer_machine {
    enum outer_kind kind;
    const char *kernel, *initramfs; /* names without blanks */
    const char *console;            /* file for what it prints */
    const char *counts;             /* NULL: nothing is counted */
    const struct plan *first;       /* whose gdb port and counts these are */
    const struct args *disks;       /* files for /dev/vda, /dev/vdb, ... */
    unsigned guest_mem_mib;         /* of the largest guest */
    unsigned tsc_khz;               /* of its CPU; 0: not known */
    int agent_fd;                   /* socket whose other end asks the agent */
};

void outer_qemu(struct args *args, const struct outer_machine *machine);

#endif /* LAB_OUTER_QEMU_H */
