/* SPDX-License-Identifier: MIT */
/*
 * How a VCPU of a PV domain goes down, and on when it is brought up again.
 *
 * Included as <x86/xen_down.h>: unit tests have no SYSCALL into a Xen.
 */
#ifndef X86_XEN_DOWN_H
#define X86_XEN_DOWN_H

#include "internal.h"

#include "abi/xen.h"

#include <x86/insn.h>
#include <x86/system.h>

#ifdef __x86_64__

/*
 * On no stack any more once 'bit' is set in '*word'. When the hypercall comes
 * back and '*state' is a ticket for 'vcpu', that is claimed, then 'begin' is
 * called on '*stack'; else it goes down again. Xen keeps the registers that are
 * used. An interrupt of libxenshim.a's would want a stack.
 */
static inline PVOPS_NORETURN void x86_xen_down(unsigned vcpu, uintptr_t *word,
                                               uintptr_t bit, unsigned *state,
                                               const uintptr_t *stack,
                                               void (*begin)(void))
{
    register unsigned index __asm__("r12") = vcpu;
    register unsigned *from __asm__("r13") = state;
    register void (*to)(void) __asm__("r14") = begin;
    register const uintptr_t *top __asm__("r15") = stack;

    if (PVOPS_XENSHIM)
        x86_cli();
    __asm__ volatile(
        "lock or %[bit], (%[word])\n\t"
        "xor %%ebp, %%ebp\n"
        "1: mov %[op], %%eax\n\t"
        "mov %[down], %%edi\n\t"
        "mov %%r12d, %%esi\n\t"
        "xor %%edx, %%edx\n\t"
        "syscall\n\t"
        "mov (%%r13), %%eax\n\t"
        "mov %%eax, %%ecx\n\t"
        "and %[mask], %%ecx\n\t"
        "lea (%%r12, %%r12), %%edx\n\t"
        "cmp %%edx, %%ecx\n\t"
        "jne 1b\n\t"
        "lea %c[claimed](%%rax), %%ecx\n\t"
        "lock cmpxchg %%ecx, (%%r13)\n\t"
        "jne 1b\n\t"
        "mov (%%r15), %%rsp\n\t"
        "push $0\n\t"
        "jmp *%%r14"
        :
        : [bit] "b"(bit), [word] "r"(word), "r"(index), "r"(from), "r"(to),
          "r"(top), [op] "i"(__HYPERVISOR_vcpu_op), [down] "i"(VCPUOP_down),
          [mask] "i"(PVI_START_INDEXES | PVI_START_CLAIMED),
          [claimed] "i"(PVI_START_CLAIMED)
        : "memory", "cc");
    __builtin_unreachable();
}

#endif

#endif /* X86_XEN_DOWN_H */
