#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --gdb: said once the port is open; a port that cannot be had is told at once.

load helpers

free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

@test "gdb: the stub answers as soon as it is announced" {
    local port i
    port=$(free_port)
    for i in 1 2 3; do
        start run native "$GUESTS/pass.elf" --gdb "$port" --timeout 30 \
            --logs logs
        wait_until grep -q "target remote 127.0.0.1:$port" err
        exec 4<>"/dev/tcp/127.0.0.1/$port" || fail "nobody listens ($i)"
        printf '$D#44' >&4
        finish
        exec 4>&-
        ends 0
    done
}

@test "gdb: a port that another has" {
    local port platform holder
    needs xen
    port=$(free_port)
    python3 -c 'import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
open("held", "w").close()
time.sleep(60)' "$port" 3>&- &
    holder=$!
    wait_until test -e held
    for platform in native xen_pvh; do
        LIMIT=20 pvlab run "$platform" "$GUESTS/pass.elf" --gdb "$port" \
            --logs logs
        ends 4 "ERROR $platform: the machine monitor ended unexpectedly (exit 1): qemu-system-x86_64: -gdb tcp:127.0.0.1:$port: "
        [[ $stderr != *"target remote"* ]] || fail "gdb is called"
    done
    kill "$holder"
}
