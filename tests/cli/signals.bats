#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Ctrl-C and SIGTERM in every phase: exit status 128 + signal, within seconds,
# and nothing is left. After SIGKILL the processes end by themselves.

load helpers
load fake-debian

# end_by SIGNAL STATUS: what was started, and it must end soon.
end_by() {
    local begin=$SECONDS
    kill "-$1" "$pid"
    finish
    [ "$status" -eq "$2" ] || fail "exit status is not $2"
    [ $((SECONDS - begin)) -le 5 ] || fail "it took $((SECONDS - begin)) s"
    [[ $output$stderr == *"interrupted"* ]] || fail "it does not say so"
}

interrupt() {
    end_by "$@"
    leaves_nothing
}

all_print() {
    local name
    for name; do
        grep -q "^PVLAB INFO" "logs/$name.log" || return
    done
}

@test "signal: while fetching" {
    local signal
    needs xen
    fake_debian 60
    for signal in "INT 130" "TERM 143" "HUP 129"; do
        rm -f downloads
        start run xen_pv "$GUESTS/pass.elf"
        wait_until test -s downloads
        # shellcheck disable=SC2086
        interrupt $signal
        [ "$(ls cache)" = lock ] || fail "half of it is left: $(ls cache)"
    done
}

@test "signal: while waiting for another run's fetching" {
    needs xen
    fake_debian 60
    mkdir cache
    start run xen_pv "$GUESTS/pass.elf"
    wait_until test -s downloads
    local first=$pid
    start run xen_pv "$GUESTS/pass.elf"
    wait_until grep -q "waiting for xen" err
    end_by TERM 143
    pid=$first
    kill -TERM "$pid"
    finish
    [ "$status" -eq 143 ] || fail "exit status is not 143"
}

@test "signal: while GRUB's ISO is made" {
    [ -r /usr/share/OVMF/OVMF_CODE_4M.fd ] || skip "OVMF is not installed"
    command -v grub-mkrescue || skip "grub-mkrescue is not installed"
    mkdir fake
    printf '#!/bin/sh\n: >%s/begun\nsleep 60\n' "$HERE" >fake/grub-mkrescue
    chmod +x fake/grub-mkrescue
    PATH=$HERE/fake:$PATH start run native "$GUESTS/pass.elf" --uefi
    wait_until test -e begun
    interrupt INT 130
}

@test "signal: while a guest runs" {
    start run native "$GUESTS/hang-spin.elf" --logs logs
    wait_until all_print native
    interrupt INT 130
    rm -r logs
    start run native "$GUESTS/hang.elf" --logs logs --json it.json
    wait_until all_print native
    interrupt TERM 143
    says "ERROR native: interrupted"
    grep -q '"reason": "interrupted"' it.json
}

@test "signal: while an outer system starts (kvm)" {
    needs linux
    start run kvm "$GUESTS/pass.elf" --logs logs
    wait_until test -e logs/outer-kvm.log
    interrupt TERM 143
}

@test "signal: while a nested guest runs (kvm)" {
    needs linux
    start run kvm "$GUESTS/hang.elf" --logs logs
    wait_until all_print kvm
    interrupt INT 130
}

# To pvlab alone, as from a supervisor, and to all, as from a terminal.
@test "signal: while the lanes of a matrix run" {
    local whom
    for whom in alone all; do
        rm -rf logs
        set -m
        start matrix "$GUESTS/hang-spin.elf" --on native,native~pc --repeat 3 \
            --logs logs
        set +m
        wait_until all_print native.1
        case $whom in
        alone) interrupt TERM 143 ;;
        all)
            kill -INT -- "-$pid"
            finish
            [ "$status" -eq 130 ] || fail "exit status is not 130"
            ;;
        esac
        [[ $output == *"6 errors in "* ]] || fail "not all were interrupted"
        [[ $output != *"worker process died"* ]] || fail "a lane died"
        leaves_nothing
    done
}

@test "signal: --gdb waits, and ends" {
    local port=$((20000 + $$ % 20000))
    start run native "$GUESTS/pass.elf" --gdb "$port" --logs logs
    wait_until test -s logs/native.lab.log
    sleep 1
    interrupt TERM 143
    [ ! -s out ] || fail "it did not wait for gdb"
}

@test "SIGKILL: every QEMU ends by itself" {
    local verb
    for verb in "run native" "matrix --on native,native~pc"; do
        rm -rf logs
        # shellcheck disable=SC2086
        start $verb "$GUESTS/hang.elf" --logs logs
        wait_until all_print native
        descendants >before
        [ "$(wc -l <before)" -ge 2 ] || fail "no QEMU was seen"
        kill -KILL "$pid"
        finish
        [ "$status" -eq 137 ] || fail "exit status is not 137"
        wait_until no_descendant
        rm -r "$TMPDIR"/pvlab-*
    done
}
