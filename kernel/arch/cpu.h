/* SPDX-License-Identifier: MIT */
/*
 * This CPU: its descriptors, its per-CPU area, its interrupt controllers.
 */
#ifndef PVK_ARCH_CPU_H
#define PVK_ARCH_CPU_H

#include <pvops/cpu.h>
#include <pvops/pvops.h>

#include "arch/trap_abi.h"

/* More are left alone. */
enum { CPU_MOST = 8 };

struct call;
struct process;
struct space;

/*
 * GS.base (FS.base on i386) leads here; libpvops's part comes first. What
 * follows is at offsets that assembly knows: arch/trap_abi.h. A further CPU's
 * is all zero before it starts for the first time.
 */
struct percpu {
    struct pvops_cpu pvops;
    uint8_t room[PERCPU_SELF - sizeof(struct pvops_cpu)];
    struct percpu *self;
    uintptr_t syscall_scratch; /* RSP of a program that enters by SYSCALL */
    uintptr_t kernel_stack;    /* what it enters on */
    void *tss;
    unsigned index;

    /* core/deadline.c */
    uint64_t (*deadline_handler)(uint64_t at_ns);
    uint64_t deadline_due_ns;

    /* core/idle.c: the deadline that is kept while it halts. */
    uint64_t (*idle_handler)(uint64_t at_ns);
    uint64_t idle_due_ns;

    /* core/cpus.c and core/call.c: what another CPU writes too. */
    volatile unsigned state;
    volatile bool stop;
    void (*work)(void *argument);
    void *work_argument;
    volatile bool begun; /* with 'work' */
    struct call *call;

    /* mm/space.c and proc/sched.c: x86-64. */
    struct space *space;      /* the active one; NULL: the kernel's own root */
    struct process *process;  /* that has this CPU; NULL: it is idle */
    struct process *sleepers; /* those with a wake_ns; by 'sleep_next' */
    uint64_t slice_end_ns;    /* 0: no slice runs */
    uint64_t fs_base;         /* what FS.base is, or was set to last */
    uintptr_t idle_sp;        /* while a process runs */
    volatile bool timer_came;
};

/* CPU 'index'. */
struct percpu *cpu_at(unsigned index);

/*
 * This CPU's. Context: after cpu_load_descriptors(); what it returns is another
 * CPU's once the process that asked was switched.
 */
static inline struct percpu *this_cpu(void)
{
    struct percpu *cpu;

#ifdef __x86_64__
    __asm__ volatile("mov %%gs:%c1, %0" : "=r"(cpu) : "i"(PERCPU_SELF));
#else
    __asm__ volatile("mov %%fs:%c1, %0" : "=r"(cpu) : "i"(PERCPU_SELF));
#endif
    return cpu;
}

/* What traps and system calls of user mode enter on. Interrupts are off. */
static inline void cpu_set_kernel_stack(uintptr_t top)
{
    struct percpu *cpu = this_cpu();

    cpu->kernel_stack = top;
    pvops_cpu_set_kernel_stack(cpu->tss, top);
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

/* This CPU's, which is number 'index'. After pvops_setup(), interrupts off. */
void cpu_load_descriptors(unsigned index);

/*
 * "x2apic" on the command line: this CPU's local APIC goes into that mode, if
 * it has it; a loader leaves it as the firmware did. Context: every CPU, before
 * its pvops_cpu_setup().
 */
void cpu_use_x2apic(void);

/* True if a PC's ports may be touched: not in a Xen PV domain. */
bool cpu_has_ports(void);

#endif /* PVK_ARCH_CPU_H */
