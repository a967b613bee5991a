#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# rom info and rom check: what a ROM says, each rule that it breaks.
#
# Tried: each check_call() and verdict of lab/romprobe left out, and a rule of
# src/vmi_image.c: the line that it is for fails here.

load helpers

make_rom() {
    "$BATS_TEST_DIRNAME/make-rom" rom "$@"
}

# breaks TEXT 3|64 WORD...: this rule and no other.
breaks() {
    local text=$1
    shift
    make_rom "$@"
    pvlab rom check rom --timeout "${TIMEOUT:-20}"
    ends 5
    [ "$(grep -vc ': note: ' <<<"$output")" -eq 1 ] ||
        fail "$*: not one rule"
    [[ $output == *"rom: $text"* ]] || fail "$*: not the rule: $text"
}

sound() {
    make_rom "$@"
    pvlab rom check rom
    ends 0
    [[ $output == "rom: breaks no rule of VMI"* ]] || fail "$*: not sound"
}

@test "rom: sound ones of both APIs" {
    sound 3
    [ "$output" = "rom: breaks no rule of VMI 3.0" ] || fail "another line"
    sound 64
    [ "$output" = "rom: breaks no rule of VMI's 64-bit profile" ] ||
        fail "another line"
    sound 3 call 0 1 call 65 3 call 33 1 call 38 1 call 40 1 call 41 3
    sound 3 call 66 1 call 67 1 call 68 1 call 69 1 call 70 1
    sound 64 call 29 4 0 1 0x2e call 46 3 call 31 2 call 148 1
    sound 64 call 148 1 call 70 1 call 128 1
    sound 64 set 0xa0 01 call 128 1 call 129 1 call 130 1
}

@test "rom: a broken rule of the bytes is named" {
    local api
    for api in 3 64; do
        breaks "it does not begin with 55 AA" $api set 0 54
        breaks 'there is no "cVmi" at 08h' $api set 8 43
        breaks "its length is 0, or more than is there" $api set 2 20
        breaks "the checksum is not 0" $api sum 1
        breaks "the PCI structure is outside" $api set 0x18 fc1f
        breaks "the PnP header is outside" $api set 0x1a f01f
        breaks "a string is outside" $api set 0x111 80
        breaks "80h or 88h is empty" $api set 0x80 0000000000
    done
    breaks "it has no PCI structure" 3 set 0x18 0000
    breaks "the licence is neither" 3 set 0x110 67
    breaks "the hole at the top" 3 set 0x10 00000080
    breaks "03h is no code" 3 set 3 90909090
    breaks "its length is not a number of pages" 64 set 2 0f
    breaks "a reserved byte of the header is not 0" 64 set 0xa8 01
    breaks "its state is not a number of pages" 64 set 0x90 01
    breaks "the area of each CPU" 64 set 0x94 40000000
    breaks "flags are unknown" 64 set 0xa0 04
}

# Neither major: checked as VMI 3.0.
@test "rom: the version" {
    breaks "its API's major version is another" 3 set 0xd 0d
    breaks "its API's major version is another" 3 set 0xd ff
    sound 3 set 0xc ff
    sound 64 set 0xc ff
}

@test "rom: every broken rule has a line" {
    make_rom 3 set 0 00 set 0x110 67 set 0x80 0000000000 sum 5
    pvlab rom check rom
    ends 5
    [ "$(grep -vc ': note: ' <<<"$output")" -eq 4 ] || fail "not four lines"
    make_rom 64 set 0xa8 01 call 29 5
    pvlab rom check rom
    ends 5
    [ "$(grep -vc ': note: ' <<<"$output")" -eq 2 ] || fail "not two lines"
    : >rom
    pvlab rom check rom
    ends 5
    [[ $output == *"rom: it is shorter than a header"* ]] || fail "not short"
    head -c 300 /dev/zero >rom
    pvlab rom check rom
    ends 5
    [[ $output == "rom is no VMI ROM: neither 55 AA"* ]] || fail "not said"
    make_rom 3
    truncate -s 130561 rom
    pvlab rom check rom
    ends 5
    [[ $output == *"the file is larger than a VMI ROM can be: 130560"* ]] ||
        fail "too large, not said"
}

