/* SPDX-License-Identifier: MIT */
/*
 * libxenshim.a, for the kernel that it is linked into: docs/shim.md, "In the
 * kernel itself". For C and for assembly; Xen's own headers say the rest.
 *
 * The kernel runs in ring 0, so it must not load the selectors of ring 3 that
 * Xen's headers name: XENVER_get_features tells supervisor_mode_kernel. It must
 * not touch memory below its stack pointer (no red zone) and leave alone what
 * the shim has set up: CR3, CR4, descriptor tables, the MSRs of SYSCALL, the
 * local APIC. Interrupts are on; events are masked as under Xen.
 */
#ifndef XENSHIM_H
#define XENSHIM_H

/* CS and SS of the kernel; those of its programs are Xen's. */
#define XENSHIM_KERNEL_CS 0xe008
#define XENSHIM_KERNEL_SS 0xe010

/*
 * In the place of SYSCALL: CALL xenshim_hypercall, with the number in RAX and
 * the arguments in RDI, RSI, RDX, R10, R8, R9; the result is in RAX. RCX and
 * R11 are lost, and flags; all other registers are kept. It ends with RFLAGS.IF
 * set. HYPERVISOR_iret finds its frame where RSP is before the CALL.
 *
 * SYSCALL itself does the same, more slowly, uses no stack, and ends with all
 * of RFLAGS as it was. A page of hypercalls, by note or by MSR, is there too.
 */
#ifndef __ASSEMBLER__
#ifdef __cplusplus
extern "C" {
#endif

/* Not by a C call. */
void xenshim_hypercall(void);

/* Where loaders enter; the kernel is entered where its Xen note ENTRY says. */
void xenshim_entry(void);

#ifdef __cplusplus
}
#endif
#endif

#endif /* XENSHIM_H */
