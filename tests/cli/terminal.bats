#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# On a terminal of 80 columns: progress, table and reasons.

load helpers

# on_terminal COMMAND: its output, as bytes, in "seen".
on_terminal() {
    status=0
    env "$MARK" timeout -k 5 100 script -qec "stty cols 80; $1" /dev/null \
        </dev/null >seen || status=$?
}

# Lines as a terminal shows them, colours away; a path may be any length.
narrow() {
    tr '\r' '\n' <"$1" | sed 's/\x1b\[[0-9;]*[mK]//g' |
        grep -vE '^    log: ' | awk 'length > 80 { bad = 1; print }
            END { exit bad }'
}

@test "terminal: a table of 80 columns" {
    on_terminal "$PVLAB matrix $GUESTS/fail.elf --on native,native~pc"
    [ "$status" -eq 5 ] || fail "exit status"
    narrow seen || fail "a line is too long"
    grep -q "native~pc" seen
    # Progress was shown, and is cleared away.
    grep -qE $'\r\033\\[K[0-2]/2  [0-9]+ s' seen || fail "no progress"
}

@test "terminal: long reasons are wrapped" {
    pvlab matrix /bin/true --on native,native~pc
    printf '%s\n' "$output" >table
    narrow table || fail "a line is too long"
    lacks $'\033' table
}

@test "terminal: names that fill a line" {
    local one two
    one=$(printf 'a%.0s' {1..64})
    two=$(printf 'b%.0s' {1..64})
    cat >pvlab.yaml <<END
kernel: $GUESTS/pass.elf
platforms: [$one, $two]
timeout: 2
custom:
  $one: {command: [sleep, "60", "{disk}"]}
  $two: {command: [sleep, "60", "{disk}"]}
END
    on_terminal "$PVLAB matrix"
    [ "$status" -eq 6 ] || fail "exit status"
    grep -q "0/2 .*aaaaaaaa" seen
    tr '\r' '\n' <seen | grep -aE '^(.\[K)?[0-2]/2 ' >progress
    narrow progress || fail "a line is too long"
}

@test "terminal: colours, but not with NO_COLOR" {
    on_terminal "env -u NO_COLOR $PVLAB matrix $GUESTS/pass.elf --on native"
    grep -q $'\033\\[32mPASS' seen || fail "no colour"
    on_terminal "$PVLAB matrix $GUESTS/pass.elf --on native"
    lacks $'\033\\[32m' seen
}

@test "terminal: Ctrl-C typed at it" {
    {
        wait_until grep -qs "^PVLAB INFO" logs/native.log
        printf '\003'
        sleep 1
    } | env "$MARK" timeout -k 5 100 script -qec \
        "$PVLAB matrix $GUESTS/hang.elf --on native,native~pc --logs logs" \
        /dev/null >seen || status=$?
    [ "${status:-0}" -eq 130 ] || fail "exit status is not 130"
    grep -q "interrupted" seen
}