@test "rom: answers of VMI 3.0" {
    breaks "call 33 (IRET) is NONE: Linux has nothing of its own" 3 call 33 0
    breaks "call 33 (IRET) is NOP: Linux has nothing of its own" 3 call 33 3
    breaks "call 34 (SYSEXIT) is NONE: Linux has nothing" 3 call 34 0
    breaks "call 5 (SetIDT) is JUMP_REL: only IRET and SYSEXIT" 3 call 5 2
    breaks "call 31 (GetInterruptMask) is NONE: Linux 2.6.21" 3 call 31 0
    breaks "call 30 (DisableInterrupts) is NOP: Linux 2.6.21" 3 call 30 3
    breaks "call 29 (EnableInterrupts) is NOP: interrupts" 3 call 29 3
    breaks "call 32 (SetInterruptMask) is NOP: interrupts" 3 call 32 3
    breaks "call 40 (UpdatePxE) is NONE: Linux calls both" 3 call 38 1
    breaks "call 39 (SetPxELong) is NONE: Linux calls both" 3 call 41 1
    breaks "call 41 (UpdatePxELong) is NOP: Linux calls both" \
        3 call 39 1 call 41 3
    breaks "call 21 (GetCR3) is NOP: Linux calls an empty function" 3 call 21 3
    breaks "call 0 (CPUID) is NOP: Linux calls an empty function" 3 call 0 3
    breaks "call 6 (SetTR) is NOP: Linux calls an empty function" 3 call 6 3
    breaks "call 71 (WallclockUpdated) is NOP: Linux calls" 3 call 71 3
    breaks "call 68 (SetAlarm) is NOP: Linux calls an empty" 3 call 68 3
    sound 3 call 4 3 call 47 3 call 65 3
    breaks "call 45 (ReleasePage) is NONE: Linux calls both" 3 call 44 1
    breaks "call 13 (WriteIDTEntry) is NONE: Linux 2.6.26" 3 call 12 1
    breaks "call 69 (CancelAlarm) is NONE: who serves GetCycleFrequency" \
        3 call 66 1 call 67 1 call 68 1 call 70 1
    breaks "call 66 (GetCycleFrequency) is NOP: who serves" \
        3 call 66 3 call 67 1 call 68 1 call 69 1 call 70 1
    breaks "call 9 (GetIDT) is of an unknown type: 4" 3 call 9 4 0 0 0
    breaks "call 19 (GetCR0) is CALL_REL: its target is outside" 3 far 19 1
    breaks "call 74 (no call) is CALL_REL: this version" 3 call 74 1
    breaks "Init returns 7, not 0" 3 init b807000000c3
}

@test "rom: answers of the 64-bit profile" {
    breaks "call 29 (EnableInterrupts) is of an unknown type: 5" 64 call 29 5
    breaks "call 33 (IRET) is NOP: a kernel cannot go on" 64 call 33 3
    breaks "call 29 (EnableInterrupts) is INLINE: a kernel cannot go on" \
        64 call 29 4 0 0 0x2e
    breaks "call 29 (EnableInterrupts) is CALL_REL: its target" 64 far 29 1
    breaks "call 29 (EnableInterrupts) is INLINE: its body has 7" \
        64 call 29 4 0 7 0x2e
    breaks "call 29 (EnableInterrupts) is INLINE: f2 is no redundant" \
        64 call 29 4 0 1 0xf2
    breaks "call 29 (EnableInterrupts) is INLINE: 66 is no redundant" \
        64 call 29 4 0 1 0x66
    breaks "call 29 (EnableInterrupts) is INLINE: its body is outside" \
        64 last 29 4 0 2 0x2e
    sound 64 last 29 4 0 1 0x2e
    breaks "call 4 (no call) is CALL_REL: this version" 64 call 4 1
    whole="set 0xa0 01 call 128 1 call 129 1 call 130 1"
    # shellcheck disable=SC2086
    breaks "call 69 (CancelAlarm) is NONE: another call of time" \
        64 $whole call 148 1 call 149 1 call 150 1 call 151 1 call 70 1
    # shellcheck disable=SC2086
    breaks "call 70 (GetWallclockTime) is NONE: another call of time" \
        64 $whole call 148 1 call 149 1 call 150 1 call 151 1 call 69 1
    breaks "call 149 (GetStolenNs) is CALL_REL: a partial ROM has no timer" \
        64 call 148 1 call 149 1
    breaks "call 148 (GetTimeNs) is NONE: another call of time" 64 call 70 1
    breaks "call 128 (Setup) is NOP: it can be CALL_REL alone" 64 call 128 3
    breaks "call 130 (CPUTeardown) is NONE: a whole ROM has it" \
        64 set 0xa0 01 call 128 1 call 129 1
    breaks "Init returns 1" 64 init b801000000c3
    make_rom 64 set 0xa0 03 call 128 1 call 129 1 call 130 1
    pvlab rom check rom
    ends 5
    [ "$(grep -c 'a ROM for Xen PV answers for every call' <<<"$output")" \
        -eq 44 ] || fail "not each of 44 calls"
}

