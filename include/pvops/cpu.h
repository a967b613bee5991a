/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables, stacks, the way into and out of an exception.
 *
 * Tier full. Before pvops_setup() calling any of them panics with its name.
 * With PVOPS_FULL=0 none does: they call what bare metal does; load_gdt needs
 * the selectors, and so pvops_setup(), all the same.
 *
 * Under Xen PV the kernel runs in ring 3: selectors come from
 * pvops_cpu_selectors(), never from a constant of the kernel's. User mode is
 * ring 3 too, on a root without the kernel's half (mmu.h).
 */
#ifndef PVOPS_CPU_H
#define PVOPS_CPU_H

#include <pvops/site.h>
#include <pvops/types.h>

PVOPS_BEGIN_DECLS

/* Selectors, with the privilege level that the kernel really has. */
struct pvops_selectors {
    uint16_t kernel_cs;
    uint16_t kernel_ss;
    uint16_t user_cs; /* 64-bit on x86-64 */
    uint16_t user_ss;
};

/* One pointer an op; filled by pvops_setup(). */
struct pvops_cpu_table {
    /* asm class: asm.h says how. */
    void (*entry)(void);
    void (*iret)(void);
    void (*swapgs)(void);
    void (*sysret)(void);
    PVOPS_OP_CALL void (*set_kernel_stack)(void *tss, uintptr_t stack);
    PVOPS_OP_CALL void (*set_fs_base)(uintptr_t base);
    PVOPS_OP_CALL uintptr_t (*read_fs_base)(void);
    PVOPS_OP_CALL void (*load_gdt)(void *gdt, unsigned bytes);
    PVOPS_OP_CALL void (*load_idt)(const void *idt, unsigned bytes);
    PVOPS_OP_CALL void (*load_tr)(unsigned selector);
    PVOPS_OP_CALL void (*set_percpu_base)(uintptr_t base);
    PVOPS_OP_CALL void (*set_syscall_entry)(uintptr_t syscall,
                                            uintptr_t hypervisor);
    PVOPS_OP_CALL uint64_t (*enable_xstate)(uint64_t features);
    PVOPS_OP_CALL void (*cpuid)(uint32_t leaf, uint32_t subleaf,
                                uint32_t out_regs[4]);
    PVOPS_OP_CALL uint64_t (*read_msr)(uint32_t msr);
    PVOPS_OP_CALL void (*write_msr)(uint32_t msr, const uint64_t *value);
};

/* Context: written by pvops_setup() alone. */
extern struct pvops_cpu_table pvops_cpu_table;

/*
 * The selectors that this kernel's GDT must have, and use. Native: the
 * embedder's own, as given to pvops_setup(). Context: after pvops_setup().
 */
const struct pvops_selectors *pvops_cpu_selectors(void);

/*
 * Whether the saved CS of an exception frame is user mode's.
 *
 * Holds for frames as asm.h's PVOPS_ASM_ENTRY leaves them. Context: any.
 */
static inline bool pvops_frame_is_user(uintptr_t saved_cs)
{
    return (saved_cs & 3) != 0;
}

/*
 * Load a GDT of 'bytes', which fills whole pages of its own: it begins on a
 * page, and nothing else is stored in its pages. Xen PV makes them read-only,
 * for good, and takes TSS and LDT descriptors out. The segment registers but
 * FS and GS are reloaded with pvops_cpu_selectors(). At most 14 pages.
 *
 * Class:   cold.
 * Context: interrupts off; this CPU.
 * Native:  LGDT, reload of CS, SS, DS, ES.
 */
static inline void pvops_cpu_load_gdt(void *gdt, unsigned bytes)
{
    pvops_cpu_table.load_gdt(gdt, bytes);
}

/*
 * Load an IDT of native gates. Xen PV converts them; one it cannot have (a
 * task gate, an IST) panics. Interrupt gates and trap gates keep their meaning,
 * but INT 80h has no handler if user mode may not use it: Xen would let it.
 * 'idt' may be changed after the call only on bare metal: call again. Kept:
 * events of Xen PV, which have no vector, enter the very stub that 'idt' names
 * for the event vector of pvops_cpu_setup().
 *
 * Class:   cold.
 * Context: interrupts off; this CPU.
 * Native:  LIDT.
 */
static inline void pvops_cpu_load_idt(const void *idt, unsigned bytes)
{
    pvops_cpu_table.load_idt(idt, bytes);
}

/* Class: cold. Native: LTR. Xen PV: nothing. Context: after load_gdt. */
static inline void pvops_cpu_load_tr(unsigned selector)
{
    pvops_cpu_table.load_tr(selector);
}

/*
 * The stack that an exception in user mode starts on, and under Xen PV a system
 * call too: SYSCALL on bare metal looks at the word 'stack' of asm.h's
 * PVOPS_ASM_SYSCALL_ENTRY instead, so store both at each change of process. May
 * be delayed by a batch (mmu.h).
 *
 * Class:   hot, C's convention.
 * Native:  stores 'stack' to RSP0 (ESP0) of the TSS at 'tss'.
 * Context: preemption off.
 */
