/* SPDX-License-Identifier: MIT */
/*
 * A program of 32 bits: it writes two lines, one by INT 80h, one by the vDSO's
 * entry (AT_SYSINFO), which is SYSENTER, SYSCALL or INT 80h as the CPU has it.
 *
 * Source: Linux uapi/asm/unistd_32.h (1 exit, 4 write), uapi/linux/auxvec.h.
 */
    .set AT_SYSINFO, 32

    .section .rodata
by_int: .ascii "code32: INT 80h\n"
    .set by_int_bytes, . - by_int
by_vdso: .ascii "code32: the vDSO\n"
    .set by_vdso_bytes, . - by_vdso

    .text
    .globl _start
_start:
    mov $4, %eax
    mov $1, %ebx
    mov $by_int, %ecx
    mov $by_int_bytes, %edx
    int $0x80
    cmp $by_int_bytes, %eax
    jne fail

    /* argc, argv, NULL, envp, NULL, then pairs. */
    mov (%esp), %ecx
    lea 8(%esp,%ecx,4), %esi
1:  lodsl
    test %eax, %eax
    jnz 1b
2:  lodsl
    mov %eax, %edx
    lodsl
    test %edx, %edx
    jz fail
    cmp $AT_SYSINFO, %edx
    jne 2b

    mov %eax, %edi
    mov %esp, %ebp
    mov $0x12345678, %esi
    mov $4, %eax
    mov $1, %ebx
    mov $by_vdso, %ecx
    mov $by_vdso_bytes, %edx
    call *%edi
    cmp $by_vdso_bytes, %eax
    jne fail
    cmp $0x12345678, %esi
    jne fail
    cmp %esp, %ebp
    jne fail
    xor %ebx, %ebx
3:  mov $1, %eax
    int $0x80
fail:
    mov $1, %ebx
    jmp 3b

    .section .note.GNU-stack, "", @progbits
