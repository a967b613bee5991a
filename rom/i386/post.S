/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the firmware calls in POST, at 03h, of a ROM with state: takes the last
 * KiB of base memory and leaves their place in the image, which is RAM and can
 * still be written to. An original kernel gives a ROM no memory; this is below
 * 640 KiB, so it is mapped as the image is, and firmware reports it as reserved
 * by 40:13.
 *
 * Source: IBM PC/AT Technical Reference (40:13, base memory in KiB; 40:0E,
 *         segment of the EBDA); Plug and Play BIOS Specification 1.0A, 3.3
 *         (called with AX, BX, DX, ES:DI; returns in AX what it boots: 0).
 */
#include "rom_abi.h"

#define BDA_SEGMENT     0x40
#define BDA_EBDA        0x0e
#define BDA_MEMORY_KIB  0x13
/* Less than this is a machine that is not believed. */
#define LEAST_KIB       512
#define HEADER_BLOCKS   2

    .code16
    .section .text.rom_post, "ax", @progbits
    .globl rom_post
    .hidden rom_post
    .type rom_post, @function
rom_post:
    pushfl
    pushal
    pushw %ds
    pushw %es
    cld
    movw %cs, %ax
    movw %ax, %ds

    /* Read-only already, or a ROM in the strict sense: there is no state. */
    movl rom_state_delta, %ebx
    movl %ebx, %eax
    notl %eax
    movl %eax, rom_state_delta
    cmpl %eax, rom_state_delta
    movl %ebx, rom_state_delta
    jne 9f

    movw $BDA_SEGMENT, %ax
    movw %ax, %es
    movzwl %es:BDA_MEMORY_KIB, %eax
    cmpw $LEAST_KIB, %ax
    jb 9f
    cmpw $640, %ax
    ja 9f
    /* An EBDA below the end of base memory may be where ours would be. */
    movw %es:BDA_EBDA, %cx
    jcxz 1f
    movw %ax, %dx
    shlw $6, %dx                        /* segment of that end */
    cmpw %dx, %cx
    jb 9f
1:  subw $ROM_STATE_KIB, %ax
    movw %ax, %es:BDA_MEMORY_KIB

    /* EDX: physical address. */
    movl %eax, %edx
    shll $10, %edx
    shlw $6, %ax
    movw %ax, %es
    xorw %di, %di
    movw $(ROM_STATE_KIB * 1024 / 4), %cx
    xorl %eax, %eax
    rep stosl
    movl $ROM_STATE_MAGIC, %es:0
    movl %edx, %es:ROM_STATE_PADDR

    /* How far behind the image, or before it, as everybody maps the two. */
    xorl %eax, %eax
    movw %cs, %ax
    shll $4, %eax
    subl %eax, %edx
    movl %edx, rom_state_delta

    /* The sum of all bytes stays 0: what went in comes off the last byte. */
    xorl %eax, %eax
    movw $4, %cx
2:  addb %bl, %al
    subb %dl, %al
    shrl $8, %ebx
    shrl $8, %edx
    loop 2b
    movzbw HEADER_BLOCKS, %di
    shlw $9, %di
    addb %al, -1(%di)

9:  popw %es
    popw %ds
    popal
    popfl
    xorw %ax, %ax
    lretw

    .section .rodata.rom_state_delta, "a", @progbits
    .balign 4
    .globl rom_state_delta
    .hidden rom_state_delta
rom_state_delta:
    .long 0                             /* 0: there is no state */

    .section .note.GNU-stack, "", @progbits
