#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --rom and the platforms vmi and vmi64: where a ROM goes in, where it cannot,
# and files that are none. What a kernel makes of it is tests/rom's.
#
# Damage tried: check_roms() not called; plan->packed left out of wrap_in_iso();
# kernel_bits() always 0; own_rom in one static buffer; the ROM's path without
# its commas doubled; rom_there() always true.

load helpers

# rom API BYTES FILE: a right header and checksum; Init and GetRelocationInfo
# answer 0. Length, checksum and API are the bytes 2, 7 and 13.
rom() {
    local blocks=$(($2 / 512)) sum
    {
        printf '\x55\xaa%b\xcb\0\0\0\0cVmi\0%b' \
            "\\x$(printf %x "$blocks")" "\\x$(printf %x "$1")"
        head -c $((0x80 - 14)) /dev/zero
        printf '\x31\xc0\xc3\0\0\0\0\0\x31\xc0\xc3\0\0\0\0\0'
        head -c $(($2 - 0x90)) /dev/zero
    } >"$3"
    sum=$(od -An -v -tu1 -w1 "$3" | awk '{ s += $1 } END { print 256 - s % 256 }')
    printf '%b' "\\x$(printf %x $((sum % 256)))" |
        dd of="$3" bs=1 seek=7 conv=notrunc status=none
}

wrong() {
    local text=$1
    shift
    pvlab "$@" --logs "$LOGS"
    one_sentence 2 "$text"
    [ ! -e "$LOGS" ] || fail "something was started"
}

skips() {
    local text=$1
    shift
    pvlab "$@" --logs "$LOGS"
    ends 3 "SKIP $text"
    [ -z "$output" ] || fail "something was booted"
}

@test "rom: files that are none" {
    : >empty
    rom 3 2048 large
    truncate -s 130561 large
    rom 3 2048 unsigned
    printf C | dd of=unsigned bs=1 seek=8 conv=notrunc status=none
    rom 13 2048 old
    wrong "--rom: cannot read nothing: No such file or directory" \
        run native debian --rom nothing
    wrong "--rom: 'acpi:' names no file: it wants FILE, acpi:FILE or region:FILE" \
        run native debian --rom acpi:
    wrong "--rom: 'foo:x' names no file: it wants FILE, acpi:FILE or region:FILE" \
        run native debian --rom foo:x
    wrong "--rom: cannot read .: Is a directory" run native debian --rom .
    wrong "--rom: empty is empty" run native debian --rom empty
    wrong "--rom: large is larger than a VMI ROM can be: 130560 bytes" \
        run native debian --rom large
    wrong "--rom: unsigned is no VMI ROM: there is no \"cVmi\" at byte 8" \
        run native debian --rom unsigned
    wrong "--rom: old has API major 13: there are 3" run native debian --rom old
    wrong "--rom: cannot read nothing: No such" \
        matrix debian --on native,kvm --rom acpi:nothing
    echo "{kernel: debian, on: {kvm: {rom: 'region:nothing'}}}" >pvlab.yaml
    wrong "--rom: cannot read nothing: No such" matrix --on native,kvm
}

@test "rom: ways that a ROM does not go" {
    rom 3 2048 i386
    rom 64 65536 x64
    wrong "--rom: acpi:i386: a ROM of VMI 3.0 is an option ROM, which no ACPI" \
        run native debian --rom acpi:i386
    wrong "--rom: acpi:x64 has 65536 bytes, but QEMU's ACPI tables have room for 65451" \
        run native debian --rom acpi:x64
    cp x64 json
    wrong "--json json would overwrite what is to be booted: json" \
        run native debian --rom region:json --json json
    mkdir a:b
    TMPDIR=$HERE/a:b pvlab run native "$GUESTS/pass.elf" --rom region:x64
    ends 4 "has a ':' in its name, which QEMU's -acpitable takes for the end"
    rmdir a:b
}

@test "rom: what a platform or kernel cannot take" {
    local pass=$GUESTS/pass.elf pass32=$GUESTS/pass-32.elf
    rom 3 2048 i386
    rom 64 4096 x64
    truncate -s 64K iso
    printf '\001CD001\001' | dd of=iso bs=32768 seek=1 conv=notrunc status=none
    skips "native: the ROM is for kernels of i386, and this one is of x86-64" \
        run native "$pass" --rom i386
    skips "native: the ROM is for kernels of x86-64, and this one is of i386" \
        run native "$pass32" --rom x64
    skips "native: UEFI leaves no option ROM where a kernel looks" \
        run native iso --uefi --rom i386
    skips "kvm~microvm: this machine has no option ROMs" \
        run kvm~microvm "$pass32" --rom i386
    skips "kvm~microvm: this machine has no ACPI" \
        run kvm~microvm "$pass" --rom acpi:x64
    skips "native: an ISO or disk brings its own modules: a 64-bit ROM goes" \
        run native iso --rom x64
    echo "custom: {mine: {command: ['true', '{kernel}']}}" >pvlab.yaml
    skips "mine: --rom has no meaning for a platform of your own" \
        run mine "$pass" --rom x64
}

