#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is not installed or cannot be fetched: SKIP with that reason, and the
# other platforms run.

load helpers
load fake-debian

matrix_skips_xen() {
    pvlab matrix "$GUESTS/pass.elf" --on native,xen_pv
    [ "$status" -eq 3 ] || fail "the worst is SKIP"
    output=$(printf '%s' "$output" | tr -s '\n ' '  ')
    [[ $output == *"SKIP xen_pv: $1"* ]] || fail "lacks: $1"
    [[ $output == *"1 passed, 1 skipped in "* ]] || fail "native did not run"
    [ "$(ls "$PVLAB_CACHE")" = lock ] || fail "something is in the cache"
}

@test "missing: no QEMU in PATH" {
    PATH=$(path_without 'qemu-system-*') pvlab run native "$GUESTS/pass.elf"
    ends 3 "SKIP native: qemu-system-x86_64 is not installed (Debian: qemu-system-x86)"
    [ -z "$output" ] || fail "something was booted"
}

@test "missing: no apt-get in PATH" {
    export PVLAB_CACHE=$HERE/cache
    PATH=$(path_without 'apt*') \
        matrix_skips_xen "cannot fetch xen from Debian: apt-get is missing"
}

@test "missing: apt-get cannot fetch" {
    needs xen
    broken_apt "E: Could not resolve 'packages'"
    matrix_skips_xen "cannot fetch xen from Debian: apt-get download xen-hypervisor-4.17-amd64: Could not resolve 'packages'"
}

@test "missing: apt-get fails without a word" {
    needs xen
    broken_apt ""
    matrix_skips_xen "cannot fetch xen from Debian: apt-get download xen-hypervisor-4.17-amd64: exit status 100"
}

@test "missing: apt knows no such package" {
    needs xen
    fake_debian
    printf '#!/bin/sh\n' >fake/apt-cache
    matrix_skips_xen "cannot fetch xen from Debian: apt knows no xen-system-amd64 (run apt-get update)"
}

@test "missing: a package that is broken" {
    needs xen
    fake_debian
    printf '#!/bin/sh\necho "dpkg-deb: no such archive" >&2\nexit 2\n' \
        >fake/dpkg-deb
    matrix_skips_xen "cannot fetch xen from Debian: dpkg-deb: no such archive"
}

@test "missing: no GRUB, for a kernel that boots by it alone" {
    [ -r /usr/share/OVMF/OVMF_CODE_4M.fd ] || skip "OVMF is not installed"
    PATH=$(path_without 'grub-*') pvlab run native "$GUESTS/pass.elf" --uefi
    ends 3 "SKIP native: missing"
}

@test "missing: list tells" {
    PATH=$(path_without 'qemu-system-*') pvlab list
    [ "$status" -eq 0 ] || fail "list failed"
    [[ $output == *"native        missing "* ]] || fail "native is ready"
    [[ $output == *"qemu-system-x86_64 is not installed"* ]] || fail "no why"
    [[ $output != *" ready "* ]] || fail "something is ready"
    pvlab list
    [[ $output == *"native        ready "* ]] || fail "native is missing"
}
