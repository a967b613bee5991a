#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Multiboot1 kernels that not every loader takes: in an ELF64, in one marked
# for i386, with a flag that GRUB does not know.
#
# Damage tried: without GRUB's lines for the serial port "it printed nothing";
# without its halt the boot ends by the time-out; grub_door() that takes any
# ELF64 boots xen_hvm, to GRUB's "invalid arch-dependent ELF magic".

load helpers

# elf64 FILE: the 32-bit guest in an ELF64, as for x86-64.
elf64() {
    objcopy -O elf64-x86-64 "$GUESTS/pass-32.elf" "$1"
}

# marked_i386 FILE: e_machine is EM_386.
marked_i386() {
    elf64 "$1"
    printf '\003' | dd of="$1" bs=1 seek=18 conv=notrunc status=none
}

# with_flag_6 FILE: flags 0x42 for 2, and the checksum.
with_flag_6() {
    local at
    elf64 "$1"
    at=$(grep -obUaP '\x02\xb0\xad\x1b\x02\x00\x00\x00' "$1" | cut -d : -f 1)
    [ -n "$at" ] || fail "no header of flags 2"
    printf '\x42\0\0\0\xbc\x4f\x52\xe4' |
        dd of="$1" bs=1 seek=$((at + 4)) conv=notrunc status=none
}

@test "doors: Multiboot1 in an ELF64 is for GRUB" {
    elf64 kernel
    pvlab run native kernel --logs "$LOGS"
    ends 0
    lacks "'-kernel'" "$LOGS/native.lab.log"
    lacks "error" "$LOGS/native.log"
    pvlab run kvm~microvm kernel
    ends 3 "SKIP kvm~microvm: QEMU takes no x86-64 ELF that has a Multiboot1 header"
}

@test "doors: an ELF64 marked for i386 is for QEMU" {
    marked_i386 kernel
    pvlab run native kernel --logs "$LOGS"
    ends 0
    grep -q "'-kernel'" "$LOGS/native.lab.log"
    pvlab run xen_hvm kernel
    ends 3 "SKIP xen_hvm: GRUB takes no ELF64 that is marked for i386"
}

@test "doors: GRUB's error is the reason" {
    with_flag_6 kernel
    pvlab run native kernel --logs "$LOGS" --timeout 50
    ends 6 "powered off before its PVLAB END line; last line \"error: unsupported flag: 0x42.\""
    grep -aq "^error: unsupported flag" "$LOGS/native.log"
}
