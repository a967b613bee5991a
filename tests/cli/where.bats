#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --where and --icount: what is counted is shown, also of a run that was ended,
# and what cannot be counted is refused before anything is booted.
#
# Damage tried: count_plan() not called; count_finish() called for PASS only.

load helpers

# counted HEADING: what the kernel executed in the only sample below it; no
# user program and no hypervisor is there.
counted() {
    local text pattern
    text=$(printf '%s' "$stderr" | tr -s '\n ' '  ')
    pattern="$1 native user 1 0 0 0 0 kernel 1 ([1-9][0-9]*) ([0-9]+) [0-9]+ 0"
    pattern+=" hypervisor 1 0 0 0 0 "
    [[ $text =~ $pattern ]] || fail "stderr lacks counts of: $1"
    [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "two of one sample"
    count=${BASH_REMATCH[1]}
}

@test "where: two runs count the same" {
    local first
    pvlab run native "$GUESTS/pass.elf" --logs "$LOGS" \
        --where --from guest_begin --to guest_end
    ends 0
    counted "guest_begin .. guest_end"
    first=$count
    pvlab run native "$GUESTS/pass.elf" --logs "$LOGS" \
        --where --from guest_begin --to guest_end
    ends 0
    counted "guest_begin .. guest_end"
    [ "$count" -eq "$first" ] || fail "first $first, then $count"
}

@test "where: the whole run" {
    pvlab run native "$GUESTS/pass.elf" --logs "$LOGS" --where --icount
    ends 0
    counted "the whole run"
    says "Instructions of the whole run, whoever executed them. native $count "
}

@test "where: a run that times out shows what it counted" {
    pvlab run native "$GUESTS/hang.elf" --logs "$LOGS" --timeout 5 \
        --where --from guest_begin --to guest_hang
    ends 6
    counted "guest_begin .. guest_hang"
}

@test "where: a pair that is never passed is an error" {
    pvlab run native "$GUESTS/pass.elf" --logs "$LOGS" \
        --where --from guest_begin --to guest_hang
    ends 4 "--where: nothing ran from guest_begin to guest_hang"
    says "native never passed"
}

@test "where: refused before anything is booted" {
    pvlab run native "$GUESTS/pass.elf" --logs "$LOGS" \
        --where --from no_such_symbol --to guest_end
    ends 4 "--from: $GUESTS/pass.elf: ELF has no symbol 'no_such_symbol'"
    [ -z "$(ls "$LOGS")" ] || fail "booted: $(ls "$LOGS")"
    pvlab run native "$GUESTS/pass.elf" --icount --accel kvm
    one_sentence 2 "--icount counts in QEMU's software CPU"
    cat >custom.yaml <<'END'
custom:
  mine:
    command: [cat, "{kernel}"]
END
    pvlab run mine "$GUESTS/pass.elf" --where --config custom.yaml \
        --logs "$LOGS"
    ends 3 "not in the launcher of a platform of your own"
}
