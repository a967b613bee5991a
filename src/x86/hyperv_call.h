/* SPDX-License-Identifier: MIT */
/*
 * The instructions by which a guest calls Hyper-V. Which of the two it is, the
 * hypercall page says (hyperv_hypercall.c).
 *
 * 'in' and 'out' are physical addresses, or two words of operands in a fast
 * call. The hypervisor may change their registers, and in 64-bit mode R9 to
 * R11, as a function that is called may.
 *
 * Source: TLFS, "Hypercall Interface": hypercall inputs, register mapping.
 */
#ifndef X86_HYPERV_CALL_H
#define X86_HYPERV_CALL_H

#include <stdint.h>

#ifdef __x86_64__
#define X86_HYPERV_CALL(instruction)                                           \
    register uint64_t r8 __asm__("r8") = out;                                  \
    uint64_t result;                                                           \
                                                                               \
    __asm__ volatile(instruction                                               \
                     : "=a"(result), "+c"(control), "+d"(in), "+r"(r8)         \
                     :                                                         \
                     : "r9", "r10", "r11", "memory", "cc");                    \
    return result
#else
#define X86_HYPERV_CALL(instruction)                                           \
    uint32_t in_high = (uint32_t)(in >> 32), in_low = (uint32_t)in;            \
    uint32_t out_high = (uint32_t)(out >> 32), out_low = (uint32_t)out;        \
                                                                               \
    __asm__ volatile(instruction                                               \
                     : "+A"(control), "+b"(in_high), "+c"(in_low),             \
                       "+D"(out_high), "+S"(out_low)                           \
                     :                                                         \
                     : "memory", "cc");                                        \
    return control
#endif

static inline uint64_t x86_hyperv_vmcall(uint64_t control, uint64_t in,
                                         uint64_t out)
{
    X86_HYPERV_CALL("vmcall");
}

static inline uint64_t x86_hyperv_vmmcall(uint64_t control, uint64_t in,
                                          uint64_t out)
{
    X86_HYPERV_CALL("vmmcall");
}

#undef X86_HYPERV_CALL

#endif /* X86_HYPERV_CALL_H */
