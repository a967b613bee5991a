/* SPDX-License-Identifier: MIT */
/*
 * This CPU's interrupt flag, and waiting for an interrupt.
 *
 * Tier full. Before pvops_setup() calling any of them panics with its name.
 * With PVOPS_FULL=0 none does: every function is the plain instruction.
 */
#ifndef PVOPS_IRQ_H
#define PVOPS_IRQ_H

#include <pvops/site.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/* RFLAGS.IF, the one bit of the flags that means something here. */
#define PVOPS_IRQ_IF 0x200u

/*
 * save_flags, disable and enable are of the quick convention (site.h): write
 * them in assembly, or behind a thunk.
 */
struct pvops_irq_table {
    PVOPS_OP_CALL uintptr_t (*save_flags)(void);
    PVOPS_OP_CALL void (*disable)(void);
    PVOPS_OP_CALL void (*enable)(void);
    PVOPS_OP_CALL void (*safe_halt)(void);
    PVOPS_OP_CALL void (*halt)(void);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_irq_table pvops_irq_table;

/*
 * The flags; only PVOPS_IRQ_IF of the result means something: set if
 * interrupts are on.
 *
 * Class:   hot.
 * Context: any, NMI included.
 * Native:  PUSHF, POP.
 */
static inline uintptr_t pvops_irq_save_flags(void)
{
    uintptr_t flags;

#if PVOPS_FULL
    PVOPS_QUICK_SITE_0("pvops_irq_table", irq_save_flags, flags);
#else
    __asm__ volatile("pushf\n\tpop %0" : "=r"(flags) : : "memory");
#endif
    return flags;
}

/*
 * No interrupt arrives on this CPU until pvops_irq_enable().
 *
 * Class:   hot.
 * Context: any, NMI included.
 * Native:  CLI.
 */
static inline void pvops_irq_disable(void)
{
#if PVOPS_FULL
    PVOPS_QUICK_SITE("pvops_irq_table", irq_disable);
#else
    __asm__ volatile("cli" : : : "memory");
#endif
}

/*
 * Interrupts arrive again; one that waited arrives at once.
 *
 * Class:   hot.
 * Context: not NMI.
 * Native:  STI. The one-instruction shadow of STI is not promised: use
 *          pvops_irq_safe_halt() to enable and wait.
 */
static inline void pvops_irq_enable(void)
{
#if PVOPS_FULL
    PVOPS_QUICK_SITE("pvops_irq_table", irq_enable);
#else
    __asm__ volatile("sti" : : : "memory");
#endif
}

/* Interrupts off; what pvops_irq_restore() wants back. Context: any. */
static inline uintptr_t pvops_irq_save(void)
{
    uintptr_t flags = pvops_irq_save_flags();

    pvops_irq_disable();
    return flags;
}

/* As they were at the pvops_irq_save() that returned 'flags'. */
static inline void pvops_irq_restore(uintptr_t flags)
{
    if (flags & PVOPS_IRQ_IF)
        pvops_irq_enable();
}

/*
 * Interrupts on and wait for one, with no gap between the two.
 *
 * Class:   cold. Returns with interrupts on.
 * Context: interrupts off.
 * Native:  STI, HLT.
 */
static inline void pvops_irq_safe_halt(void)
{
#if PVOPS_FULL
    pvops_irq_table.safe_halt();
#else
    __asm__ volatile("sti\n\thlt" : : : "memory");
#endif
}

/*
 * Wait without letting an interrupt in: the end of this CPU.
 *
 * Class:   cold.
 * Context: interrupts off.
 * Native:  HLT.
 */
static inline void pvops_irq_halt(void)
{
#if PVOPS_FULL
    pvops_irq_table.halt();
#else
    __asm__ volatile("hlt" : : : "memory");
#endif
}

PVOPS_END_DECLS

#endif /* PVOPS_IRQ_H */
