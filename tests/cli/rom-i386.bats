#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The i386 ROMs where firmware put them: tests/guest/vmi-rom asks them, and has
# alarms come, on a real PC's firmware and timers.
#
# Damage tried: the sum not balanced in post.S; LEAST_KIB 640; PIT_SILENCE
# without a count behind it (kvm); no rom_alarm_look() in time.c.

load helpers

# asked PLATFORM ROM PASSED
asked() {
    local rom=${PVLAB%/bin/pvlab}/rom/$2.rom
    LIMIT=300 pvlab run "$1" "$GUESTS/vmi-rom-32.elf" --rom "$rom" \
        --logs "$LOGS"
    ends 0
    [[ $output == *"PVLAB END passed=$3 failed=0"* ]] || fail "not $3 checks"
}

@test "rom-i386: without state; with it, and a clock and alarms" {
    asked native vmi-native 3
    [[ $output == *"PVLAB INFO base_memory=639"* ]] || fail "memory was taken"
    asked native vmi-native-timer 12
    [[ $output == *"PVLAB INFO base_memory=626"* ]] || fail "not 13 KiB"
}

@test "rom-i386: KVM's clock, on KVM alone" {
    asked native vmi-kvm 3
    needs linux
    asked kvm vmi-kvm 12
    asked kvm vmi-native-timer 12
}
