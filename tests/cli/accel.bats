#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --accel: what was chosen is said, with the seconds that decided it.
#
# Tried: the probe's disk made read-only (QEMU refuses it) fails the first.

load helpers

@test "accel: auto measures, or says why it cannot" {
    run "$PVLAB" run native "$GUESTS/pass.elf" --accel auto </dev/null
    [ "$status" -eq 0 ] || fail "status $status: $output"
    if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
        grep -Eq "(software CPU|KVM) chosen: the speed probe took [0-9]" \
            <<<"$output" || fail "no figures: $output"
    else
        grep -q "software CPU chosen: /dev/kvm cannot be opened" \
            <<<"$output" || fail "no reason: $output"
    fi
}

@test "accel: tcg says nothing of KVM" {
    run "$PVLAB" run native "$GUESTS/pass.elf" --accel tcg </dev/null
    [ "$status" -eq 0 ]
    [[ $output != *chosen* ]] || fail "$output"
}
