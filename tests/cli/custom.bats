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
    cp serial.log old.log
    pvlab run mine "$GUESTS/pass.elf" --timeout 2
    ends 6 "CRASH mine: "
    cmp serial.log old.log || fail "the old file was changed"
}

@test "custom: a console file that is added to, truncated, replaced" {
    local how
    for how in ':' ': >serial.log; sleep 0.2' 'rm serial.log'; do
        printf 'PVLAB FAIL old\nPVLAB END passed=0 failed=1 skipped=0\n' \
            >serial.log
        launcher file:serial.log <<END
$how
printf 'PVLAB PASS new\nPVLAB END passed=1 failed=0 skipped=0\n' >>serial.log
sleep 60
END
        talk
        ends 0
        [[ $output == *"PVLAB PASS new"* ]] || fail "$how: the new text is lost"
        [[ $output != *old* ]] || fail "$how: the old text is there"
    done
}

@test "custom: what is no console file, no socket, is left alone" {
    launcher file:serial </dev/null
    mkfifo serial
    talk
    ends 4 "ERROR mine: the console serial is not a regular file"
    [ -p serial ] || fail "it is gone"
    launcher unix:notes </dev/null
    echo mine >notes
    talk
    ends 4 "ERROR mine: the console notes is there and is not a socket"
    [ -s notes ] || fail "it is gone"
}

@test "custom: launchers with one console file take turns" {
    launcher file:serial.log <<'END'
mkdir busy || exit 1
rm -f serial.log
sleep 0.5
printf 'PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0\n' >serial.log
rmdir busy
END
    pvlab matrix --on mine --repeat 4
    [ "$status" -eq 0 ] || fail "they meet"
    [[ $output == *"4 passed in "* ]] || fail "not all"
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
    [[ $output == *"./launch.sh: No such file or directory"* ]] ||
        fail "list does not say why"
    launcher stdio </dev/null
    pvlab list
    [[ $output == *"mine          ready "* ]] || fail "list says missing"
    sed -i 's|\[./launch.sh, "{kernel}"\]|["{kernel}"]|' pvlab.yaml
    pvlab list
    [[ $output == *"mine          ready "* ]] || fail "the kernel is missing"
}

@test "custom: the report has the kernel's digest, as it was" {
    cp "$GUESTS/pass.elf" k.elf
    launcher stdio <<'END'
echo more >>"$1"
printf 'PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0\n'
END
    pvlab run mine k.elf --json r.json
    ends 0
    grep -q "$(sha256sum <"$GUESTS/pass.elf" | cut -d ' ' -f 1)" r.json ||
        fail "another digest"
}

@test "custom: messages without end do not fill the log" {
    launcher stdio <<'END'
head -c 20000000 /dev/zero | tr '\0' x >&2
printf 'PVLAB PASS a\nPVLAB END passed=1 failed=0 skipped=0\n'
END
    talk
    ends 0
    [ "$(stat -c %s logs/mine.lab.log)" -lt 9000000 ] || fail "too long"
    grep -qa "no more are kept" logs/mine.lab.log || fail "not told"
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
