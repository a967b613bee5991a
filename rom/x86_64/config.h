/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How libpvops is compiled for a ROM: this CPU's struct pvops_cpu is the area
 * that the header asks the kernel for, and there is no ROM in a ROM.
 */
#ifndef ROM_CONFIG_H
#define ROM_CONFIG_H

#define PVOPS_FULL        1
#define PVOPS_VMI         0
#define PVOPS_CPU_SEGMENT gs

/* Where a kernel with libpvops has it: rom_ of its struct pvops_cpu. */
#define PVOPS_CPU_OFFSET 64
#define ROM_CPU_SEGMENT  'g'
#define ROM_CPU_BYTES    3200 /* rom.c asserts it */

#define PVOPS_BACKENDS_HEADER "rom/x86_64/backends.def"

#endif /* ROM_CONFIG_H */
