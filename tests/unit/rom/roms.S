/* SPDX-License-Identifier: MIT */
/*
 * The ROMs as they were built, in the tests' programs.
 */
    .section .rodata
    .macro rom symbol, file
    .globl \symbol, \symbol\()_end
    .balign 16
\symbol:
    .incbin "\file"
\symbol\()_end:
    .endm
    rom rom_native, ROM_DIR/vmi-native.rom
    rom rom_timer, ROM_DIR/vmi-native-timer.rom
    rom rom_kvm, ROM_DIR/vmi-kvm.rom

    .globl rom_timer_delta, rom_kvm_delta
    .balign 4
rom_timer_delta: .long TIMER_DELTA
rom_kvm_delta: .long KVM_DELTA

    .section .note.GNU-stack, "", @progbits
