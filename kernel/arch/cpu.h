/* SPDX-License-Identifier: MIT */
/*
 * This CPU: its descriptors, its per-CPU area, its interrupt controllers.
 */
#ifndef PVK_ARCH_CPU_H
#define PVK_ARCH_CPU_H

#include <pvops/pvops.h>

/* GS.base (FS.base on i386) leads here; libpvops's part comes first. */
struct percpu {
    struct pvops_cpu pvops;
};

extern struct percpu boot_cpu;

/* The selectors of pvk's GDT, for pvops_setup(). */
extern const struct pvops_selectors cpu_own_selectors;

/* Context: after pvops_setup(), interrupts off. */
void cpu_load_descriptors(void);

/* True if a PC's ports may be touched: not in a Xen PV domain. */
bool cpu_has_ports(void);

#endif /* PVK_ARCH_CPU_H */
