#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where the console and the table go: too much of it, a reader that has gone,
# a full device, a closed descriptor.

load helpers

@test "output: a guest that prints for ever" {
    status=0
    env "$MARK" timeout 200 "$PVLAB" run native "$GUESTS/flood.elf" \
        --logs logs --timeout 150 </dev/null 2>err > >(head -1 >first) ||
        status=$?
    stderr=$(cat err)
    ends 6 "CRASH native: "
    says "console output passed its limit"
    [ "$(stat -c %s logs/native.log)" -lt 9000000 ] || fail "a big log"
    grep -q "^PVLAB INFO" first
}

@test "output: the reader of the table has gone" {
    status=0
    env "$MARK" timeout 60 "$PVLAB" matrix "$GUESTS/fail.elf" --on native \
        </dev/null 2>err > >(exec <&-) || status=$?
    [ "$status" -eq 5 ] || fail "the verdict is lost"
}

@test "output: /dev/full" {
    local -a command
    for command in "run native $GUESTS/pass.elf" \
        "matrix $GUESTS/pass.elf --on native" "list" "list --json" \
        "run native $GUESTS/pass.elf --tap"; do
        status=0
        # shellcheck disable=SC2086
        env "$MARK" timeout 60 "$PVLAB" $command </dev/null >/dev/full \
            2>err || status=$?
        stderr=$(cat err)
        ends 4 "pvlab: cannot write stdout: No space left on device"
    done
}

# What is opened next must not get the console or the table.
@test "output: stdin, stdout and stderr closed" {
    status=0
    env "$MARK" timeout 60 "$PVLAB" run native "$GUESTS/pass.elf" \
        --logs run <&- >&- 2>&- || status=$?
    [ "$status" -eq 0 ] || fail "run: status $status"
    grep -q "^PVLAB END" run/native.log
    lacks "PVLAB END" run/native.lab.log
    lacks "PLATFORM" run/*
    status=0
    env "$MARK" timeout 60 "$PVLAB" matrix "$GUESTS/fail.elf" --on native \
        --logs matrix <&- >&- 2>&- || status=$?
    [ "$status" -eq 5 ] || fail "matrix: status $status"
    lacks "PLATFORM" matrix/*
}

@test "output: the log folder is a file" {
    : >file
    pvlab run native "$GUESTS/pass.elf" --logs file
    one_sentence 4 "pvlab: cannot make the log folder file: Not a directory"
}

@test "output: the report's folder goes while it boots" {
    mkdir gone
    start run native "$GUESTS/hang.elf" --json gone/x --junit gone/y \
        --logs logs --timeout 3
    wait_until test -s logs/native.log
    rmdir gone
    finish
    says "pvlab: cannot write gone/x: No such file or directory"
    says "pvlab: cannot write gone/y: No such file or directory"
}

@test "output: the console is on stdout and in the log, byte by byte" {
    pvlab run native "$GUESTS/two-words.elf" --logs logs
    ends 0
    [ "$output" = "$(cat logs/native.log)" ] || fail "they differ"
}