static inline void pvops_cpu_set_kernel_stack(void *tss, uintptr_t stack)
{
#if PVOPS_FULL
    PVOPS_SITE_2("pvops_cpu_table", cpu_set_kernel_stack, tss, stack);
#else
    __asm__ volatile("mov %1, 4(%0)" : : "r"(tss), "r"(stack) : "memory");
#endif
}

#ifdef __x86_64__
/*
 * FS.base, with which user mode finds its thread-local storage. Not for a
 * kernel whose PVOPS_CPU_SEGMENT is FS.
 *
 * Class:   hot, C's convention.
 * Native:  WRFSBASE with PVOPS_CAP_USER_BASES, else WRMSR.
 * Context: preemption off; a further CPU after its pvops_cpu_setup().
 */
static inline void pvops_cpu_set_fs_base(uintptr_t base)
{
#if PVOPS_FULL
    PVOPS_SITE_1("pvops_cpu_table", cpu_set_fs_base, base);
#else
    pvops_cpu_table.set_fs_base(base);
#endif
}

/*
 * With PVOPS_CAP_USER_BASES user mode can change the base itself: read it when
 * you switch. Class: cold. Native: RDFSBASE or RDMSR. Context: preemption off.
 */
static inline uintptr_t pvops_cpu_read_fs_base(void)
{
    return pvops_cpu_table.read_fs_base();
}

/*
 * Where SYSCALL of 64-bit user mode enters: the two labels that asm.h's
 * PVOPS_ASM_SYSCALL_ENTRY makes. In the GDT the user's data segment is directly
 * before its code segment, and the kernel's data segment directly behind the
 * kernel's code segment.
 *
 * Class:   cold.
 * Native:  WRMSR of STAR, LSTAR and SFMASK (IF, DF, TF, AC, NT are cleared),
 *          EFER.SCE set; CSTAR, so that SYSCALL of 32-bit code, which only
 *          AMD's CPUs have, comes back with -1. The selectors are those given
 *          to pvops_setup(); an order of theirs that SYSRET cannot have panics.
 * Context: that CPU, interrupts off.
 */
static inline void pvops_cpu_set_syscall_entry(void (*syscall)(void),
                                               void (*hypervisor)(void))
{
    pvops_cpu_table.set_syscall_entry((uintptr_t)syscall,
                                      (uintptr_t)hypervisor);
}
#endif

/* Bits of XCR0. Source: Intel SDM volume 1, 13.1. */
#define PVOPS_XSTATE_X87 1u
#define PVOPS_XSTATE_SSE 2u
#define PVOPS_XSTATE_AVX 4u

/*
 * Let programs use as much of 'features' (bits of XCR0; UINT64_MAX: all) as the
 * CPU and the hypervisor offer. Returns XCR0 as it is now; 0 if there is no
 * XSAVE that works: x87 and SSE may be used then, by FXSAVE, if CPUID shows it.
 * Under Xen PV programs see OSXSAVE whether this was called or not: whoever
 * runs programs there saves what this returns. CPUID 0Dh tells how many bytes
 * that is.
 *
 * Class:   cold.
 * Native:  CR4.OSFXSR, OSXMMEXCPT and OSXSAVE set, CR0.EM and TS cleared, MP
 *          set, XSETBV.
 * Context: that CPU, interrupts off.
 */
static inline uint64_t pvops_cpu_enable_xstate(uint64_t features)
{
    return pvops_cpu_table.enable_xstate(features);
}

/*
 * Base of PVOPS_CPU_SEGMENT: this CPU's per-CPU area.
 *
 * Class:   cold.
 * Native:  WRMSR of GS.base or FS.base on x86-64. On i386 the base is in the
 *          embedder's GDT: nothing is done.
 */
static inline void pvops_cpu_set_percpu_base(uintptr_t base)
{
    pvops_cpu_table.set_percpu_base(base);
}

/*
 * CPUID as the hypervisor means it; 'out_regs' is EAX, EBX, ECX, EDX.
 *
 * Class:   cold.
 * Native:  CPUID.
 */
static inline void pvops_cpu_cpuid(uint32_t leaf, uint32_t subleaf,
                                   uint32_t out_regs[4])
{
    pvops_cpu_table.cpuid(leaf, subleaf, out_regs);
}

/* Class: cold. Native: RDMSR; the caller knows that the MSR is there. */
static inline uint64_t pvops_cpu_read_msr(uint32_t msr)
{
    return pvops_cpu_table.read_msr(msr);
}

/* Class: cold. Native: WRMSR; the caller knows that the MSR is there. */
static inline void pvops_cpu_write_msr(uint32_t msr, uint64_t value)
{
    pvops_cpu_table.write_msr(msr, &value);
}

PVOPS_END_DECLS

#endif /* PVOPS_CPU_H */