@test "rom: what Xen cannot take" {
    needs xen
    needs linux
    rom 3 2048 i386
    rom 64 4096 x64
    local pass=$GUESTS/pass.elf
    skips "xen_pvh: a Xen PV or PVH domain has no option ROMs" \
        run xen_pvh "$pass" --rom i386
    skips "xen_hvm: Xen's loader of HVM domains takes no option ROM" \
        run xen_hvm "$pass" --rom i386
    skips "xen_pv: in a Xen PV domain no kernel looks for a ROM in ACPI" \
        run xen_pv "$pass" --rom acpi:x64
    skips "xen_domu_pvh: Xen and xl give a PVH domain no ACPI table but those" \
        run xen_domu_pvh "$pass" --rom acpi:x64
    skips "xen_pvh: Xen and xl give a PVH domain no ACPI table but those" \
        run xen_pvh "$pass" --rom region:x64
    skips "xen_hvm: the reserved region is in the machine's own firmware" \
        run xen_hvm "$pass" --rom region:x64
}

# matches FILE PATTERN...: its first line has them.
command_has() {
    local file=$1 pattern
    shift
    for pattern in "$@"; do
        head -n 1 "$file" | grep -qe "$pattern" || fail "no $pattern in $file"
    done
}

@test "rom: an option ROM, an ACPI table, a firmware, on QEMU's command line" {
    rom 3 2048 "a,b=c"
    rom 64 4096 x64
    pvlab run native "$GUESTS/pass-32.elf" --rom "a,b=c" --logs "$LOGS"
    ends 0
    command_has "$LOGS/native.lab.log" "'-option-rom' 'romfile=a,,b=c'"
    pvlab run native "$GUESTS/pass.elf" --rom acpi:x64 --logs "$LOGS"
    ends 0
    command_has "$LOGS/native.lab.log" "'-acpitable' 'file=[^']*/vmir-0'"
    lacks "'-bios'" "$LOGS/native.lab.log"
    pvlab run native~pc "$GUESTS/pass.elf" --rom region:x64 --logs "$LOGS"
    ends 0
    command_has "$LOGS/native~pc.lab.log" "'-acpitable' 'file=[^']*/vmir-0'" \
        "'-bios' '[^']*/firmware-0'"
}

@test "rom: one module for all loaders" {
    rom 64 4096 x64
    echo text >m
    pvlab run native "$GUESTS/pass.elf" --rom x64 --module m --logs "$LOGS"
    ends 0
    command_has "$LOGS/native.lab.log" "'-initrd' '[^',]*/initrd-0'"
}

# An ELF64 with Multiboot1 is GRUB's; "lines" and "packed" are what it is given.
@test "rom: one module for GRUB" {
    rom 64 4096 x64
    echo text >m
    objcopy -O elf64-x86-64 "$GUESTS/pass-32.elf" kernel
    mkdir fake
    cat >fake/grub-mkrescue <<END
#!/bin/sh
grep -v set "\$3/boot/grub/grub.cfg" >"$HERE/lines"
cp "\$3/initrd" "$HERE/packed"
exec $(command -v grub-mkrescue) "\$@"
END
    chmod +x fake/grub-mkrescue
    PATH=$HERE/fake:$PATH pvlab run native kernel --rom x64 --module m \
        --logs "$LOGS"
    ends 0
    [ "$(grep -c '^module' lines)" -eq 1 ] || fail "not one: $(cat lines)"
    cmp -s -n 4096 -i 120:0 packed x64 || fail "the ROM is not at byte 120"
    grep -aq pvops/mod/0 packed || fail "the module is not behind it"
}

@test "rom: vmi and vmi64 without their ROMs, with ones of another kind" {
    mkdir -p tree/bin tree/libexec
    cp "$PVLAB" tree/bin
    cp -r "$(dirname "$PVLAB")/../libexec/pvlab" tree/libexec
    PVLAB=tree/bin/pvlab
    rm -f tree/libexec/pvlab/*.rom
    pvlab list
    [[ $output == *"vmi-native.rom is not built (make rom)"* ]] || fail "vmi is"
    [[ $output == *"vmi64-native.rom is not built (make rom)"* ]] ||
        fail "vmi64 is"
    skips "vmi: vmi-native.rom is not built (make rom)" \
        run vmi "$GUESTS/pass-32.elf"
    rom 3 2048 tree/libexec/pvlab/vmi-native.rom
    rom 64 4096 tree/libexec/pvlab/vmi64-native.rom
    pvlab list --json
    json=$output
    python3 - "$json" <<'END' || fail "list --json"
import json, sys
rows = {row["platform"]: row for row in json.loads(sys.argv[1])}
assert rows["vmi"]["ready"] and rows["vmi64"]["ready"], rows
END
    skips "vmi: the ROM is for kernels of i386, and this one is of x86-64" \
        run vmi "$GUESTS/pass.elf"
    skips "vmi64: the ROM is for kernels of x86-64, and this one is of i386" \
        run vmi64 "$GUESTS/pass-32.elf"
    cp tree/libexec/pvlab/vmi64-native.rom x64
    skips "vmi64: vmi64 has a ROM of its own: --rom is for the other" \
        run vmi64 "$GUESTS/pass.elf" --rom x64
    pvlab matrix "$GUESTS/pass.elf" "$GUESTS/pass-32.elf" --on vmi,vmi64 \
        --logs "$LOGS"
    [ "$status" -eq 3 ] || fail "the worst is SKIP"
    [[ $output == *"2 passed, 2 skipped in "* ]] || fail "not two and two"
    command_has "$LOGS/vmi.pass-32.lab.log" "'romfile=[^']*/vmi-native.rom'"
    command_has "$LOGS/vmi64.pass.lab.log" "'-initrd' '[^',]*/initrd-1'"
}