@test "rom: a ROM that does not fit is not asked, and that is said" {
    make_rom 64 init b802000000c3
    pvlab rom check rom
    ends 0
    [[ $output == *"note: Init says that the ROM does not fit here"* ]] ||
        fail "no reason"
    [[ $output == *"that can be told without its answers"* ]] || fail "all told"
    make_rom 64 init b803000000c3
    pvlab rom check rom
    ends 0
    [[ $output == *"note: Init says that this machine lacks what it needs"* ]] ||
        fail "no reason"
}

@test "rom: code that does not keep, hangs, faults, writes" {
    breaks "Init does not keep RBX" 64 init 31db31c0c3
    breaks "Init does not keep EDI" 3 init 31ff31c0c3
    breaks "Init does not keep the direction flag" 3 init fd31c0c3
    breaks "GetRelocationInfo does not keep R15" 64 ask 4d31ff31c031d2c3
    TIMEOUT=5 breaks "Init never comes back" 3 init ebfe
    breaks "Init ends the machine" 64 init 0f0b
    breaks "GetRelocationInfo for call 0 (CPUID) ends the machine" 64 ask 0f0b
    TIMEOUT=5 breaks "03h never comes back to the BIOS" 3 set 3 eb1b set 0x20 ebfe
    # mov $6, %al; out %al, $0xcf9 by DX: a reset
    breaks "03h ends the machine" 3 set 3 eb1b set 0x20 baf90cb006ee
    # movb $1, 0(%rip), at a byte that is nothing: 300h
    breaks "the ROM writes to its own image" 64 \
        init c6057901000001 set 0x187 31c0c3
    # The answer depends on how often: incl at 300h; CALL_REL or NOP.
    make_rom 64 ask \
        ff053a0100008b0534010000c1e80883e00183c00289c2488d0515000000c3
    pvlab rom check rom
    ends 5
    [[ $output == *"asked again, the answer is another"* ]] || fail "believed"
}

@test "rom: what Init finds: its state and CPU's area zeroed, panic" {
    # mov %gs:40h, %eax: else an interrupt vector of the BIOS's
    sound 64 set 0x94 4000000040000000 set 0x9c 67 init 658b042540000000c3
    # mov 56(%rdi), %rax; lea 110h(%rip), %rdi; call *%rax
    breaks "GPL v2" 64 init 488b4738488d3d85ffffffffd0
    # movzbl 2000h(%rip), %eax: what the file has there is not the image's
    make_rom 64 init 0fb605791e0000c3
    echo more >>rom
    pvlab run native "$(dirname "$PVLAB")/../libexec/pvlab/romprobe-64.elf" \
        --initrd rom --logs "$LOGS"
    ends 0
    make_rom 64 set 0xa8 01
    pvlab run native "$(dirname "$PVLAB")/../libexec/pvlab/romprobe-64.elf" \
        --initrd rom --logs "$LOGS"
    ends 5
    [[ $output == *"PVLAB FAIL found a reserved byte of the header"* ]] ||
        fail "not the rule"
}

@test "rom: info, at 80 columns" {
    make_rom 64 set 0xa4 2001 set 0x120 6b766d00 set 0x94 40000000 \
        set 0x9c 67 call 31 4 0 1 0x2e call 39 1
    pvlab rom info rom
    ends 0
    [ -z "$stderr" ] || fail "something is on stderr"
    [ "$(awk 'NR > 1 && length > 80' <<<"$output")" = "" ] || fail "too wide"
    local text
    for text in "rom: VMI's 64-bit profile, 8192 bytes" \
        "SHA-256 $(sha256sum <rom | cut -d ' ' -f 1)" \
        "API version *64.0" 'licence *"GPL v2", at 0110h' \
        "80h, Init *jmp 0x180" "vendor and device *15ad:0801, VMware's VMI" \
        "ROM's own version *2.3" 'manufacturer *"maker", at 0118h' \
        "kind *partial" 'platform *"kvm", at 0120h' \
        "each CPU's area *64 bytes at %gs:0h" \
        "31 GetInterruptMask *INLINE *retq (1f0h)" \
        "39 SetPxELong *CALL_REL *1f0h" "NONE, the kernel's own: 0 to 3, 5" \
        "rom: breaks no rule"; do
        grep -q "$text" <<<"$output" || fail "lacks: $text"
    done
    make_rom 3 set 0x10 000000fc
    pvlab rom info rom
    ends 0
    grep -q "33 IRET *JUMP_REL *1f0h" <<<"$output" || fail "no IRET"
    grep -q "from fc000000h to 4 GiB: 64 MiB" <<<"$output" || fail "no hole"
}

