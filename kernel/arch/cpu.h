/* SPDX-License-Identifier: MIT */
/*
 * This CPU: its descriptors, its per-CPU area, its interrupt controllers.
 */
#ifndef PVK_ARCH_CPU_H
#define PVK_ARCH_CPU_H

#include <pvops/cpu.h>
#include <pvops/pvops.h>

#include "arch/trap_abi.h"

/*
 * GS.base (FS.base on i386) leads here; libpvops's part comes first. What
 * follows is at offsets that assembly knows: arch/trap_abi.h.
 */
struct percpu {
    struct pvops_cpu pvops;
    uint8_t room[PERCPU_SCRATCH - sizeof(struct pvops_cpu)];
    uintptr_t syscall_scratch; /* RSP of a program that enters by SYSCALL */
    uintptr_t kernel_stack;    /* what it enters on */
};

extern struct percpu boot_cpu;

/* This CPU's, for pvops_cpu_set_kernel_stack(). */
void *cpu_tss(void);

/* What traps and system calls of user mode enter on. Interrupts are off. */
static inline void cpu_set_kernel_stack(uintptr_t top)
{
    boot_cpu.kernel_stack = top;
    pvops_cpu_set_kernel_stack(cpu_tss(), top);
}

/*
 * DS, ES and FS as a program begins with them: null. What another loaded is not
 * left in them.
 */
static inline void cpu_clear_user_selectors(void)
{
    __asm__ volatile("mov %0, %%ds\n\t"
                     "mov %0, %%es\n\t"
                     "mov %0, %%fs"
                     :
                     : "r"(0)
                     : "memory");
}

/* The selectors of pvk's GDT, for pvops_setup(). */
extern const struct pvops_selectors cpu_own_selectors;

/* Context: after pvops_setup(), interrupts off. */
void cpu_load_descriptors(void);

/* True if a PC's ports may be touched: not in a Xen PV domain. */
bool cpu_has_ports(void);

#endif /* PVK_ARCH_CPU_H */
