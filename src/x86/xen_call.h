/* SPDX-License-Identifier: MIT */
/*
 * The instructions by which a domain calls Xen. No hypercall page is needed:
 * there is nothing else in it.
 *
 * An argument that is an address is linear, in whatever mode the CPU is. Xen
 * may change the registers of the arguments.
 *
 * Source: Xen 4.17 xen/include/public/arch-x86/xen-x86_{32,64}.h;
 *         xen/arch/x86/{pv/hypercall.c,hvm/vmx/vmx.c,hvm/svm/svm.c} (what Xen
 *         writes into a hypercall page).
 */
#ifndef X86_XEN_CALL_H
#define X86_XEN_CALL_H

/* "memory": Xen reads and writes what the arguments point to. */
#ifdef __x86_64__
#define X86_XEN_CALL(instruction)                                              \
    register unsigned long r10 __asm__("r10") = a4;                            \
                                                                               \
    __asm__ volatile(instruction                                               \
                     : "+a"(number), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10)   \
                     :                                                         \
                     : "rcx", "r8", "r9", "r11", "memory", "cc");              \
    return (long)number
#else
#define X86_XEN_CALL(instruction)                                              \
    __asm__ volatile(instruction                                               \
                     : "+a"(number), "+b"(a1), "+c"(a2), "+d"(a3), "+S"(a4)    \
                     :                                                         \
                     : "edi", "memory", "cc");                                 \
    return (long)number
#endif

/* HVM and PVH on Intel's CPUs; on others an undefined opcode. */
static inline long x86_xen_vmcall(unsigned long number, unsigned long a1,
                                  unsigned long a2, unsigned long a3,
                                  unsigned long a4)
{
    X86_XEN_CALL("vmcall");
}

/* HVM and PVH on AMD's and Hygon's CPUs; on others an undefined opcode. */
static inline long x86_xen_vmmcall(unsigned long number, unsigned long a1,
                                   unsigned long a2, unsigned long a3,
                                   unsigned long a4)
{
    X86_XEN_CALL("vmmcall");
}

#endif /* X86_XEN_CALL_H */
