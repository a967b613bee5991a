/* SPDX-License-Identifier: MIT */
/*
 * The instructions by which a guest calls KVM: a number and four arguments in
 * registers, of which RAX alone is changed.
 *
 * Included as <x86/kvm_call.h>: unit tests have a KVM of their own.
 *
 * Source: Linux Documentation/virt/kvm/x86/hypercalls.rst.
 */
#ifndef X86_KVM_CALL_H
#define X86_KVM_CALL_H

/* "memory": it may end in another CPU that reads it. */
#define X86_KVM_CALL(instruction)                                              \
    __asm__ volatile(instruction                                               \
                     : "+a"(number)                                            \
                     : "b"(a0), "c"(a1), "d"(a2), "S"(a3)                      \
                     : "memory", "cc");                                        \
    return (long)number

/* On Intel's CPUs; on others KVM may have to rewrite it. */
static inline long x86_kvm_vmcall(unsigned long number, unsigned long a0,
                                  unsigned long a1, unsigned long a2,
                                  unsigned long a3)
{
    X86_KVM_CALL("vmcall");
}

/* On AMD's and Hygon's CPUs. */
static inline long x86_kvm_vmmcall(unsigned long number, unsigned long a0,
                                   unsigned long a1, unsigned long a2,
                                   unsigned long a3)
{
    X86_KVM_CALL("vmmcall");
}

#undef X86_KVM_CALL

#endif /* X86_KVM_CALL_H */
