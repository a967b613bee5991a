/* SPDX-License-Identifier: MIT */
/*
 * The platforms: in which machine a kernel finds itself, and how it gets
 * there. A shape, "PLATFORM~SHAPE", is a platform's other set of devices.
 */
#ifndef LAB_PLATFORM_H
#define LAB_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

enum platform_kind {
    PLATFORM_DIRECT, /* QEMU's software CPU runs the kernel */
    PLATFORM_DOM0,   /* Xen on it; the kernel is Xen's dom0 */
    PLATFORM_NESTED, /* QEMU with KVM inside an outer Linux */
    PLATFORM_DOMU,   /* xl inside an outer Linux that is Xen's dom0 */
};

/* The systems that serve nested boots; each is booted once a run. */
enum outer_kind {
    OUTER_NONE,
    OUTER_KVM,      /* Linux with kvm-amd */
    OUTER_KVM_UEFI, /* the same for guests with UEFI (docs/outer.md) */
    OUTER_XEN_PV,   /* Xen, Linux as its PV dom0: PV domUs */
    OUTER_XEN_PVH,  /* Xen on SVM, Linux as its PVH dom0: PVH and HVM domUs */
    OUTER_COUNT,
};

enum domain_kind { DOMAIN_NONE, DOMAIN_PV, DOMAIN_PVH, DOMAIN_HVM };

/* What is built with pvlab, and boots the kernel. */
#define PLATFORM_SHIM_FILE "shim.elf"

struct platform {
    const char *name;
    enum platform_kind kind;
    enum outer_kind outer;
    enum domain_kind domain;   /* under Xen, or the shim */
    const char *machine;       /* QEMU's -M: the guest's own, or dom0's */
    const char *cpu;           /* QEMU's -cpu */
    const char *extra[7];      /* further arguments of QEMU, NULL-terminated */
    const char *xen;           /* PLATFORM_DOM0: Xen's command line */
    const char *rom;           /* built with pvlab; NULL: none */
    const char *linux_console; /* console= for Linux */
    unsigned timeout_s;        /* default */
    unsigned mem_mib;          /* default */
    bool old_devices;          /* all that QEMU puts into a PC by default */
    bool uefi;                 /* firmware is always OVMF */
    bool shim;                 /* below the kernel there is the shim */
    bool no_vga;
    bool no_media;        /* no bus for disks, ISOs, network cards */
    const char *describe; /* what runs underneath */
    const char *limits;   /* what it does not imitate; NULL: nothing known */
};

extern const struct platform platforms[];
extern const size_t platform_count;

/* One of the above or of partial.h; NULL if there is none of that name. */
const struct platform *platform_find(const char *name);

/* The names of both, up to a NULL. */
const char *const *platform_names(void);

#endif /* LAB_PLATFORM_H */