@test "rom: info of a ROM that is broken says what can be said" {
    make_rom 3 set 2 ff
    pvlab rom info rom
    ends 5
    grep -q "its length is 0, or more than is there" <<<"$output" ||
        fail "no rule"
    grep -q "note: its code is not asked" <<<"$output" || fail "asked"
    # A control character steers no terminal.
    make_rom 3 set 0x111 1b5b
    pvlab rom info rom
    ends 5
    lacks $'\x1b' - <<<"$output"
}

@test "rom: info as JSON" {
    make_rom 64 call 31 4 0 1 0x2e
    pvlab rom info rom --json
    ends 0
    echo "$output" >json
    python3 - <<'END'
import json
d = json.load(open('json'))
assert d['header']['api_major'] == 64 and d['header']['licence'] == 'GPL v2'
assert d['pci']['rom_minor'] == 3 and d['pnp']['product'] == 'product'
assert d['profile']['whole'] is False and d['init'] == 0 and d['broken'] == []
by = {c['number']: c for c in d['calls']}
assert by[31] == {'number': 31, 'name': 'GetInterruptMask', 'type_number': 4,
                  'type': 'INLINE', 'target': 0x1f0, 'skip': 0, 'length': 1,
                  'pad': 0x2e}
assert by[0]['type'] == 'NONE' and len(by) == 47
END
    make_rom 64 init 0f0b
    pvlab rom info rom --json
    ends 5
    echo "$output" >json
    python3 -c "import json; d = json.load(open('json'))
assert d['init'] is None and d['calls'] is None and len(d['broken']) == 1"
    make_rom 3 sum 1
    pvlab rom info rom --json
    ends 5
    echo "$output" >json
    python3 -c "import json; d = json.load(open('json'))
assert d['broken'] == ['the checksum is not 0'] and d['calls'] is None
assert d['init'] is None and d['profile'] is None"
}

@test "rom: notes break no rule" {
    sound 3 set 0xc4 86800120
    [[ $output == *"note: PCI vendor and device"* ]] || fail "no note"
    sound 3 set 0x1a 0000
    [[ $output == *"note: no PnP header"* ]] || fail "no note"
    sound 3 set 0xe9 00
    [[ $output == *"note: the PnP header's own"* ]] || fail "no note"
    make_rom 64
    echo more >>rom
    pvlab rom check rom
    ends 0
    [[ $output == *"note: the file goes on"* ]] || fail "no note"
}

@test "rom: no file, a folder, no QEMU" {
    pvlab rom info missing
    one_sentence 4 "missing: cannot be opened"
    mkdir folder
    pvlab rom check folder
    one_sentence 4 "folder: is a directory"
    make_rom 3
    PATH=$(path_without 'qemu-system-*') pvlab rom check rom
    one_sentence 4 "rom: qemu-system-x86_64 is not installed"
}

@test "rom: --on another platform" {
    needs xen
    make_rom 64 call 31 4 0 1 0x2e
    pvlab rom check rom --on xen_pv
    ends 0
    [ "$output" = "rom: breaks no rule of VMI's 64-bit profile" ] ||
        fail "not asked there"
    make_rom 64 init 0f0b
    pvlab rom check rom --on xen_pv
    ends 5
    [[ $output == *"rom: Init never comes back, or ends the machine"* ]] ||
        fail "it ran"
}

# 127.5 KiB: SeaBIOS has no room for it beside QEMU's own.
@test "rom: too large for a BIOS; wrong in more ways than are shown" {
    make_rom 3 set 2 ff
    truncate -s 130560 rom
    pvlab rom check rom
    ends 5
    [[ $output == *"rom: the BIOS keeps no VMI ROM at C0000h"* ]] ||
        fail "it was found"
    # incl at 300h, whose low byte, at least 80h, is the type: never the same.
    make_rom 64 ask ff053a0100008b153401000080ca80c3
    pvlab rom check rom
    ends 5
    [[ $output == *"rom: and more; no more are shown"* ]] || fail "not cut"
}

@test "rom: usage" {
    pvlab rom
    one_sentence 2 "rom wants info or check, and a ROM"
    pvlab rom info
    one_sentence 2 "rom wants info or check, and a ROM"
    pvlab rom look file
    one_sentence 2 "rom wants info or check, not 'look'"
    pvlab rom info a b
    one_sentence 2 "nothing is expected after 'a', but 'b' is there"
    pvlab rom check a --json
    one_sentence 2 "--json belongs to rom info"
    pvlab rom check a --timeout 0
    one_sentence 2 "--timeout wants a whole number from 1 to 86400, not '0'"
    pvlab rom check a --on nowhere
    one_sentence 2 "no platform 'nowhere'"
}
