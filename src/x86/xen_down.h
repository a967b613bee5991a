/* SPDX-License-Identifier: MIT */
/*
 * How a VCPU of a PV domain goes down, and on when it is brought up again.
 *
 * Included as <x86/xen_down.h>: unit tests have no SYSCALL into a Xen.
 */
#ifndef X86_XEN_DOWN_H
#define X86_XEN_DOWN_H

#include "abi/xen.h"

#include <pvops/smp.h>

#ifdef __x86_64__

/*
 * On no stack any more once 'bit' is set in '*word'. When the hypercall comes
 * back and '*starting' is for 'vcpu', 'begin' is called on its stack. Xen keeps
 * the registers that are used.
 */
static inline PVOPS_NORETURN void
x86_xen_down(unsigned vcpu, uintptr_t *word, uintptr_t bit,
             const struct pvops_start *const volatile *starting,
             void (*begin)(const struct pvops_start *start))
{
    register unsigned index __asm__("r12") = vcpu;
    register const volatile void *from __asm__("r13") = starting;
    register void (*to)(const struct pvops_start *) __asm__("r14") = begin;

    __asm__ volatile(
        "xor %%ebp, %%ebp\n\t"
        "lock or %[bit], (%[word])\n"
        "1: mov %[op], %%eax\n\t"
        "mov %[down], %%edi\n\t"
        "mov %%r12d, %%esi\n\t"
        "xor %%edx, %%edx\n\t"
        "syscall\n\t"
        "mov (%%r13), %%rdi\n\t"
        "cmp %%r12d, %c[index](%%rdi)\n\t"
        "jne 1b\n\t"
        "mov %c[stack](%%rdi), %%rsp\n\t"
        "push $0\n\t"
        "jmp *%%r14"
        :
        : [bit] "b"(bit), [word] "r"(word), "r"(index), "r"(from),
          "r"(to), [op] "i"(__HYPERVISOR_vcpu_op), [down] "i"(VCPUOP_down),
          [index] "i"(offsetof(struct pvops_start, index)),
          [stack] "i"(offsetof(struct pvops_start, stack))
        : "memory", "cc");
    __builtin_unreachable();
}

#endif

#endif /* X86_XEN_DOWN_H */
