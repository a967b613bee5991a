/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What an i386 ROM answers: VMI_Init, GetRelocationInfo and its table, made
 * from the ROM's description; and the rules that the table must keep for
 * original Linux kernels (2.6.21 to 2.6.36), each an error here.
 */
#include "rom_abi.h"

/* As in abi/vmi.h; header.c compares. */
    .set NONE, 0
    .set CALL_REL, 1
    .set JUMP_REL, 2
    .set NOP, 3
/* In the upper byte of a table's type. */
    .set IF_READY, 0x100

    .macro rom_call name, type, routine, condition=0
    .ifndef type_\name
    .error "VMI has no call \name"
    .endif
    .set type_\name, \type
    .set flags_\name, \condition
    .set at_\name, \routine
    .endm

/* A call that the description leaves out. */
#define PVOPS_VMI_CALL(number, name) \
    .set type_##name, NONE; .set flags_##name, 0; .set at_##name, 0;
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL

#define ROM_CALL(name, type, routine) rom_call name, type, routine
#define ROM_CALL_IF_READY(name, type, routine) \
    rom_call name, type, routine, IF_READY
#include ROM_DEF

/* What a description must have. */
#ifndef ROM_MANUFACTURER
#error "the description lacks ROM_MANUFACTURER"
#endif
#ifndef ROM_PRODUCT
#error "the description lacks ROM_PRODUCT"
#endif
#ifndef ROM_LICENCE
#error "the description lacks ROM_LICENCE"
#endif
#ifndef ROM_VERSION_MAJOR
#error "the description lacks ROM_VERSION_MAJOR"
#endif
#ifndef ROM_VERSION_MINOR
#error "the description lacks ROM_VERSION_MINOR"
#endif
#ifndef ROM_STATE
#error "the description lacks ROM_STATE"
#endif

#include "rules.h"

    .section .rom.calls, "a"
    .balign 4
rom_calls:
#define PVOPS_VMI_CALL(number, name) \
    .if . - rom_calls != 4 * number; .error "calls out of order"; .endif; \
    .short at_##name, type_##name + flags_##name;
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
    .set CALLS, (. - rom_calls) / 4

    .section .rom.entry, "ax"
    .globl rom_entry
rom_entry:
#if ROM_STATE
    jmp rom_init_state
#else
    xorl %eax, %eax
    ret
#endif
    .org ROM_ENTRY_GET_RELOCATION - ROM_ENTRY_INIT
    jmp get_relocation
    .org ROM_ENTRY_POST - ROM_ENTRY_INIT
#if ROM_STATE
    .code16
    jmp rom_post
    .code32
#endif

/*
 * EAX = call; returns EDX:EAX: EAX the target's linear address, EDX its type;
 * both 0 if the ROM does not serve the call. Changes EAX, ECX, EDX.
 */
    .balign 16
get_relocation:
    xorl %edx, %edx
    cmpl $CALLS, %eax
    jae 1f
    call 0f
0:  popl %ecx
    subl $0b, %ecx                      /* where the image lies */
#if ROM_STATE
    testb $IF_READY >> 8, rom_calls + 3(%ecx, %eax, 4)
    jz 3f
    pushl %ecx
    pushl %eax
    call rom_ready
    testb %al, %al
    popl %eax
    popl %ecx
    movl $0, %edx
    jz 1f
3:
#endif
    movzbl rom_calls + 2(%ecx, %eax, 4), %edx
    movzwl rom_calls(%ecx, %eax, 4), %eax
    testl %eax, %eax
    jz 2f
    addl %ecx, %eax
    ret
1:  xorl %eax, %eax
2:  ret

    .section .note.GNU-stack, "", @progbits
