#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Platforms of the user's own: launchers with each kind of console.

load helpers

# launcher CONSOLE: the script on stdin is the launcher of platform "mine".
launcher() {
    {
        echo '#!/bin/sh'
        cat
    } >launch.sh
    chmod +x launch.sh
    cat >pvlab.yaml <<END
kernel: $GUESTS/pass.elf
custom:
  mine:
    command: [./launch.sh, "{kernel}"]
    console: $1
END
}

talk() {
    pvlab run mine "$GUESTS/pass.elf" --timeout 20 --logs logs "$@"
}

@test "custom: verdicts of a script (stdio)" {
    launcher stdio <<'END'
echo "PVLAB PASS $(basename "$1")"
echo "PVLAB END passed=1 failed=0 skipped=0"
END
    talk
    ends 0
    [[ $output == *"PVLAB PASS pass.elf"* ]] || fail "{kernel} is not it"
    launcher stdio <<'END'
echo "PVLAB FAIL check because"
echo "PVLAB END passed=0 failed=1 skipped=0"
END
    talk
    ends 5 "FAIL mine: "
    launcher stdio <<'END'
echo "PVLAB PASS half"
END
    talk
    ends 6 "CRASH mine: "
    launcher stdio <<'END'
echo "launcher: no such board" >&2
exit 7
END
    talk
    ends 4 "ERROR mine: the launcher ended unexpectedly (exit 7): launcher: no such board"
}

@test "custom: file, pty, unix" {
    command -v socat || skip "socat is not installed"
    launcher file:serial.log <<'END'
echo "not the console"
printf 'PVLAB PASS file\nPVLAB END passed=1 failed=0 skipped=0\n' >serial.log
sleep 60
END
    talk
    ends 0
    [[ $output != *"not the console"* ]] || fail "stdout is no console here"
    launcher pty <<'END'
test -t 0 && test -t 1 || exit 9
printf 'PVLAB PASS pty\nPVLAB END passed=1 failed=0 skipped=0\n'
END
    talk
    ends 0
    launcher unix:serial.sock <<'END'
printf 'PVLAB PASS unix\nPVLAB END passed=1 failed=0 skipped=0\n' |
    socat -u - UNIX-LISTEN:serial.sock
END
    talk
    ends 0
}

@test "custom: an old console file is not this guest's" {
    launcher file:serial.log <<'END'
sleep 60
END
    printf 'PVLAB PASS old\nPVLAB END passed=1 failed=0 skipped=0\n' \
        >serial.log
    pvlab run mine "$GUESTS/pass.elf" --timeout 2
    ends 6 "CRASH mine: "
}

@test "custom: a socket that never comes" {
    launcher unix:serial.sock <<'END'
exit 0
END
    talk
    ends 4 "ERROR mine: cannot read the console at serial.sock: No such file or directory"
}

@test "custom: a launcher that is not there" {
    launcher stdio </dev/null
    rm launch.sh
    talk
    ends 4 "ERROR mine: cannot start ./launch.sh: No such file or directory"
    pvlab list
    [[ $output == *"mine          missing "* ]] || fail "list says ready"
}

@test "custom: time-out ends it, and what it started" {
    launcher stdio <<'END'
sleep 600 &
echo "up"
sleep 600
END
    pvlab run mine "$GUESTS/pass.elf" --timeout 2
    ends 6 "CRASH mine: "
    leaves_nothing
}

@test "custom: what a launcher leaves behind ends with it" {
    launcher stdio <<'END'
sleep 600 >/dev/null 2>&1 </dev/null &
printf 'PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0\n'
END
    talk
    ends 0
    leaves_nothing
}

@test "custom: QEMU itself" {
    cat >pvlab.yaml <<END
kernel: $GUESTS/pass.elf
platforms: [qemu, qemu-socket]
custom:
  qemu:
    command: [qemu-system-x86_64, -nodefaults, -display, none, -serial, stdio,
        -accel, tcg, -no-reboot, -m, "{mem}", -kernel, "{kernel}"]
  qemu-socket:
    command: [qemu-system-x86_64, -nodefaults, -display, none, -serial,
        "unix:q.sock,server=on,wait=on", -accel, tcg, -no-reboot, -kernel,
        "{kernel}"]
    console: unix:q.sock
END
    pvlab matrix
    [ "$status" -eq 0 ] || fail "no PASS"
    [[ $output == *"2 passed in "* ]] || fail "not both"
    pvlab list --json
    [[ $output == *'"platform": "qemu-socket"'* ]] || fail "not listed"
}

@test "custom: a signal ends it" {
    launcher pty <<'END'
echo "PVLAB INFO begun"
sleep 600 &
sleep 600
END
    start run mine "$GUESTS/pass.elf" --logs logs
    wait_until grep -q begun logs/mine.log
    kill -INT "$pid"
    finish
    ends 130 "ERROR mine: interrupted"
}
