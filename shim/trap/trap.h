/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts: the guest's go to its handlers.
 */
#ifndef SHIM_TRAP_TRAP_H
#define SHIM_TRAP_TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* The IDT; once, then on each CPU with its stacks. */
void trap_setup(void);
void trap_load(struct vcpu *vcpu);

/* To the guest for the first time, or again. */
__attribute__((noreturn)) void trap_leave(struct vcpu *vcpu);

/*
 * Put a frame on the guest's kernel stack, of which the rest is what it would
 * be after the CPU's own way into a kernel, and go on at a handler.
 */
void trap_bounce(struct vcpu *vcpu, uint64_t address, bool mask);
void trap_bounce_error(struct vcpu *vcpu, uint64_t address, bool mask,
                       uint32_t error_code);

/* The guest's own handler of an exception. */
void trap_inject(struct vcpu *vcpu, unsigned vector, uint32_t error_code);
void trap_inject_page_fault(struct vcpu *vcpu, uint64_t address,
                            uint32_t error_code);

/* From user mode to kernel mode: root and GS. */
void trap_enter_kernel(struct vcpu *vcpu);

/* False if the selector cannot be loaded; GS is then 0. */
bool trap_load_user_gs(uint16_t selector);

/* 0, or -XEN_E*. */
long trap_set_debug(struct vcpu *vcpu, unsigned number, uint64_t value);

/* Exceptions that may be an instruction to be carried out: emulate.c. */
bool trap_emulate_privileged(struct vcpu *vcpu);
bool trap_emulate_invalid(struct vcpu *vcpu);
bool trap_emulate_table_write(struct vcpu *vcpu, uint64_t address);

/* Known to assembly. */
void trap_upcall(void);

#endif /* SHIM_TRAP_TRAP_H */
