#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What comes on pvlab's stdin is typed on the guest's console.

load helpers

# feed TEXT PLATFORM: the text is typed once the guest is ready.
feed() {
    status=0
    : >out
    {
        wait_until grep -q "^ready" out
        printf '%b' "$1"
    } | env "$MARK" timeout -k 5 60 "$PVLAB" run "$2" \
        "$GUESTS/echo.elf" >out 2>err || status=$?
    output=$(cat out)
    stderr=$(cat err)
}

@test "console: lines are answered (native)" {
    feed 'hello\nworld\nquit\n' native
    ends 0
    [[ $output == *"echo: hello"*"echo: world"* ]] || fail "no answers"
}

# More than a UART's FIFO and one read of a pipe take.
@test "console: long lines arrive whole" {
    local line
    line=$(printf '%070d' 7)
    feed "$line\n$line\n$line\n$line\n$line\n$line\nquit\n" native
    ends 0
    [ "$(grep -c "echo: $line" out)" -eq 6 ] || fail "something is lost"
}

@test "console: lines are answered (kvm)" {
    needs linux
    feed 'hello\nquit\n' kvm
    ends 0
    [[ $output == *"echo: hello"* ]] || fail "no hello"
}

@test "console: no input, and the time is over" {
    pvlab run native "$GUESTS/echo.elf" --timeout 2
    ends 6 "CRASH native: "
    [[ $output == *"ready"* ]] || fail "it was not started"
}
